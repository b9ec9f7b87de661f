"""JSON Schemas as grammars: whatever is written under one, the schema takes."""

import json
import random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.llm.grammar import DEAD, Grammar
from edge.llm.json_schema import MOST_LEFT_OUT, SchemaError, any_object, grammar_of

LONG = 60
"""Bytes after which a walk looks for the end."""

SCHEMAS: list[Any] = [
    True,
    {},
    {"type": "object"},
    {"type": "object", "additionalProperties": {"type": "integer"}},
    {"type": "object", "properties": {}},
    {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "minimum": -5, "maximum": 12345},
            "b": {"type": "string", "maxLength": 5, "minLength": 2},
            "c": {"type": ["number", "null"], "minimum": 0.5, "maximum": 7},
        },
        "required": ["b"],
    },
    {"type": "array", "items": {"enum": ["x", 1, None, "é"]}, "minItems": 2, "maxItems": 4},
    {"type": "array", "prefixItems": [{"type": "boolean"}, {"const": 3}], "items": False, "minItems": 1},
    {
        "$defs": {
            "n": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}}}
        },
        "$ref": "#/$defs/n",
    },
    {"allOf": [{"type": "object", "properties": {"a": {"const": 3}}}, {"required": ["a"]}]},
    {"oneOf": [{"type": "string", "maxLength": 0}, {"type": "boolean"}]},
    {"type": "number", "minimum": -3.5, "maximum": 2.25},
    {"type": "integer", "exclusiveMinimum": 99, "exclusiveMaximum": 1001},
    {"minItems": 1, "items": {"type": "null"}},
]


def written(grammar: Grammar, seed: int) -> str:
    """Something that the grammar takes, as a model without any sense might write it."""
    draw = random.Random(seed)  # noqa: S311
    state, data = 0, bytearray()
    while (possible := grammar.possible(state)) and not (grammar.done(state) and draw.random() < 0.3):
        ends = [byte for byte in possible if byte in b'"}],'] if len(data) > LONG else []
        byte = draw.choice(ends or possible)
        data.append(byte)
        state = grammar.step(state, byte)
        assert state != DEAD
        assert len(data) < 4000
    return data.decode()


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema)[:40])
def test_what_is_written_is_what_the_schema_takes(schema: Any) -> None:
    grammar = Grammar(grammar_of(schema))
    for seed in range(60):
        jsonschema_rs.validate(schema, json.loads(written(grammar, seed)))


def test_any_object_is_an_object() -> None:
    grammar = Grammar(any_object())
    assert all(isinstance(json.loads(written(grammar, seed)), dict) for seed in range(60))


@given(st.integers(-3000, 3000), st.integers(0, 4000), st.integers(-9000, 9000))
def test_limits_of_whole_numbers_are_exact(low: int, width: int, value: int) -> None:
    grammar = Grammar(grammar_of({"type": "integer", "minimum": low, "maximum": low + width}))
    assert grammar.done_after(str(value).encode()) == (low <= value <= low + width)


@given(st.text(st.characters(exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=12))
@example("\u9000\ud7ff\uffff\x01")
def test_any_text_can_be_written_in_a_string(text: str) -> None:
    grammar = Grammar(grammar_of({"type": "string"}))
    assert grammar.done_after(json.dumps(text).encode()) == all(ord(one) < 0x10000 for one in text)


def test_a_definition_may_hold_itself_in_many_places() -> None:
    node = {"properties": {name: {"$ref": "#"} for name in "abcdefgh"}}
    grammar = Grammar(grammar_of(node))
    assert grammar.done_after(b'{"a": {"b": {"h": {}}}, "c": {}}')


def test_values_of_which_nothing_is_said_are_made_once() -> None:
    grammar = Grammar(grammar_of({"type": "array", "prefixItems": [{} for _ in range(2000)]}))
    assert grammar.done_after(json.dumps([{"a": 1.5}] * 2000).encode())


def test_as_many_properties_as_may_be_left_out_can_all_be() -> None:
    grammar = Grammar(grammar_of({"properties": {f"p{n}": {"type": "null"} for n in range(MOST_LEFT_OUT)}}))
    assert grammar.done_after(b"{}")
    assert grammar.done_after(json.dumps({"p0": None, f"p{MOST_LEFT_OUT - 1}": None}).encode())


def test_properties_keep_their_order_and_no_others_are_taken() -> None:
    grammar = Grammar(grammar_of({"properties": {"a": {"type": "null"}, "b": {"type": "null"}}, "required": ["b"]}))
    assert grammar.done_after(b'{"a": null, "b": null}')
    assert grammar.done_after(b'{"b": null}')
    assert not grammar.done_after(b'{"a": null}')
    assert not grammar.done_after(b'{"b": null, "a": null}')
    assert not grammar.done_after(b'{"b": null, "c": null}')


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        (7, "schema: expected an object"),
        ({"type": "colour"}, "schema.type"),
        ({"properties": {"a": {"minimum": "x", "type": "number"}}}, "schema.properties.a.minimum"),
        ({"$ref": "http://example.org/x"}, r"\$ref"),
        ({"$ref": "#/$defs/none"}, "not in this schema"),
        ({"$ref": "#"}, "no value"),
        (False, "no value"),
        ({"enum": []}, "no value"),
        ({"allOf": [None]}, "allOf"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "no value"),
        ({"anyOf": [{}] * 5000}, "at most"),
        ({"properties": {f"p{n}": {} for n in range(300)}}, "not required"),
        ({"properties": {f"p{n}": {} for n in range(2000)}, "anyOf": [{"properties": {}}] * 100}, "in common"),
        (
            {"$defs": {"x": {"const": "y" * 9000}}, "type": "string", "anyOf": [{"$ref": "#/$defs/x"}] * 90},
            "characters",
        ),
        ({"anyOf": [{"type": "integer", "minimum": n, "maximum": 10**15 - n} for n in range(500)]}, "too large"),
    ],
)
def test_what_can_not_be_held_to_is_named(schema: Any, named: str) -> None:
    with pytest.raises(SchemaError, match=named):
        grammar_of(schema)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.floats(allow_nan=True) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "anyOf", "allOf", "$ref", "required", "enum", "const", "minItems", "a"]
            ),
            inner | st.sampled_from(["object", "array", "string", "#", "#/properties/a"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(values)
def test_whatever_comes_as_a_schema_is_a_grammar_or_refused(schema: Any) -> None:
    try:
        grammar = Grammar(grammar_of(schema))
    except SchemaError:
        return
    assert grammar.possible(0) or grammar.done(0)
