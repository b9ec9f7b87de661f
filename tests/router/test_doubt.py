"""What was understood but not surely enough is asked back in words that a person would use."""

import pytest

from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.router.doubt import advice, is_it, terse, told_of
from edge.router.model import Call, RawCall, Slot, Span, Value
from edge.router.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()


@pytest.fixture
def home() -> Registry:
    registry = Registry()
    for number, name in enumerate(("Desk Lamp", "Anna's Lamp", "The Beast", "Floor Lamp", "Sink")):
        registry.put_device(Device(f"light.l{number}", name, None))
    return registry


@pytest.mark.parametrize(
    ("function", "arguments", "targets", "question"),
    [
        ("light.turn_on", {"name": "Desk Lamp"}, (0,), "Shall I turn on the Desk Lamp?"),
        ("light.set", {"brightness": 20}, (1,), "Shall I set Anna's Lamp to 20 percent?"),
        ("light.set", {"color": "red"}, (0, 2), "Shall I set the Desk Lamp and The Beast to red?"),
        ("light.turn_off", {"after": 600}, (0,), "Shall I turn off the Desk Lamp in 10 minutes?"),
        ("light.turn_off", {"at": "2026-05-01T21:30:00"}, (0,), "Shall I turn off the Desk Lamp at 21:30?"),
        ("light.brighten", {}, range(5), "Shall I brighten the Desk Lamp, Anna's Lamp, The Beast and 2 more?"),
        ("climate.increase_temperature", {"temperature": 2}, (0,), "Shall I turn up the Desk Lamp by 2 degrees?"),
        ("timer.start", {"minutes": 5, "hours": 1}, (), "Shall I start a timer (5 minutes, 1 hour)?"),
        ("todo.add_item", {"item": "milk"}, (), "Shall I put something on a list (milk)?"),
        ("assistant.undo", {}, (), "Shall I undo the last action?"),
    ],
)
def test_the_question(
    home: Registry, function: str, arguments: dict[str, Value], targets: tuple[int, ...], question: str
) -> None:
    call = Call(function, arguments, tuple(f"light.l{number}" for number in targets))
    assert is_it((call,), VOCABULARY, home) == question


def test_several_calls_are_one_question(home: Registry) -> None:
    calls = (Call("light.turn_on", {}, ("light.l0",)), Call("light.turn_off", {}, ("light.l4",)))
    assert is_it(calls, VOCABULARY, home) == "Shall I turn on the Desk Lamp and turn off the Sink?"


@pytest.mark.parametrize("function", [name for name, one in VOCABULARY.functions.items() if name != "weather.get"])
def test_every_function_without_devices_reads_as_an_order(home: Registry, function: str) -> None:
    words = is_it((Call(function, {}, ()),), VOCABULARY, home).split()
    assert words[:2] == ["Shall", "I"]
    assert words[2] == "press" or not words[2].endswith("s")


@pytest.mark.parametrize(
    ("text", "named", "short"),
    [
        ("attic lights on", ["attic lights"], True),
        ("attic lights off please", ["attic", "lights"], True),
        ("the blinds down in the attic", ["blinds", "attic"], True),
        ("attic lights on?", ["attic lights"], False),
        ("attic lights", ["attic lights"], False),
        ("the attic lights were on", ["attic lights"], False),
        ("on", [], False),
    ],
)
def test_an_order_without_a_verb_is_nothing_but_a_thing_and_its_state(text: str, named: list[str], short: bool) -> None:
    spans = [Span(Slot.TARGET, one, text.index(one), text.index(one) + len(one)) for one in named]
    assert terse(text, (RawCall("light.turn_on", tuple(spans)),)) is short


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("You have to turn the key first", True),
        ("so they should close the shop", True),
        ("you never turn the lamps off", True),
        ("turn the lamps off", False),
        ("could you turn the lamps off", False),
        ("you are welcome", False),
    ],
)
def test_advice_is_told_from_orders(text: str, told: bool) -> None:
    assert advice(text) is told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I turned the lamp on and the fan off", True),
        ("so we've already locked the shed", True),
        ("She dimmed the lamps", True),
        ("I'm turning the porch lamp off", True),
        ("we are just about to lock the shed", True),
        ("somebody's closed the shed", True),
        ("I put the lamp on and the fan off", True),
        ("the porch lamp is on and the shed lamp is off", True),
        ("my fan went off but the lamp stayed on", True),
        ("the porch lamp is on and please turn it off", False),
        ("the porch lamp is still on", False),
        ("you put the lamp on", False),
        ("I'm turning in, dim the lamp", False),
        ("I'm putting the children to bed", False),
        ("I turned the lamp off, please turn it on again", False),
        ("did I turn the lamp off", False),
        ("I want the lamp turned off", False),
        ("I left the lamp on", False),
    ],
)
def test_what_was_done_is_told_from_orders(text: str, told: bool) -> None:
    assert told_of(text) is told
