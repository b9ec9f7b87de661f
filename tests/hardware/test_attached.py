"""Attached hardware as devices of the house, on gpiozero's mock pins and a tree of files."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from edge.devices.model import DeviceState, Outcome, ServiceCall
from edge.devices.registry import Change, ChangeKind, Registry
from edge.hardware.attached import Attached
from edge.hardware.safekeeping import FILE, Safe, make_noted_safe
from tests.hardware.pins import BME280, CPU, HWMON, ONE_WIRE, W1, entry, mock_pins, plant

PUMP = entry(kind="relay", pin=17, name="Pump", area="cellar", id="switch.pump", active_low=True)
LAMP = entry(kind="pwm", pin=18, name="Desk lamp")
VENT = entry(kind="servo", pin=12, name="Roof vent", device_class="window", move_s=0)
BELL = entry(kind="button", pin=5, name="Bell")


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    with mock_pins() as factory:
        yield factory


async def until(registry: Registry, is_so: Callable[[], bool]) -> None:
    """Wait for the registry to show something."""
    news = asyncio.Event()

    def heard(change: Change) -> None:
        news.set()

    end = registry.listen(heard)
    try:
        async with asyncio.timeout(10):
            while not is_so():
                await news.wait()
                news.clear()
    finally:
        end()


async def test_a_relay_is_safe_before_it_is_a_device_and_after_the_service(tmp_path: Path, pins: MockFactory) -> None:
    registry = Registry()
    async with Attached([PUMP], runtime=tmp_path) as attached:
        pin = pins.pin("GPIO17")
        assert (pin.function, bool(pin.state)) == ("output", True)  # low is on
        await attached.begin(registry)
        assert registry.state("switch.pump").state == "off"
        assert registry.devices["switch.pump"].area == registry.area_id("cellar")
        assert await attached.perform(ServiceCall("switch.pump", "turn_on")) is Outcome.DONE
        assert (bool(pin.state), registry.state("switch.pump").state) == (False, "on")
        assert await attached.perform(ServiceCall("switch.pump", "turn_on")) is Outcome.ALREADY
        assert await attached.perform(ServiceCall("switch.pump", "open_cover")) is Outcome.UNSUPPORTED
        assert await attached.perform(ServiceCall("switch.other", "turn_on")) is Outcome.UNAVAILABLE
    # On, then off as it has to be, then an input again, which the mock's resistor pulls down.
    assert [bool(one.state) for one in pin.states][-3:] == [False, True, False]
    assert pin.function == "input"


async def test_what_is_on_after_a_sudden_end_is_made_safe_by_another_process(tmp_path: Path, pins: MockFactory) -> None:
    attached = Attached([PUMP, LAMP, BELL], runtime=tmp_path)
    await attached.__aenter__()
    await attached.begin(Registry())
    await attached.perform(ServiceCall("switch.pump", "turn_on"))
    await attached.perform(ServiceCall("light.desk_lamp", "turn_on"))
    assert {one["pin"] for one in json.loads((tmp_path / FILE).read_text())} == {17, 18}
    await attached.__aexit__(None, None, None)
    pins.pin("GPIO17").drive_low()  # as SIGKILL leaves it where the kernel keeps outputs
    safe = await asyncio.to_thread(make_noted_safe, tmp_path)
    assert safe is not None
    assert safe.troubles == ()
    assert bool(pins.pin("GPIO17").state) is True
    assert pins.pin("GPIO18").state == 0


def test_without_outputs_there_is_nothing_to_make_safe(tmp_path: Path) -> None:
    assert make_noted_safe(tmp_path) is None
    (tmp_path / FILE).write_text("[{}]")
    assert make_noted_safe(tmp_path) == Safe((f"{tmp_path / FILE} can't be understood: 1 errors",))
    (tmp_path / FILE).write_text("[")
    assert "can't be read" in str(make_noted_safe(tmp_path))


async def test_lamps_are_dimmed_and_servos_take_positions(tmp_path: Path, pins: MockFactory) -> None:
    registry = Registry()
    async with Attached([LAMP, VENT], runtime=tmp_path) as attached:
        await attached.begin(registry)
        await attached.perform(ServiceCall("light.desk_lamp", "turn_on", {"brightness_pct": 25}))
        assert pins.pin("GPIO18").state == pytest.approx(0.25)
        assert registry.state("light.desk_lamp").attributes["brightness"] == 64
        await attached.perform(ServiceCall("light.desk_lamp", "turn_off"))
        await attached.perform(ServiceCall("light.desk_lamp", "turn_on"))
        assert pins.pin("GPIO18").state == pytest.approx(0.25)
        await attached.perform(ServiceCall("cover.roof_vent", "set_cover_position", {"position": 50}))
        assert pins.pin("GPIO12").state == pytest.approx(0.075)  # 1.5 of 20 ms
        assert registry.state("cover.roof_vent").attributes["current_position"] == 50
        assert registry.devices["cover.roof_vent"].device_class == "window"


async def test_a_door_opener_lets_go_by_itself(tmp_path: Path, pins: MockFactory) -> None:
    registry = Registry()
    door = entry(kind="relay", pin=22, name="Front door", id="lock.front_door", off_after_s=0.02)
    gate = entry(kind="relay", pin=23, name="Gate", id="button.gate", off_after_s=0.02)
    async with Attached([door, gate], runtime=tmp_path) as attached:
        await attached.begin(registry)
        assert await attached.perform(ServiceCall("button.gate", "press")) is Outcome.DONE
        assert await attached.perform(ServiceCall("lock.front_door", "unlock")) is Outcome.DONE
        assert registry.state("lock.front_door").state == "unlocked"
        await until(registry, lambda: registry.state("lock.front_door").state == "locked")
        assert not pins.pin("GPIO22").state
        assert [bool(one.state) for one in pins.pin("GPIO23").states][-2:] == [True, False]


async def test_a_button_is_a_binary_sensor(tmp_path: Path, pins: MockFactory) -> None:
    registry = Registry()
    async with Attached([BELL], runtime=tmp_path) as attached:
        await attached.begin(registry)
        assert registry.state("binary_sensor.bell").state == "off"
        pins.pin("GPIO5").drive_low()
        await until(registry, lambda: registry.state("binary_sensor.bell").state == "on")
        pins.pin("GPIO5").drive_high()
        await until(registry, lambda: registry.state("binary_sensor.bell").state == "off")
        assert await attached.perform(ServiceCall("binary_sensor.bell", "turn_on")) is Outcome.UNSUPPORTED


async def test_a_pin_that_is_taken_leaves_the_others_as_they_are(tmp_path: Path, pins: MockFactory) -> None:
    registry = Registry()
    wrong = entry(kind="led", pin=99, name="Nowhere")
    second = entry(kind="led", pin=17, name="Second")
    button = entry(kind="led", pin=4, name="Talking")
    entries = [PUMP, second, wrong, button]
    async with Attached(entries, runtime=tmp_path, reserved={4: "speech.button.pin"}) as attached:
        await attached.begin(registry)
        assert [problem.partition(":")[0] for problem in attached.problems] == ["hardware"] * 3
        said = " ".join(attached.problems)
        assert "GPIO 17 is Pump's already" in said
        assert "GPIO 4 is speech.button.pin's already" in said
        assert "GPIO 99" in said
        assert "such as 17" in said
        assert not registry.state("light.nowhere").available
        assert await attached.perform(ServiceCall("light.nowhere", "turn_on")) is Outcome.UNAVAILABLE
        assert await attached.perform(ServiceCall("switch.pump", "turn_on")) is Outcome.DONE
        assert attached.facts()["outputs"] == 2


async def test_all_sensors_of_a_kind_are_found_and_read(tmp_path: Path) -> None:
    registry = Registry()
    root = plant(tmp_path, ONE_WIRE | BME280 | CPU)
    tank = entry(kind="one_wire", source="28-000005e2fdc3", name="Tank", id="sensor.tank", add=-1.0, every_s=1)
    weather = entry(kind="iio", source="bme280", name="Weather", area="roof")
    reserved: list[str] = []
    async with Attached(
        [tank, weather, entry(kind="hwmon"), entry(kind="one_wire")], runtime=tmp_path, root=root
    ) as attached:
        await attached.begin(registry, reserve=reserved.append)
        await until(registry, lambda: len([one for one in registry.devices if registry.state(one).state]) == 5)
        states = {device: registry.state(device).state for device in registry.devices}
        assert states == {
            "sensor.tank": "20.062",
            "sensor.weather_temperature": "22.48",
            "sensor.weather_humidity": "43.5",
            "sensor.weather_pressure": "1013.25",
            "sensor.cpu_thermal_temperature": "48.312",
        }
        tank_device = registry.devices["sensor.tank"]
        assert (tank_device.name, tank_device.unit, tank_device.device_class) == ("Tank", "°C", "temperature")
        assert {*reserved} == {*registry.devices}
        assert registry.devices["sensor.weather_humidity"].area == registry.area_id("roof")


async def test_a_sensor_that_vanishes_is_unavailable_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registry = Registry()
    root = plant(tmp_path, ONE_WIRE)
    tank = entry(kind="one_wire", source="28-000005e2fdc3", name="Tank", every_s=1)
    async with Attached([tank], runtime=tmp_path, root=root) as attached:
        await attached.begin(registry)
        assert not registry.state("sensor.tank").available
        await until(registry, lambda: registry.state("sensor.tank").state == "21.062")
        assert attached.facts()["unread"] == {}
        (root / W1 / "temperature").write_text("")
        times = 0

        def count(change: Change) -> None:
            nonlocal times
            times += change.kind is ChangeKind.STATE and not change.state.available

        registry.listen(count)
        await until(registry, lambda: times >= 2)
        assert "28-000005e2fdc3" in attached.facts()["unread"]["sensor.tank"]
        (root / W1 / "temperature").write_text("19000")
        await until(registry, lambda: registry.state("sensor.tank") == heard("19", registry, "sensor.tank"))
    said = [record.message for record in caplog.records]
    assert said.count("hardware.sensor_lost") == 1
    assert registry.state("sensor.tank").available


def heard(state: str, registry: Registry, device: str) -> DeviceState:
    now = registry.state(device)
    return DeviceState(state, changed_s=now.changed_s, reported_s=now.reported_s)


async def test_a_sensor_that_is_not_there_is_told_with_what_to_look_at(tmp_path: Path) -> None:
    registry = Registry()
    cold = entry(kind="hwmon", source="cpu_thermal/temp1", name="Processor")
    async with Attached([cold], runtime=tmp_path, root=tmp_path) as attached:
        await attached.begin(registry)
        assert not registry.state("sensor.processor").available
        assert "overlays" in attached.facts()["unread"]["sensor.processor"]
        plant(tmp_path, {f"{HWMON}/name": "cpu_thermal"})
    assert registry.devices["sensor.processor"].name == "Processor"
