"""Whatever the network says, what is decoded is well formed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.router.decode import TAGS, Decoder
from edge.router.model import Slot
from edge.router.network import FloatArray, Reading
from edge.router.text import split_words
from edge.router.vocabulary import load_vocabulary

_VOCABULARY = load_vocabulary()
_DECODER = Decoder(_VOCABULARY)
_STEPS = 3
_TEXT = "turn on the bedroom lamp, dim it to 20%"
_LOGITS = st.one_of(st.floats(-12, 12, width=32), st.sampled_from([-1e30, -1e4, 0.0, 40.0, 1e4]))


def _log_softmax(logits: FloatArray) -> FloatArray:
    shifted = logits - logits.max(-1, keepdims=True)
    result: FloatArray = (shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))).astype(np.float32)
    return result


def _reading(functions: FloatArray, tags: FloatArray) -> Reading:
    words = tuple(split_words(_TEXT))
    return Reading(_TEXT, words, _log_softmax(functions), _log_softmax(tags), np.zeros((_STEPS, 4), np.float32))


def _says(*steps: tuple[str, dict[str, str]]) -> Reading:
    """A network that is sure of these tokens, each with tags for words."""
    words = [word.text for word in split_words(_TEXT)]
    functions = np.zeros((_STEPS + 1, len(_VOCABULARY.tokens)), np.float32)
    tags = np.zeros((_STEPS, len(words), len(TAGS)), np.float32)
    tags[..., 0] = 9
    for step, (token, marked) in enumerate(steps):
        functions[step, _VOCABULARY.tokens.index(token)] = 20
        for word, tag in marked.items():
            tags[step, words.index(word), TAGS.index(tag)] = 20
    return _reading(functions, tags)


@given(
    arrays(np.float32, (_STEPS + 1, len(_VOCABULARY.tokens)), elements=_LOGITS, fill=st.just(0.0)),
    arrays(np.float32, (_STEPS, len(split_words(_TEXT)), len(TAGS)), elements=_LOGITS, fill=st.just(0.0)),
)
@settings(max_examples=150)
def test_any_probabilities_come_to_calls_or_to_one_special_token(functions: FloatArray, tags: FloatArray) -> None:
    decoded = _DECODER.decode(_reading(functions, tags))
    if decoded.special is not None:
        assert decoded.special in {"<chat>", "<ignore>"}
        assert decoded.calls == ()
    else:
        assert 1 <= len(decoded.calls) <= _STEPS
    for value in (decoded.function_probability, decoded.span_probability, decoded.device_probability):
        assert -1e-5 <= value <= 1 + 1e-5
    for call in decoded.calls:
        assert call.function in _VOCABULARY.functions
        allowed = {slot for one in _VOCABULARY.family(call.function) for slot in one.slots}
        ends = 0
        for span in call.spans:
            assert span.slot in allowed
            assert ends <= span.start < span.end <= len(_TEXT)
            assert span.text == _TEXT[span.start : span.end]
            ends = span.end


def test_two_calls_are_read_in_order_with_their_spans() -> None:
    decoded = _DECODER.decode(
        _says(
            ("light.turn_on", {"bedroom": "B-target", "lamp": "I-target"}),
            ("light.dim", {"it": "B-target", "20": "B-level", "%": "I-level"}),
            ("<end>", {}),
        )
    )
    assert [call.function for call in decoded.calls] == ["light.turn_on", "light.dim"]
    assert [(span.slot, span.text) for span in decoded.calls[0].spans] == [(Slot.TARGET, "bedroom lamp")]
    assert decoded.calls[1].spans[0].text == "it"
    assert decoded.function_probability > 0.99
    assert decoded.device_probability > 0.99


@pytest.mark.parametrize("token", ["<chat>", "<ignore>"])
def test_a_special_token_stands_alone(token: str) -> None:
    assert _DECODER.decode(_says((token, {}), ("light.turn_on", {}))).special == token
    after = _DECODER.decode(_says(("light.turn_on", {}), (token, {}), ("<end>", {})))
    assert after.special is None
    assert "<" not in "".join(call.function for call in after.calls)


def test_the_end_never_comes_first() -> None:
    decoded = _DECODER.decode(_says(("<end>", {})))
    assert decoded.special is not None or decoded.calls


def _tagged(*scores: dict[str, float]) -> list[tuple[Slot, str]]:
    """Spans of the first words, whose tags have these scores beside 0 for none."""
    functions = np.zeros((_STEPS + 1, len(_VOCABULARY.tokens)), np.float32)
    functions[0, _VOCABULARY.tokens.index("light.set")] = 20
    functions[1, _VOCABULARY.tokens.index("<end>")] = 20
    tags = np.full((_STEPS, len(split_words(_TEXT)), len(TAGS)), -20, np.float32)
    tags[..., 0] = 0
    for at, marked in enumerate(scores):
        for tag, score in marked.items():
            tags[0, at, TAGS.index(tag)] = score
    return [(span.slot, span.text) for span in _DECODER.decode(_reading(functions, tags)).calls[0].spans]


def test_an_inside_follows_its_own_beginning() -> None:
    assert _tagged({"B-target": 5}, {"I-target": 5}, {"I-target": 5}) == [(Slot.TARGET, "turn on the")]
    assert _tagged({}, {"I-target": 6, "B-target": 5}) == [(Slot.TARGET, "on")]
    assert _tagged({"B-target": 5}, {"I-color": 4, "B-color": 3}) == [(Slot.TARGET, "turn"), (Slot.COLOR, "on")]
    assert _tagged({"B-target": 9}, {"I-color": 5, "I-target": 4}) == [(Slot.TARGET, "turn on")]
    assert _tagged({}, {"I-target": 2}) == []


def test_a_name_goes_on_where_nothing_parts_it() -> None:
    assert _tagged({"B-target": 5}, {"B-target": 5}) == [(Slot.TARGET, "turn on")]


def test_items_of_a_list_need_no_word_between_them() -> None:
    decoded = _DECODER.decode(
        _says(("todo.add_item", {"lamp": "B-item", "bedroom": "B-item"}), ("<end>", {})),
    )
    assert sorted(span.text for span in decoded.calls[0].spans) == ["bedroom", "lamp"]


def test_a_slot_that_the_function_lacks_is_never_filled() -> None:
    decoded = _DECODER.decode(_says(("time.get", {"lamp": "B-item", "bedroom": "B-media"}), ("<end>", {})))
    assert not {span.slot for span in decoded.calls[0].spans} & {Slot.ITEM, Slot.MEDIA}


def test_functions_of_one_verb_are_one_opinion() -> None:
    functions = np.full((_STEPS + 1, len(_VOCABULARY.tokens)), -20, np.float32)
    tokens = _VOCABULARY.tokens
    for name, value in (("light.turn_on", 1.0), ("switch.turn_on", 0.9), ("fan.turn_on", 0.8), ("<chat>", 1.5)):
        functions[0, tokens.index(name)] = value
    functions[1:, tokens.index("<end>")] = 20
    decoded = _DECODER.decode(_reading(functions, np.zeros((_STEPS, len(split_words(_TEXT)), len(TAGS)), np.float32)))
    assert [call.function for call in decoded.calls] == ["light.turn_on"]
    assert decoded.function_probability > 0.6
