"""What is left of a sentence without the words that say that it goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.assistant.following.orders import fragment, order, question, step
from edge.assistant.following.said import said


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("And the hall too, please.", "the hall"),
        ("oh no wait the left one", "the left one"),
        ("It's a nuisance, switch it off.", "switch it off"),
        ("Undo that, somebody's asleep.", "undo that"),
        ("could you turn it off now love", "turn it off"),
        ("thats too bright", "that's too bright"),
        ("its ok dont bother", "it's ok don't bother"),
    ],
)
def test_what_only_goes_on_falls_away(text: str, core: str) -> None:
    one = said(text)
    assert one is not None
    assert one.core == core


def test_what_the_words_around_it_tell() -> None:
    assert said("and the hall") == said("the hall as well")
    for text in ("no, the hall", "I meant the hall", "sorry the hall", "the hall actually"):
        one = said(text)
        assert one is not None and one.corrects, text


@pytest.mark.parametrize(
    "text", ["if it rains close it", "whenever it opens tell me", "", "  ", " ".join(["word"] * 40)]
)
def test_conditions_and_stories_are_left_alone(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize("text", ["turn that lamp off", "switch those lights on", "put that on the list of things"])
def test_that_with_a_noun_is_no_pronoun(text: str) -> None:
    whole = order(text)
    assert whole is None or whole.thing != "that" or "on the list" in text


@given(st.text(alphabet="abcdefghilmnoprstuvwy ,.?!'", max_size=80))
def test_nothing_makes_it_fail(text: str) -> None:
    one = said(text)
    if one is not None:
        order(one.core), question(one.core), fragment(one.core, just_now=True), step(one.core)
