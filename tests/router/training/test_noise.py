"""However a sentence is worn, its labels stay on its words."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.model import Slot
from edge.router.training.noise import Example, Labelled, dressed, insert, misheard, mistyped, plain, substitute

_WORD = st.one_of(
    st.sampled_from(["turn", "on", "the", "lights", "kitchen", "to", "20", "%", "don't", "two", "and", "off"]),
    st.text(alphabet="abdehiklmnoprstuv", min_size=1, max_size=9),
)


@st.composite
def _examples(draw: st.DrawFn) -> Example:
    words = tuple(draw(st.lists(_WORD, min_size=1, max_size=12)))
    calls = []
    for _ in range(draw(st.integers(1, 3))):
        tags = [""] * len(words)
        for slot in draw(st.lists(st.sampled_from(Slot), max_size=2, unique=True)):
            start = draw(st.integers(0, len(words) - 1))
            end = draw(st.integers(start + 1, min(len(words), start + 3)))
            if not any(tags[start:end]) and not (end < len(words) and tags[end].startswith("I")):
                tags[start:end] = [f"B-{slot}", *[f"I-{slot}"] * (end - start - 1)]
        first = draw(st.integers(0, len(words) - 1))
        calls.append(Labelled("light.turn_on", tuple(tags), (first, draw(st.integers(first + 1, len(words))))))
    return Example(words, tuple(calls), "light.turn_on/test/plain")


def aligned(example: Example) -> None:
    assert example.words
    for call in example.calls:
        assert len(call.tags) == len(example.words)
        before = ""
        for tag in call.tags:
            assert not tag.startswith("I") or before[2:] == tag[2:], call.tags
            before = tag
        first, last = call.segment
        assert 0 <= first <= last <= len(example.words)


@given(_examples(), st.integers(0, 10_000), st.floats(0, 1))
def test_misheard_words_keep_their_labels(example: Example, seed: int, rate: float) -> None:
    worn = misheard(example, Random(seed), rate)
    aligned(worn)
    assert [len(call.spans(worn.words)) for call in worn.calls] == [
        len(call.spans(example.words)) for call in example.calls
    ]


@given(_examples(), st.integers(0, 10_000))
@pytest.mark.parametrize("wear", [dressed, mistyped])
def test_dressed_and_mistyped_sentences_keep_their_labels(
    wear: Callable[[Example, Random], Example], example: Example, seed: int
) -> None:
    worn = wear(example, Random(seed))
    aligned(worn)
    if wear is dressed:
        assert [call.spans(worn.words) for call in worn.calls] == [call.spans(example.words) for call in example.calls]


@given(_examples(), st.data())
def test_words_put_in_between_spans_change_no_span(example: Example, data: st.DataObject) -> None:
    places = [
        at
        for at in range(len(example.words) + 1)
        if at == len(example.words) or not any(call.tags[at].startswith("I") for call in example.calls)
    ]
    wider = insert(example, data.draw(st.sampled_from(places)), ("um", "please"))
    aligned(wider)
    assert [call.spans(wider.words) for call in wider.calls] == [call.spans(example.words) for call in example.calls]


@given(_examples(), st.data(), st.lists(_WORD, max_size=3))
def test_a_word_replaced_stays_in_its_span(example: Example, data: st.DataObject, words: list[str]) -> None:
    at = data.draw(st.integers(0, len(example.words) - 1))
    changed = substitute(example, at, tuple(words))
    assert changed.words == (*example.words[:at], *words, *example.words[at + 1 :])
    if changed.words:
        aligned(changed)


def test_a_call_names_its_spans() -> None:
    call = Labelled("light.set", ("", "B-target", "I-target", "", "B-level", "B-color"), (0, 6))
    assert call.spans(plain("set kitchen lamp to 20 blue")) == [
        ("target", "kitchen lamp"),
        ("level", "20"),
        ("color", "blue"),
    ]
