"""What is to be remembered, named and noted."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.model import Area, Device, Floor
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing
from edge.router.phrases import Where, load_phrases
from edge.router.phrases.sayings import common

PHRASES = load_phrases()


def registry() -> Registry:
    home = Registry()
    home.put_floor(Floor("up", "First Floor", ("upstairs",)))
    for area in (Area("den", "Den", "up"), Area("hall", "Hall"), Area("tool_shed", "Tool Shed")):
        home.put_area(area)
    for device in (
        Device("light.den_ceiling", "Ceiling Light", "den"),
        Device("light.standing", "Standing Lamp", "den"),
        Device("switch.den_heater", "Heater", "den"),
        Device("switch.shed_heater", "Heater", "tool_shed"),
        Device("scene.late", "Late Evening"),
        Device("script.away", "Away"),
    ):
        home.put_device(device)
    return home


WHERE = Where(registry(), "hall", datetime(2026, 3, 11, 15, 20, tzinfo=UTC))


def routed(text: str) -> Routing | None:
    return PHRASES.recognise(text, WHERE)


def call(text: str) -> Call:
    routing = routed(text)
    assert routing is not None
    return routing.calls[0]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("remember that the fuse box is behind the coats", "the fuse box is behind the coats"),
        ("Could you please remember I left my glasses in the car?", "I left my glasses in the car"),
        ("keep in mind that Lea can't eat nuts", "Lea can't eat nuts"),
        ("don't forget the bins go out on Monday", "the bins go out on Monday"),
        ("remember: grandma's phone number is 555 1234", "grandma's phone number is 555 1234"),
        ("i want you to know that we are moving in may", "we are moving in may"),
        ("remember that aunt Susan pops in at noon", "aunt Susan pops in at noon"),
        ("the alarm man comes at four, remember that please", "the alarm man comes at four"),
    ],
)
def test_statements_are_to_be_remembered(text: str, fact: str) -> None:
    made = call(text)
    assert (made.function, list(made.arguments.values())) == ("memory.add", [fact])


@pytest.mark.parametrize(
    "text",
    [
        "do you remember where the fuse box is",
        "remember to buy milk",
        "don't forget to lock up",
        "remember the milk",
        "remember that time in Paris when it rained",
        "can you remember anything",
        "remember when we met",
        "is the fuse box behind the coats",
        "forget it",
        "never mind, forget about it",
        "remind me to call the plumber",
        "note the time",
        "call mum",
        "call me a taxi",
        "call it a day",
        "what is a heater called in french",
        "is the den called the snug",
        "the den is called what",
        "call the ceiling light",
    ],
)
def test_questions_orders_and_reminiscences_are_not(text: str) -> None:
    assert routed(text) is None


@pytest.mark.parametrize(
    ("text", "name", "target"),
    [
        ("call the standing lamp Big Bertha", "Big Bertha", "light.standing"),
        ("call the ceiling light in the den sunny from now on", "sunny", "light.den_ceiling"),
        ("let's call the shed heater 'Vesuvius'", "Vesuvius", "switch.shed_heater"),
        ("the standing lamp is also called the giraffe", "giraffe", "light.standing"),
        ("when I say giraffe I mean the standing lamp", "giraffe", "light.standing"),
        ("rename the standing lamp to giraffe", "giraffe", "light.standing"),
        ("give the standing lamp the nickname of giraffe", "giraffe", "light.standing"),
    ],
)
def test_devices_get_names(text: str, name: str, target: str) -> None:
    made = call(text)
    assert (made.function, made.targets) == ("names.add", (target,))
    assert name in (made.arguments.get("given"), made.arguments.get("alias"))


def test_places_get_names() -> None:
    assert call("the den is also called the snug").arguments["area"] == "den"
    assert call("call the tool shed Siberia").arguments["area"] == "tool_shed"
    assert call("call the tool shed the heater cave").arguments["area"] == "tool_shed"
    assert call("call upstairs the crow's nest").arguments["floor"] == "up"


def test_which_of_two_is_asked() -> None:
    routing = routed("call the heater Vesuvius")
    assert routing is not None
    assert routing.decision is Decision.CLARIFY
    assert set(routing.candidates) == {"switch.den_heater", "switch.shed_heater"}


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("what did I tell you about the fuse box", "memory.find"),
        ("what have I asked you to remember", "memory.list"),
        ("list everything you remember", "memory.list"),
        ("forget what I said about the fuse box", "memory.forget"),
        ("forget that the fuse box is behind the coats", "memory.forget"),
        ("you can forget where the fuse box is", "memory.forget"),
        ("forget everything I told you", "memory.forget_all"),
        ("wipe your memory", "memory.forget_all"),
        ("stop calling it that", "names.remove"),
        ("don't call the heater Vesuvius any more", "names.remove"),
        ("what other names are there", "names.list"),
        ("take a note: the meter says 4711", "notes.add"),
        ("take a note", "notes.add"),
        ("note that the meter says 4711", "notes.add"),
        ("jot down the meter says 4711", "notes.add"),
        ("read me my notes", "notes.list"),
        ("what did I note", "notes.list"),
        ("read the note about the meter", "notes.list"),
        ("delete the meter note", "notes.delete"),
        ("delete the last note", "notes.delete"),
        ("delete all my notes", "notes.delete_all"),
    ],
)
def test_memory_is_managed_in_words(text: str, function: str) -> None:
    assert call(text).function == function


def test_the_word_for_a_kind_is_common() -> None:
    assert common("the lights")
    assert common("heater")
    assert not common("vesuvius")


@given(
    st.text(max_size=80), st.sampled_from(["remember {}", "call {}", "note {}", "forget that {}", "{} is called {}"])
)
def test_any_text_can_be_said(text: str, frame: str) -> None:
    routing = routed(frame.replace("{}", text))
    assert routing is None or routing.calls
