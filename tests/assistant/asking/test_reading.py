"""Whatever is said is read or left alone, in a house whose names are what nobody should call anything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.assistant.asking.reading import Inquiry, SentenceReader
from edge.assistant.asking.sentence import taken_apart
from edge.devices.home import parse_home
from edge.router.model import Call
from edge.sensors.questions import Form, What
from tests.assistant.asking.house import NOW, ZONE, home
from tests.assistant.asking.remembering import StillClock
from tests.router.homes import HOSTILE, UTTERANCES

HOUSE = home()


def read(text: str, *calls: Call, area: str | None = None) -> Inquiry | None:
    return SentenceReader(HOUSE, StillClock(NOW, ZONE)).read(text, calls, area)


@pytest.mark.parametrize("text", UTTERANCES)
def test_no_utterance_breaks_it(text: str) -> None:
    hostile = SentenceReader(parse_home(HOSTILE, "hostile"), StillClock(NOW, ZONE))
    hostile.read(text, (), None)
    hostile.read(text, (), "kitchen", surely=True)


_WORDS = st.sampled_from(
    [
        *("what", "when", "how", "long", "often", "much", "many", "times", "was", "is", "did", "has", "been", "the"),
        *("coldest", "warmer", "than", "humid", "highest", "average", "normal", "rising", "compare", "which", "room"),
        *("freezer", "bedroom", "kitchen", "front", "door", "hall", "motion", "pump", "heating", "anna", "outside"),
        *("open", "opened", "on", "off", "above", "below", "minus", "thirty", "percent", "last", "night", "yesterday"),
        *("since", "monday", "between", "two", "and", "four", "week", "today", "rain", "electricity", "use", "without"),
    ]
)


@settings(max_examples=200)
@given(st.one_of(st.lists(_WORDS, max_size=14).map(" ".join), st.text(max_size=120)))
def test_any_words_are_read_or_not(text: str) -> None:
    inquiry = read(text)
    if inquiry is not None:
        question = inquiry.question
        assert question.subjects
        assert all(span.start_s <= span.end_s for span in question.spans)
        assert question.form is not Form.COMPARE or len(question.subjects) + len(question.spans) > 2


def test_what_is_to_come_is_nobodys_past() -> None:
    assert read("when will the washing machine finish") is None
    assert read("how warm will the bedroom be tomorrow") is None


def test_a_name_is_no_time_and_no_measure() -> None:
    night = parse_home(
        {"devices": [{"id": "light.night", "name": "Last Night Light", "area": None, "state": "off"}]}, "test"
    )
    reader = SentenceReader(night, StillClock(NOW, ZONE))
    inquiry = reader.read("how long was the last night light on yesterday", (), None)
    assert inquiry is not None
    assert inquiry.question.what is What.DURATION
    assert [span.said for span in inquiry.question.spans] == ["yesterday"]


@pytest.mark.parametrize(
    ("text", "held"), [("open for more than ten minutes", 600), ("above thirty degrees", 0), ("open today", 0)]
)
def test_how_long_something_held_is_kept_apart(text: str, held: int) -> None:
    assert taken_apart(text, NOW).held_s == held


_ROUTED = {
    "fridge": Call("sensor.query", {}, ("sensor.fridge",)),
    "pump": Call("state.get", {"state": "run"}, ("switch.pump",)),
}
"""What the router finds by a part of a name."""


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("was the front door locked last night", "lock.front"),
        ("was the front door open last night", "binary_sensor.front_door"),
        ("how long did the pump run today", "switch.pump"),
        ("what was the peak electricity today", "sensor.house_power"),
        ("how much electricity did we use today", "sensor.house_energy"),
        ("how humid was the cellar yesterday", "sensor.cellar_humidity"),
        ("how cold was the fridge last night", "sensor.fridge"),
        ("how stuffy did the bedroom get last night", "sensor.bedroom_co2"),
        ("which was the coldest night this week", "sensor.outside"),
    ],
)
def test_the_series_that_is_meant_is_found(text: str, key: str) -> None:
    routed = next((one for word, one in _ROUTED.items() if word in text), Call("state.get", {}))
    inquiry = read(text, routed)
    assert inquiry is not None
    assert [one.key for one in inquiry.question.subjects] == [key]
    assert not inquiry.choices
