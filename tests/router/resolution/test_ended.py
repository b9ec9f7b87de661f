"""What has modes for names is ended as well as begun, though the network only knows how such things begin."""

import pytest

from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.router.model import RawCall, Slot, Span
from edge.router.resolution.places import Places
from edge.router.resolution.prepared import prepared
from edge.router.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()


@pytest.fixture
def home() -> Registry:
    registry = Registry()
    for number, name in enumerate(("Movie Mode", "Guest Mode", "End of Day", "Desk")):
        registry.put_device(Device(f"switch.s{number}", name, None))
    return registry


def read(home: Registry, text: str, target: str, function: str = "scene.turn_on") -> tuple[str, str]:
    """The function and the target that an order is made ready with."""
    start = text.index(target)
    call = RawCall(function, (Span(Slot.TARGET, target, start, start + len(target)),))
    (order,) = prepared([call], text, home, VOCABULARY, Places(home, None))
    return order.function.name, order.spans[0].text


@pytest.mark.parametrize(
    ("text", "target", "function", "name"),
    [
        ("turn off movie mode", "movie", "switch.turn_off", "movie mode"),
        ("turn movie mode off please", "movie mode", "switch.turn_off", "movie mode"),
        ("deactivate movie mode", "movie", "switch.turn_off", "movie mode"),
        ("please disable guest mode now", "guest", "switch.turn_off", "guest mode"),
        ("activate movie mode", "movie", "scene.turn_on", "movie mode"),
        ("start end of day", "end of day", "scene.turn_on", "end of day"),
        ("start end of day", "day", "scene.turn_on", "end of day"),
    ],
)
def test_modes_begin_and_end(home: Registry, text: str, target: str, function: str, name: str) -> None:
    assert read(home, text, target) == (function, name)


def test_a_name_grows_to_the_whole_of_one_and_no_further(home: Registry) -> None:
    assert read(home, "turn on movie mode desk thing", "movie", "switch.turn_on")[1] == "movie mode"
    assert read(home, "turn on the movie lamp", "movie", "switch.turn_on")[1] == "movie"
    assert read(home, "turn on the desk", "desk", "switch.turn_on")[1] == "desk"
