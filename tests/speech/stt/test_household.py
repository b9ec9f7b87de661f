"""Names and places as people say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices import parse_home
from edge.speech.stt.household import classes_of, spoken
from edge.speech.stt.language import classes_from_json, classes_to_json
from tests.speech.stt.house import house


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Kitchen Ceiling", "kitchen ceiling"),
        ("Lamp 2", "lamp two"),
        ("Bedroom (42)", "bedroom forty two"),
        ("Room 101", "room one hundred one"),
        ("Zone 007", "zone zero zero seven"),
        ("Café", "cafe"),
        ("Salt & Pepper", "salt and pepper"),
        ("Dad's Lamp", "dad's lamp"),
        ("📺", ""),
    ],
)
def test_a_name_becomes_words(written: str, said: str) -> None:
    assert " ".join(spoken(written)) == said


@given(st.text(max_size=60))
def test_any_name_becomes_words_the_recogniser_takes(name: str) -> None:
    assert all(word and word.isascii() and word == word.lower() and " " not in word for word in spoken(name))


def test_devices_places_and_aliases_are_there() -> None:
    classes = classes_of(house())
    assert {("kitchen",), ("office",), ("study",)} == set(classes["area"])
    assert set(classes["floor"]) == {("first", "floor"), ("upstairs",)}
    assert {("kitchen", "ceiling"), ("ceiling",), ("lamp", "two"), ("reading", "lamp")} <= set(classes["light"])
    assert ("blinds",) in classes["cover"]
    assert classes.get("cover.blind")
    assert not classes.get("fan")


def test_modes_come_from_the_devices() -> None:
    attributes = {"preset_modes": ["Eco+", "Away"], "source_list": None}
    device = {"id": "climate.hall", "name": "Hall", "attributes": attributes}
    classes = classes_of(parse_home({"devices": [device]}, "test"))
    assert set(classes["mode:climate"]) == {("eco", "plus"), ("away",)}


def test_classes_go_over_the_wire_as_they_are() -> None:
    classes = classes_of(house())
    assert classes_from_json(classes_to_json(classes)) == classes
