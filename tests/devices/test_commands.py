"""Functions become Home Assistant's services, device by device."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.commands import CommandError, moves_devices, services
from edge.devices.critical import is_critical
from edge.devices.model import Device, DeviceState, ServiceCall
from edge.router.vocabulary import load_vocabulary

NO_DEVICE = {"alarm", "assistant", "date", "reminder", "sensor", "state", "time", "timer", "todo", "weather"}
"""Domains whose functions the assistant carries out itself."""


class OneDevice:
    """A home with a single device."""

    def __init__(self, device: Device, state: DeviceState) -> None:
        self.devices: Mapping[str, Device] = MappingProxyType({device.id: device})
        self._state = state

    def state(self, device: str, /) -> DeviceState:
        return self._state if device in self.devices else DeviceState()


def build(function: str, device: str, state: str | None = None, /, **more: Any) -> tuple[str, dict[str, Any]] | None:
    """Service and data for one device; `attributes`, `options`, `unit`, … describe it, the rest are arguments."""
    attributes = more.pop("attributes", {})
    described = {key: more.pop(key) for key in ("options", "unit", "features", "device_class") if key in more}
    home = OneDevice(Device(device, "Thing", **described), DeviceState(state, attributes))
    calls = services(function, more, (device,), home)
    return (calls[0].service, dict(calls[0].data)) if calls else None


def test_every_function_that_moves_a_device_is_covered() -> None:
    functions = load_vocabulary().functions.values()
    movers = {one.name for one in functions if one.domain not in NO_DEVICE and one.kind == "act"}
    assert movers == {one.name for one in functions if moves_devices(one.name)}


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        ("light.turn_on", {}, ("turn_on", {})),
        ("light.set", {"brightness": 20}, ("turn_on", {"brightness_pct": 20})),
        ("light.set", {"brightness": 0}, ("turn_off", {})),
        ("light.set", {"color": "Dark Blue"}, ("turn_on", {"color_name": "darkblue"})),
        ("light.set", {"color": "warm white"}, ("turn_on", {"color_temp_kelvin": 2700})),
        (
            "light.set",
            {"color_temp": 4000, "brightness": 5},
            ("turn_on", {"brightness_pct": 5, "color_temp_kelvin": 4000}),
        ),
        ("light.set", {"effect": "rainbow"}, ("turn_on", {"effect": "rainbow"})),
        ("fan.set_speed", {"percentage": 140}, ("set_percentage", {"percentage": 100})),
        ("fan.set_mode", {"mode": "sleep"}, ("set_preset_mode", {"preset_mode": "sleep"})),
        ("fan.oscillate", {}, ("oscillate", {"oscillating": True})),
        ("cover.open", {}, ("open_cover", {})),
        ("cover.stop", {}, ("stop_cover", {})),
        ("cover.set_position", {"position": 30}, ("set_cover_position", {"position": 30})),
        ("cover.set_tilt", {"tilt_position": 40}, ("set_cover_tilt_position", {"tilt_position": 40})),
        ("valve.close", {}, ("close_valve", {})),
        ("lock.unlock", {}, ("unlock", {})),
        ("climate.set_temperature", {"temperature": 21}, ("set_temperature", {"temperature": 21})),
        ("climate.set_mode", {"mode": "cooling"}, ("set_hvac_mode", {"hvac_mode": "cool"})),
        ("climate.set_mode", {"mode": "eco"}, ("set_preset_mode", {"preset_mode": "eco"})),
        ("climate.set_fan_mode", {"fan_mode": "low"}, ("set_fan_mode", {"fan_mode": "low"})),
        ("humidifier.set_humidity", {"humidity": 45}, ("set_humidity", {"humidity": 45})),
        ("media_player.volume_set", {"volume_level": 30}, ("volume_set", {"volume_level": 0.3})),
        ("media_player.unmute", {}, ("volume_mute", {"is_volume_muted": False})),
        ("media_player.next", {}, ("media_next_track", {})),
        ("media_player.select_source", {"source": "HDMI 2"}, ("select_source", {"source": "HDMI 2"})),
        ("vacuum.return_to_base", {}, ("return_to_base", {})),
        ("lawn_mower.dock", {}, ("dock", {})),
        ("alarm_control_panel.arm", {"mode": "night"}, ("alarm_arm_night", {})),
        ("alarm_control_panel.arm", {}, ("alarm_arm_away", {})),
        ("alarm_control_panel.disarm", {"code": 1234}, ("alarm_disarm", {"code": "1234"})),
        ("number.set_value", {"value": "15"}, ("set_value", {"value": 15})),
        ("select.select_option", {"option": "eco"}, ("select_option", {"option": "eco"})),
        ("notify.send_message", {"message": "hello"}, ("send_message", {"message": "hello"})),
    ],
)
def test_functions_become_services(function: str, arguments: dict[str, Any], expected: tuple[str, Any]) -> None:
    assert build(function, f"{function.partition('.')[0]}.x", **arguments) == expected


@pytest.mark.parametrize(
    ("function", "state", "attributes", "arguments", "expected"),
    [
        ("light.dim", "on", {"brightness": 255}, {}, ("turn_on", {"brightness_pct": 75})),
        ("light.dim", "on", {"brightness": 5}, {}, ("turn_on", {"brightness_pct": 1})),
        ("light.dim", "on", {"brightness": 255}, {"brightness_step": 30}, ("turn_on", {"brightness_pct": 70})),
        ("light.dim", "off", {}, {}, None),
        ("light.brighten", "off", {}, {}, ("turn_on", {"brightness_pct": 25})),
        ("light.brighten", "on", {"brightness": 250}, {}, ("turn_on", {"brightness_pct": 100})),
        ("fan.increase_speed", "on", {"percentage": 50}, {}, ("set_percentage", {"percentage": 75})),
        ("fan.decrease_speed", "on", {"percentage": 20}, {}, ("set_percentage", {"percentage": 20})),
        ("fan.decrease_speed", "off", {}, {}, None),
        ("climate.increase_temperature", "heat", {"temperature": 20}, {}, ("set_temperature", {"temperature": 21})),
        (
            "climate.decrease_temperature",
            "heat",
            {"temperature": 20.5},
            {"temperature_step": 2},
            ("set_temperature", {"temperature": 18.5}),
        ),
        (
            "climate.increase_temperature",
            "heat_cool",
            {"target_temp_low": 19, "target_temp_high": 23},
            {},
            ("set_temperature", {"target_temp_low": 20, "target_temp_high": 24}),
        ),
        ("media_player.volume_up", "playing", {"volume_level": 0.95}, {}, ("volume_set", {"volume_level": 1.0})),
        ("media_player.volume_down", "playing", {}, {}, ("volume_down", {})),
        ("light.toggle", "on", {}, {}, ("turn_off", {})),
        ("cover.toggle", "opening", {}, {}, ("close_cover", {})),
    ],
)
def test_steps_go_by_the_state(
    function: str, state: str, attributes: dict[str, Any], arguments: dict[str, Any], expected: object
) -> None:
    assert build(function, f"{function.partition('.')[0]}.x", state, attributes=attributes, **arguments) == expected


def test_fahrenheit_steps_are_two_and_limits_hold() -> None:
    for unit, expected in (("°F", 72), ("°C", 71)):
        built = build(
            "climate.increase_temperature",
            "climate.x",
            "heat",
            attributes={"temperature": 70},
            unit=unit,
            options={"max": 72},
        )
        assert built == ("set_temperature", {"temperature": expected})


def test_a_temperature_spoken_in_the_other_unit_is_converted() -> None:
    built = build("climate.set_temperature", "climate.x", temperature=70, temperature_unit="fahrenheit", unit="°C")
    assert built == ("set_temperature", {"temperature": 21})


def test_a_step_from_nowhere_is_an_error_that_names_the_device() -> None:
    with pytest.raises(CommandError, match="Thing"):
        build("climate.increase_temperature", "climate.x", "heat")


def test_one_call_switches_devices_of_several_domains() -> None:
    assert build("light.turn_on", "switch.x") == ("turn_on", {})
    assert build("switch.turn_off", "cover.x") == ("close_cover", {})
    assert build("light.turn_on", "lock.x") == ("lock", {})
    assert build("light.turn_on", "script.x") == ("turn_on", {})


def test_a_cover_without_positions_is_opened_and_closed_for_them() -> None:
    features = frozenset({"open_cover", "close_cover"})
    assert build("cover.set_position", "cover.x", position=100, features=features) == ("open_cover", {})
    assert build("cover.set_position", "cover.x", position=0, features=features) == ("close_cover", {})


def test_what_moves_no_device_is_refused() -> None:
    with pytest.raises(CommandError):
        build("timer.start", "light.x")
    with pytest.raises(CommandError):
        services("light.turn_on", {}, ("light.gone",), OneDevice(Device("light.x", "X"), DeviceState()))


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text("0123456789.-einfa ", max_size=8)
)


@given(
    function=st.sampled_from(sorted(one for one in load_vocabulary().functions if moves_devices(one))),
    state=st.sampled_from([None, "on", "off", "open", "heat", "playing", "unavailable"]),
    arguments=st.dictionaries(st.sampled_from(sorted(load_vocabulary().arguments)), VALUES, max_size=4),
    attributes=st.dictionaries(
        st.sampled_from(["brightness", "percentage", "temperature", "volume_level", "current_temperature"]), VALUES
    ),
)
def test_rubbish_gives_a_clear_error_or_values_in_range(
    function: str, state: str | None, arguments: dict[str, Any], attributes: dict[str, Any]
) -> None:
    try:
        built = build(function, f"{function.partition('.')[0]}.x", state, attributes=attributes, **arguments)
    except CommandError:
        return
    if built is not None:
        for key in ("brightness_pct", "percentage", "position", "humidity", "tilt_position"):
            assert 0 <= built[1].get(key, 0) <= 100


@pytest.mark.parametrize(
    ("device", "call", "critical"),
    [
        (Device("lock.x", "X"), ServiceCall("lock.x", "unlock"), True),
        (Device("lock.x", "X"), ServiceCall("lock.x", "lock"), False),
        (Device("cover.x", "Garage Door"), ServiceCall("cover.x", "open_cover"), True),
        (Device("cover.x", "Garage Door"), ServiceCall("cover.x", "close_cover"), False),
        (
            Device("cover.x", "X", device_class="gate"),
            ServiceCall("cover.x", "set_cover_position", {"position": 5}),
            True,
        ),
        (Device("cover.x", "Blinds", device_class="blind"), ServiceCall("cover.x", "open_cover"), False),
        (Device("valve.x", "X"), ServiceCall("valve.x", "set_valve_position", {"position": 50}), True),
        (Device("valve.x", "X"), ServiceCall("valve.x", "set_valve_position", {"position": 0}), False),
        (Device("alarm_control_panel.x", "X"), ServiceCall("alarm_control_panel.x", "alarm_disarm"), True),
    ],
)
def test_what_lets_somebody_or_something_in_is_critical(device: Device, call: ServiceCall, critical: bool) -> None:
    assert is_critical(device, call) is critical
