"""Which series words are about: what is called by its name is never another one of its kind."""

from edge.assistant.asking.mentions import mentions
from edge.assistant.asking.subjects import Subjects, Wanted
from edge.devices import Device, DeviceState, Registry
from edge.sensors.history.model import Sort

STATES = Wanted(Sort.STATE, domains=frozenset({"binary_sensor"}))


def found(registry: Registry, text: str) -> list[str]:
    words = text.split()
    groups = Subjects(registry).groups(words, mentions(words, registry), (), STATES, None)
    return [one.device for group in groups for one in group]


def house(*devices: Device) -> Registry:
    registry = Registry()
    for device in devices:
        registry.put_device(device)
        registry.set_state(device.id, DeviceState("off"))
    return registry


GARAGE = Device("binary_sensor.garage_side_door", "Garage Side Door", device_class="door")
LOCK = Device("lock.front_door", "Front Door")


def test_another_door_is_no_answer_about_the_one_that_is_named() -> None:
    assert found(house(GARAGE, LOCK), "when was the front door last opened") == []


def test_the_only_door_there_is_was_meant_by_the_door() -> None:
    assert found(house(GARAGE, LOCK), "when was the door last opened") == [GARAGE.id]


def test_what_hangs_at_the_one_that_is_named_tells_of_it() -> None:
    contact = Device("binary_sensor.front", "Front Door Contact", device_class="door")
    assert found(house(GARAGE, LOCK, contact), "when was the front door last opened") == [contact.id]
