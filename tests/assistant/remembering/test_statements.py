"""Statements: their parts, and how they are told to whoever made them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.assistant.remembering.statements import stated, yours


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I parked my car on level three", "you parked your car on level three"),
        ("I am allergic to nuts and we're vegetarians", "you are allergic to nuts and you're vegetarians"),
        ("you are called Edge", "I am called Edge"),
        ("our dentist is Dr. Brown", "your dentist is Dr. Brown"),
        ("the key is in the drawer", "the key is in the drawer"),
        ("I was born in May", "you were born in May"),
    ],
)
def test_who_said_it_is_you(said: str, told: str) -> None:
    assert yours(said) == told


@pytest.mark.parametrize(
    ("text", "subject", "rest"),
    [
        ("the spare key is in the drawer", "the spare key", "in the drawer"),
        ("the spare key has been moved to the shed now", "the spare key", "the shed"),
        ("the key's under the mat", "the key", "under the mat"),
        ("Sam's mother is called Jane", "Sam's mother", "called Jane"),
        ("the bikes live in the garage", "the bikes", "in the garage"),
    ],
)
def test_a_statement_has_parts(text: str, subject: str, rest: str) -> None:
    made = stated(text)
    assert made is not None
    assert (made.subject, made.rest) == (subject, rest)


def test_places_replace_places_and_nothing_else_does() -> None:
    here, there = stated("the key is in the drawer"), stated("the key has moved to the box")
    brass = stated("the key is made of brass")
    assert here is not None
    assert there is not None
    assert brass is not None
    assert there.replaces(here)
    assert not brass.replaces(here)


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    stated(text)
    assert isinstance(yours(text), str)
