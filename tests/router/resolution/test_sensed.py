"""Which sensors words mean, and what a condition means in a home."""

import pytest

from edge.devices.model import Device
from edge.router.resolution.sensed import sensed
from edge.router.resolution.watched import watched
from edge.router.values.conditions import Relation, condition
from tests.router.phrases.home import home

HOME = home()


def found(text: str, area: str | None = None, *, every: bool = False) -> tuple[str, ...]:
    def rank(device: Device) -> int | None:
        return 0 if device.domain in ("sensor", "binary_sensor") else None

    one = sensed(text, HOME, area, rank, every=every)
    return (one.devices or one.choices) if one is not None else ()


@pytest.mark.parametrize(
    ("text", "devices"),
    [
        ("the freezer", ("sensor.freezer_temperature",)),
        ("the temperature of the freezer", ("sensor.freezer_temperature",)),
        ("the green house humidity", ("sensor.greenhouse_humidity",)),
        ("humidity in the greenhouse", ("sensor.greenhouse_humidity",)),
        ("the grenhouse humidity", ("sensor.greenhouse_humidity",)),
        ("bedroom carbon dioxide", ("sensor.bedroom_co2",)),
        ("front door", ("binary_sensor.front_door",)),
        ("the smoke detector", ("binary_sensor.smoke",)),
        ("it outside", ("sensor.outdoor_temperature", "sensor.tank", "binary_sensor.garden_motion")),
        ("the windows", ("binary_sensor.bedroom_window", "binary_sensor.kitchen_window")),
        ("any battery", ("sensor.hall_battery", "sensor.lock_battery")),
        ("the dragon", ()),
        ("the freezer dragon", ()),
        ("", ()),
        ("the", ()),
    ],
)
def test_every_word_has_to_be_explained(text: str, devices: tuple[str, ...]) -> None:
    assert set(found(text)) == set(devices)


def test_the_speakers_room_goes_before_others() -> None:
    assert len(found("the window")) == 2
    assert found("the window", "kitchen") == ("binary_sensor.kitchen_window",)


def test_all_of_a_place() -> None:
    every = found("the greenhouse", every=True)
    assert set(every) == {"sensor.greenhouse_temperature", "sensor.greenhouse_humidity"}


def meant(text: str, area: str | None = None) -> tuple[tuple[str, ...], Relation, object, float]:
    said = condition(text)
    assert said is not None
    one = watched(said, HOME, area)
    assert one is not None
    return one.devices or one.choices, one.means.relation, one.means.value, one.means.hold_s


def test_states_are_the_devices_own() -> None:
    assert meant("the front door opens")[:3] == (("binary_sensor.front_door",), Relation.IS, "on")
    assert meant("the garage door opens")[:3] == (("cover.garage_door",), Relation.IS, "open")
    assert meant("the front door is unlocked")[:3] == (("lock.front_door",), Relation.IS, "unlocked")
    assert meant("the TV is turned on")[:3] == (("media_player.tv",), Relation.IS_NOT, "off")
    assert meant("the TV isn't on")[:3] == (("media_player.tv",), Relation.IS, "off")
    assert meant("there is motion in the garden")[:3] == (("binary_sensor.garden_motion",), Relation.IS, "on")


def test_what_is_done_no_longer_takes_power() -> None:
    assert meant("the washer is finished") == (("sensor.washer_power",), Relation.BELOW, 5.0, 120)
    assert meant("the pump stops")[:3] == (("switch.pump",), Relation.IS, "off")


def test_a_unit_tells_which_sensor_of_a_place() -> None:
    assert meant("the greenhouse is above thirty")[0] == ("sensor.greenhouse_temperature",)
    assert meant("the greenhouse is above thirty percent")[0] == ("sensor.greenhouse_humidity",)


def test_a_unit_that_nothing_there_has_is_told_from_what_is_unknown() -> None:
    said = condition("the greenhouse humidity is above thirty degrees")
    assert said is not None
    one = watched(said, HOME, None)
    assert one is not None
    assert (one.devices, one.fits) == (("sensor.greenhouse_humidity",), False)
    unknown = condition("the attic is above thirty degrees")
    assert unknown is not None
    assert watched(unknown, HOME, None) is None
