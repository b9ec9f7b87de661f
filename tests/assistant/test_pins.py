"""PINs as people and recognisers write them, and wrong ones."""

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.assistant import pins
from edge.assistant.lockout import FIRST_S, LONGEST_S, TRIES, Lockout
from edge.assistant.pins import Parted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234", "1234"),
        ("one two three four", "1234"),
        ("1-2-3-4", "1234"),
        ("the pin is 1 2 oh 4", "1204"),
        ("forty seven eleven", "4711"),
        ("forty seven hundred and eleven", "4711"),
        ("twelve thirty-four", "1234"),
        ("one thousand two hundred and thirty four", "1234"),
        ("double four one two", "4412"),
        ("triple nine nought", "9990"),
        ("twenty twenty", "2020"),
        ("um it's 4 7 1 1 please", "4711"),
        ("call 1234", None),
        ("double", None),
        ("", None),
    ],
)
def test_a_pin_is_read_from_digits_and_words(text: str, expected: str | None) -> None:
    assert pins.alone(text)[:1] == (() if expected is None else (expected,))


def test_what_sounds_like_digits_is_some_where_a_pin_was_asked_for() -> None:
    assert "1248" in pins.alone("one to for ate", asked=True)
    assert pins.alone("one to for ate") == ()
    assert pins.alone("to for", asked=True) == ()


@pytest.mark.parametrize(
    ("text", "order", "said"),
    [
        ("unlock the door, one two three four", "unlock the door", "one two three four"),
        ("unlock the door 1234", "unlock the door", "1234"),
        ("unlock the door with the code 1234", "unlock the door", "1234"),
        ("unlock the front door, pin twelve thirty-four", "unlock the front door", "twelve thirty-four"),
        ("1234 unlock the door", "unlock the door", "1234"),
        ("the pin is double four one two, open the garage", "open the garage", "double four one two"),
    ],
)
def test_an_order_with_its_pin_is_parted(text: str, order: str, said: str) -> None:
    found = pins.parted(text)
    assert found is not None
    assert (found.order, found.said) == (order, said)


@pytest.mark.parametrize(
    "text",
    ["wake me at twelve thirty four", "1234", "set it to 1234", "dim the lamp to 20", "turn on lamp 2", "", "12 to 34"],
)
def test_times_and_amounts_are_no_pins(text: str) -> None:
    assert pins.parted(text) is None


def test_a_pin_is_found_whatever_is_between_its_digits() -> None:
    assert pins.holds("the gate, forty seven eleven", "4711")
    assert pins.holds("one two, then three, and four", "1234")
    assert not pins.holds("one two, then three", "1234")


def test_numbers_as_long_as_a_pin_are_taken_out_or_the_pin_alone() -> None:
    text = "in 4711 and at 7:30"
    assert pins.without(text, ("4711",), "#") == "in # and at 7:30"
    assert pins.without("in 1966 it was 4711", ("4711",), "#") == "in 1966 it was #"
    assert pins.without("in 1966 it was 4711", ("4711",), "#", every=True) == "in # it was #"


@given(st.text(max_size=200))
def test_any_text_can_be_looked_through(text: str) -> None:
    pins.alone(text, asked=True)
    found = pins.parted(text)
    assert found is None or isinstance(found, Parted)
    assert not pins.holds(pins.without(text, ("4711",), ""), "4711") or len(pins.runs(text)) != 1


# Wrong ones --------------------------------------------------------------------------------------------------------


def wrong(lockout: Lockout, times: int, now_s: float, source: str = "mqtt") -> None:
    for _ in range(times):
        lockout.wrong(source, now_s)


def test_pauses_grow_and_end() -> None:
    lockout = Lockout()
    wrong(lockout, TRIES - 1, 0)
    assert not lockout.pauses("mqtt", 0)
    wrong(lockout, 1, 0)
    assert lockout.pauses("mqtt", FIRST_S - 1)
    assert not lockout.pauses("mqtt", FIRST_S)
    wrong(lockout, 3, FIRST_S)
    assert lockout.pauses("mqtt", FIRST_S + 2 * FIRST_S - 1)
    wrong(lockout, 300, 0)
    assert not lockout.pauses("mqtt", LONGEST_S)


def test_whoever_tries_on_mqtt_keeps_nobody_out_in_the_room() -> None:
    lockout = Lockout()
    wrong(lockout, 100, 0)
    assert not lockout.pauses("voice", 0)


async def test_a_restart_is_no_way_out_of_a_pause(tmp_path: Path) -> None:
    file = tmp_path / "tries.json"
    first = Lockout()
    await asyncio.to_thread(first.keep_in, file, 1000.0)
    wrong(first, TRIES, 1000.0)
    await first.settled()
    after = Lockout()
    await asyncio.to_thread(after.keep_in, file, 5.0)
    assert after.pauses("mqtt", 5.0 + FIRST_S - 1)
    assert not after.pauses("mqtt", 5.0 + FIRST_S)
    assert not after.pauses("voice", 5.0)
    after.right("mqtt")
    await after.settled()
    assert json.loads(await asyncio.to_thread(file.read_text)) == {}


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"mqtt": 1}', '{"mqtt": {"wrong": "x", "pauses": 0, "pause_s": 0}}'])
def test_a_damaged_file_is_no_reason_to_end(tmp_path: Path, kept: str) -> None:
    (tmp_path / "tries.json").write_text(kept)
    lockout = Lockout()
    lockout.keep_in(tmp_path / "tries.json", 0.0)
    assert not lockout.pauses("mqtt", 0.0)
