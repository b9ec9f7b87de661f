"""Expressions matched byte by byte: what may come next, what must, and when all is there."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from edge.llm.grammar import DEAD, Characters, Fields, Grammar, choice, sequence, text, words

LEVELS = words([str(number) for number in range(101)])
CALL = Grammar(
    sequence(
        text('{"name": "'),
        choice(
            sequence(
                text('set", "arguments": {'),
                Fields(
                    (
                        sequence(text('"level": '), LEVELS),
                        sequence(text('"name": "'), words(["Lamp", "Lamp 2", "Büro"]), text('"')),
                        sequence(text('"note": "'), Characters(0, 5), text('"')),
                    ),
                    text(", "),
                    frozenset({1}),
                ),
            ),
            text('stop", "arguments": {'),
        ),
        text("}}"),
    )
)


def matches(grammar: Grammar, said: str | bytes) -> bool:
    state = grammar.after(0, said.encode() if isinstance(said, str) else said)
    return state != DEAD and grammar.done(state)


def test_whole_calls_match_with_their_fields_in_any_order() -> None:
    for arguments in (
        '"name": "Lamp"',
        '"name": "Lamp 2", "level": 100',
        '"level": 7, "name": "Büro"',
        '"note": "a€😀", "level": 10, "name": "Lamp"',
        '"name": "Lamp", "note": ""',
    ):
        assert matches(CALL, '{"name": "set", "arguments": {' + arguments + "}}"), arguments
    assert matches(CALL, '{"name": "stop", "arguments": {}}')


def test_nothing_else_does() -> None:
    for arguments in (
        "",
        '"level": 7',
        '"name": "Lamp", "name": "Lamp"',
        '"name": "Lamp", ',
        '"name": "Lamp 3"',
        '"name": "Lamp", "level": 101',
        '"name": "Lamp", "level": 07',
        '"name": "Lamp", "note": "abcdef"',
        '"name": "Lamp", "note": "a\nb"',
        '"name": "Lamp", "note": "a\x7f"',
        '"name": "Lamp", "note": "\x85"',
        '"name": "Lamp", "note": "a\\nb"',
    ):
        assert not matches(CALL, '{"name": "set", "arguments": {' + arguments + "}}"), arguments


@given(st.binary(max_size=12))
def test_characters_are_those_of_python(data: bytes) -> None:
    try:
        said = data.decode()
        plain = all(32 <= ord(one) < 127 or ord(one) > 159 for one in said) and not re.search(r'["\\]', said)
    except UnicodeDecodeError:
        plain = False
    assert matches(Grammar(Characters(0, 12)), data) is plain


@given(st.data())
def test_whatever_is_written_by_the_possible_bytes_is_json(data: st.DataObject) -> None:
    state, written = 0, bytearray()
    while not CALL.done(state):
        byte = data.draw(st.sampled_from(CALL.possible(state)))
        state = CALL.step(state, byte)
        assert state != DEAD
        written.append(byte)
    call = json.loads(written)
    assert call["name"] in ("set", "stop")
    assert call["name"] == "stop" or call["arguments"]["name"] in ("Lamp", "Lamp 2", "Büro")


def test_texts_are_forced_and_words_never() -> None:
    assert CALL.forced(0) == b'{"name": "s'[:-1]
    state = CALL.after(0, b'{"name": "st')
    assert CALL.forced(state) == b'op", "arguments": {}}'
    only = Grammar(sequence(text("a"), words(["name"]), text("b")))
    assert only.forced(0) == b"a"
    assert only.forced(only.after(0, b"an")) == b""
