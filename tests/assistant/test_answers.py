"""Short answers: only a plain yes is one, and a pick never invents a candidate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.assistant.answers import Candidate, Picked, pick, verdict
from edge.devices.words import words

CANDIDATES = [
    Candidate("a", ("Left Lamp", "Bedroom")),
    Candidate("b", ("Right Lamp", "Bedroom")),
    Candidate("c", ("Ceiling Light", "Hall")),
]


@given(st.text(max_size=60))
def test_a_text_without_a_word_of_consent_is_never_a_yes(text: str) -> None:
    consent = ("yes", "yeah", "yep", "yup", "sure", "confirm", "affirm", "ok", "cert", "absol", "defin", "aye", "corr")
    phrases = ("do it", "do that", "go", "please", "sure", "carry")
    if not any(word in " ".join(words(text)) for word in consent + phrases):
        assert verdict(text) is not True


@pytest.mark.parametrize(
    "text", ["yes but not now", "yes turn on the light too", "yesterday", "is that a yes", "don't do it"]
)
def test_doubt_is_no_yes(text: str) -> None:
    assert verdict(text) is not True


@given(st.text(max_size=40))
def test_a_pick_is_among_the_candidates(text: str) -> None:
    picked = pick(text, CANDIDATES)
    assert picked is None or set(picked.ids) <= {"a", "b", "c"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the left one", Picked(("a",))),
        ("in the hall", Picked(("c",))),
        ("the bedroom one", Picked(("a", "b"), again=True)),
        ("number two", Picked(("b",))),
        ("3", Picked(("c",))),
        ("the 4th", None),
        ("everything", Picked(("a", "b", "c"))),
        ("none of them", Picked(())),
        ("no", Picked(())),
        ("no the left one", Picked(("a",))),
        ("turn off the left lamp", None),
        ("what is the weather like", None),
        ("", None),
    ],
)
def test_answers_pick(text: str, expected: Picked | None) -> None:
    assert pick(text, CANDIDATES) == expected
