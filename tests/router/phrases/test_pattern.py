"""Templates: what they match, what they bind, and what is said of those that can't be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.phrases.pattern import TemplateError, compile_template, read_node

SETS = {"warn": read_node("(warn|let me know)", {}, "test")}


def matches(template: str, sentence: str) -> list[dict[str, str]]:
    words = tuple(sentence.split())
    compiled = compile_template(template, SETS, "test")
    found = compiled.matches(words, 0, len(words))
    return [{slot: " ".join(words[start:end]) for slot, start, end in one} for one in found]


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("any alarms", "any alarms"),
        ("any [new] alarms", "any alarms"),
        ("any [new] alarms", "any new alarms"),
        ("(any|some) (alarms|bad news)", "some bad news"),
        ("[[very] new] alarms", "very new alarms"),
        ("<warn> [please]", "let me know"),
        ("don't", "do not"),
    ],
)
def test_what_a_template_takes(template: str, sentence: str) -> None:
    assert matches(template, sentence) == [{}]


@pytest.mark.parametrize("sentence", ["", "any", "alarms any", "any alarms now", "some alarms"])
def test_only_the_whole_sentence_is_a_match(sentence: str) -> None:
    assert matches("any [new] alarms", sentence) == []


def test_a_slot_takes_any_words_and_every_way_to_part_them_is_tried() -> None:
    assert matches("<warn> when {rule}", "warn when the door opens") == [{"rule": "the door opens"}]
    assert matches("{one} and {other}", "a and b and c") == [
        {"one": "a", "other": "b and c"},
        {"one": "a and b", "other": "c"},
    ]


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("any (alarms", "expected ')'"),
        ("any alarms)", "closes nothing"),
        ("any <alarms>", "no set of words is called 'alarms'"),
        ("[any] [alarms]", "needs at least one word"),
        ("any …", "is no word"),
        ("(" * 20 + "a" + ")" * 20, "brackets more than"),
    ],
)
def test_what_can_not_be_read_is_said(template: str, said: str) -> None:
    with pytest.raises(TemplateError, match="test") as caught:
        compile_template(template, {}, "test")
    assert said in str(caught.value)


@given(st.text("ab []()|{}<>x", max_size=30))
def test_any_text_is_a_template_or_an_error(text: str) -> None:
    try:
        compiled = compile_template(text, SETS, "test")
    except TemplateError:
        return
    for found in compiled.matches(("a", "b", "x"), 0, 3):
        assert all(0 <= start < end <= 3 for _, start, end in found)
