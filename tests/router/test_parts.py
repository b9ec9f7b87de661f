"""Several orders in one sentence, with the weights that ship."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.decode import Decoded, Decoder
from edge.router.network import Network, Reading
from edge.router.parts import MOST_CALLS, decode_in_parts
from edge.router.vocabulary import load_vocabulary

_PARTS = [
    *(
        "turn on the kitchen light",
        "lock the front door",
        "dim the lamp to 20 percent",
        "close the blinds",
        "play some jazz",
    ),
    *(
        "add milk and bread to the shopping list",
        "what time is it",
        "tell me a joke",
        "everything",
        "please",
        "the fan too",
    ),
]
_JOINS = [" and ", " and then ", ", ", " then ", " ", " after that ", " but not ", " also "]


class Counting(Network):
    """Counts how often it reads."""

    reads = 0

    def read(self, text: str) -> Reading | None:
        self.reads += 1
        return super().read(text)


@cache
def network() -> Counting:
    loaded = Network.load()
    return Counting(loaded._session, loaded._pieces, loaded._table)


def read(text: str) -> Decoded:
    reading = network().read(text)
    assert reading is not None
    return decode_in_parts(reading, network(), Decoder(load_vocabulary()))


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        ("turn on the kitchen light and lock the front door", ["turn_on", "lock"]),
        ("close the blinds then dim the lamp to 20 percent", ["close", "set"]),
        ("add salt and onions to the shopping list", ["todo_add"]),
        ("turn off the fan and the lamp", ["turn_off"]),
        ("turn on the kitchen light", ["turn_on"]),
    ],
)
def test_each_order_is_a_call(text: str, verbs: list[str]) -> None:
    functions = load_vocabulary().functions
    assert [functions[call.function].verb for call in read(text).calls] == verbs


def test_spans_of_parts_are_counted_in_the_whole_sentence() -> None:
    text = "Turn on the kitchen light, and then lock the front door!"
    spans = [span for call in read(text).calls for span in call.spans]
    assert [span.text for span in spans] == ["kitchen light", "front door"]
    assert [text[span.start : span.end] for span in spans] == ["kitchen light", "front door"]


@given(st.lists(st.tuples(st.sampled_from(_PARTS), st.sampled_from(_JOINS)), min_size=1, max_size=5))
def test_however_a_sentence_is_joined_it_has_few_calls_and_their_own_words(parts: list[tuple[str, str]]) -> None:
    text = "".join(part + join for part, join in parts)
    before = network().reads
    decoded = read(text)
    assert network().reads - before <= 30
    assert len(decoded.calls) <= MOST_CALLS
    assert (decoded.special is None) == bool(decoded.calls)
    for call in decoded.calls:
        for span in call.spans:
            assert text[span.start : span.end] == span.text
    for value in (decoded.function_probability, decoded.span_probability, decoded.device_probability):
        assert -1e-5 <= value <= 1 + 1e-5


def test_a_single_sure_order_is_read_once() -> None:
    before = network().reads
    assert read("turn on the kitchen light").calls
    assert network().reads == before + 1


def test_a_comma_parts_orders_that_have_no_other_joint_but_no_reason_from_its_order() -> None:
    assert len(read("fan off, lamp on, blinds down").calls) == 3
    assert len(read("turn on the desk lamp, it's getting dark").calls) == 1


@pytest.mark.parametrize(
    ("text", "functions"),
    [
        ("what temperature is the attic and is the skylight shut", ["climate.get_temperature", "state.get"]),
        ("is the skylight shut and how humid is the attic", ["state.get", "sensor.query"]),
        ("are the attic and the cellar lights on", ["state.get"]),
    ],
)
def test_each_question_is_a_call(text: str, functions: list[str]) -> None:
    assert [call.function for call in read(text).calls] == functions


def test_what_else_is_asked_in_a_message_is_the_messages() -> None:
    assert len(read("remind me to ask whether mum is well and is the cake good at six").calls) == 1


def test_an_order_that_goes_on_about_the_same_is_read_as_a_whole() -> None:
    assert len(read("turn on the attic fan and set it to 30 percent").calls) == 1
    assert len(read("turn the attic and cellar lamps off and turn the porch lamp on").calls) == 2
