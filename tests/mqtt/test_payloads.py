"""Payloads: whatever bytes come in, out comes a message or nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.mqtt.payloads import MISSING, STATE_LIMIT_BYTES, decode, loads, number, topic_matches


@given(payload=st.binary(max_size=60), encoding=st.sampled_from(["utf-8", "", "ascii", "latin-1", "utf-16"]))
def test_any_bytes_are_decoded_or_refused(payload: bytes, encoding: str) -> None:
    message = decode(payload, encoding)
    if message is not None:
        assert message.json is MISSING or json.dumps(message.json) is not None


def test_what_is_too_long_is_not_looked_at() -> None:
    assert decode(b"x" * (STATE_LIMIT_BYTES + 1), "utf-8") is None


@pytest.mark.parametrize(
    "text",
    ["NaN", "-Infinity", "[1e999]", "[" * 100_000, "{", "", "9" * 5000, '"\\ud800"', '{"a": "\\udc00b"}', "\x00"],
)
def test_json_that_others_would_stumble_over_is_none(text: str) -> None:
    assert loads(text) is MISSING


@pytest.mark.parametrize(
    ("value", "expected"), [("21.5", 21.5), (3, 3.0), (True, None), ("nan", None), ("1e999", None), ([], None)]
)
def test_numbers_are_finite(value: object, expected: float | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("pattern", "topic", "matches"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("#", "$SYS/x", False),
        ("+/b", "a/b", True),
        ("a/+/c", "a/b/d", False),
        ("a", "a/b", False),
    ],
)
def test_topics_match_as_mqtt_has_it(pattern: str, topic: str, matches: bool) -> None:
    assert topic_matches(pattern, topic) is matches
