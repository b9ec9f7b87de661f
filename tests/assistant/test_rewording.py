"""A language model's words are taken only where they say what was to be said."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.assistant.rewording import Rewording, objection
from edge.llm.errors import LlmError
from tests.assistant.fakes import FakeModel

TEXT = (
    "The pump room temperature rose from 15.1 to 20.7 degrees in 75 minutes, since 13:55, 1.8 times its usual rise. "
    "The pump was switched on 3 minutes before; of the last 9 times that happened it rose too 7 times."
)
NAMES = frozenset({"pump", "room", "kitchen", "window", "freezer"})


@pytest.mark.parametrize(
    "said",
    [
        TEXT,
        (
            "Since 13:55 the pump room rose from 15.1 to 20.7 degrees within 75 minutes, 1.8 times what it usually "
            "does. The pump was switched on 3 minutes before; 7 times of the last 9 times it rose as well."
        ),
    ],
)
def test_the_same_in_other_words_may_stand(said: str) -> None:
    assert objection(TEXT, said, NAMES) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20.7", "21"),
        ("20.7 degrees", "20.7 percent"),
        ("75 minutes", "75 hours"),
        ("13:55", "14:55"),
        ("7 times", "8 times"),
        ("rose too 7 times", "rose too"),
        ("15.1", "minus 15.1"),
        ("The pump was switched on", "Because the pump was switched on"),
        ("The pump was switched on", "The kitchen pump was switched on"),
        ("rose too", "fell too"),
        ("rose too", "did not rise"),
        ("The pump was", "It was"),
        ("of the last", "of only the three last"),
        ("the last 9 times", "the last twenty times"),
        ("it rose too 7 times.", "it rose too 7 times. Shall I switch it off?"),
        ("it rose too 7 times.", "it rose too 7 times. " + "And so on and so forth. " * 12),
    ],
)
def test_what_says_something_else_may_not(old: str, new: str) -> None:
    assert old in TEXT
    said = TEXT.replace("Pump room", "room").replace(old, new)
    said = said.replace("pump room", "room") if old == "The pump was" else said
    assert objection(TEXT, said, NAMES)


@given(st.data())
def test_no_number_can_be_changed_unseen(data: st.DataObject) -> None:
    numbers = list(re.finditer(r"\d+(?:\.\d+)?", TEXT))
    one = data.draw(st.sampled_from(numbers))
    other = data.draw(st.integers(0, 5000).map(str).filter(lambda text: text not in TEXT))
    assert objection(TEXT, TEXT[: one.start()] + other + TEXT[one.end() :], NAMES)


@given(st.text(max_size=400))
def test_no_answer_is_too_strange(said: str) -> None:
    assert isinstance(objection(TEXT, said, NAMES), str)


async def test_without_a_model_the_text_stays() -> None:
    assert await Rewording(FakeModel("x", unavailable="none"), 5).better(TEXT, NAMES) == TEXT


async def test_what_fails_or_is_refused_leaves_the_text() -> None:
    model = FakeModel("It rose to ", "99 degrees.")
    assert await Rewording(model, 5).better(TEXT, NAMES) == TEXT
    assert TEXT in model.asked[0][0].text
    assert model.offered == [(None, False)]
    model.error = LlmError("gone")
    assert await Rewording(model, 5).better(TEXT, NAMES) == TEXT


async def test_what_takes_too_long_leaves_the_text() -> None:
    import asyncio

    model = FakeModel("It ")
    model.gate = asyncio.Event()
    assert await Rewording(model, 0.01).better(TEXT, NAMES) == TEXT
    assert model.closed


async def test_better_words_are_taken() -> None:
    model = FakeModel('"It was 21 degrees ', 'in the kitchen."')
    assert (
        await Rewording(model, 5).better("In the kitchen it was 21 degrees.", NAMES)
        == "It was 21 degrees in the kitchen."
    )
