"""Sentences of functions that the network has no token for."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.words import listed
from edge.router.model import Call, Decision
from edge.router.phrases import Phrases, TemplateError, load_phrases
from edge.router.phrases.declared import read_phrases
from edge.router.phrases.slots import FILLERS
from edge.router.phrases.spoken import bared, spoken
from tests.router.homes import UTTERANCES
from tests.router.phrases.home import where

IN_A_HOME = listed(
    "condition, event, sensor, sensors, device, devices, area, why, happened, thing, naming, scene, own_scene"
)
"""Slots that a home has to have something for."""
PHRASES = load_phrases()
WHERE = where()


def call(text: str, *context: str, area: str | None = None) -> Call | None:
    routing = PHRASES.recognise(text, where(area) if area else WHERE, context)
    return routing.calls[0] if routing is not None else None


def function(text: str, *context: str) -> str | None:
    made = call(text, *context)
    return made.function if made is not None else None


@pytest.mark.parametrize("name", sorted(PHRASES.functions))
def test_every_example_means_its_function(name: str) -> None:
    own = PHRASES.functions[name]
    if not IN_A_HOME & set(own.slots.values()):
        assert {function(example, "alarm") for example in own.examples} == {name}
    assert json.dumps(own.as_json())
    assert own.as_json()["token_id"] is None


@pytest.mark.parametrize(
    "text",
    ["any alarms?", "Hey, could you tell me the alarms please", "what's wrong", "whats wrong", "is everything OK?"],
)
def test_politeness_and_contractions_change_nothing(text: str) -> None:
    assert function(text) == "alarms.status"


def test_a_function_needs_the_whole_sentence() -> None:
    assert function("any alarms in this song") is None
    assert function("what's wrong with this sentence") is None


def test_some_sentences_mean_something_only_while_there_is_an_alarm() -> None:
    assert function("got it") is None
    assert function("got it", "alarm") == "alarms.acknowledge"


def test_a_slot_that_can_not_be_filled_is_no_match() -> None:
    assert function("mute the freezer alarm") == "alarms.mute"
    assert function("mute the dragon alarm") is None


@pytest.mark.parametrize(
    "text",
    [
        "what alarms do I have",
        "which alarms are set",
        "set an alarm for seven",
        "stop the alarm",
        "snooze the alarm",
        "arm the alarm",
        "mute the TV",
    ],
)
def test_alarm_clocks_and_panels_are_left_to_the_network(text: str) -> None:
    assert function(text) is None


def test_sensors_and_lengths_of_time_become_arguments() -> None:
    muted = call("hush the freezer warnings for two hours")
    assert muted is not None
    assert (muted.targets, muted.arguments["duration"]) == (("sensor.freezer_temperature",), 7200)


def test_a_number_tells_which_sensor_is_meant() -> None:
    limit = call("the greenhouse may be up to thirty degrees")
    assert limit is not None
    assert limit.targets == ("sensor.greenhouse_temperature",)
    limit = call("the greenhouse may be up to eighty percent")
    assert limit is not None
    assert limit.targets == ("sensor.greenhouse_humidity",)


def test_which_one_is_asked() -> None:
    routing = PHRASES.recognise("warn me if the battery is below ten percent", WHERE)
    assert routing is not None
    assert routing.decision is Decision.CLARIFY
    assert set(routing.candidates) == {"sensor.hall_battery", "sensor.lock_battery"}
    assert routing.calls[0].targets == ()


def arguments(text: str, area: str | None = None) -> dict[str, Any]:
    made = call(text, area=area)
    assert made is not None, text
    assert made.function == "alarms.add_rule"
    assert made.arguments["said"] == text
    return {"targets": made.targets, **made.arguments}


def test_a_warning_becomes_a_call_in_the_sensors_own_words() -> None:
    made = arguments("warn me when the greenhouse goes above thirty for ten minutes")
    assert made["targets"] == ("sensor.greenhouse_temperature",)
    assert (made["relation"], made["value"], made["hold"]) == ("above", 30.0, 600)
    made = arguments("tell me when the front door opens")
    assert (made["targets"], made["state"]) == (("binary_sensor.front_door",), "on")
    made = arguments("let me know if the front door isn't locked at night")
    assert (made["targets"], made["state"], made["from"], made["to"]) == (
        ("lock.front_door",),
        "unlocked",
        "22:00",
        "06:00",
    )
    made = arguments("watch the rain tank and shout if it drops below a quarter")
    assert (made["targets"], made["value"], made["unit"]) == (("sensor.tank",), 25.0, "%")
    made = arguments("warn me if the greenhouse is over 30 while the pump is off")
    assert made["while"] == "switch.pump is off"
    assert arguments("alert me if the co2 goes over 1200", "bedroom")["targets"] == ("sensor.bedroom_co2",)


def test_any_of_a_kind_and_all_of_it() -> None:
    windows = ("binary_sensor.bedroom_window", "binary_sensor.kitchen_window")
    for any_ in ("a window is", "any window is", "either window is"):
        assert arguments(f"let me know when {any_} opened")["targets"] == windows
    both = arguments("tell me when all windows are closed")
    assert (both["targets"], both["while"]) == (windows[:1], "binary_sensor.kitchen_window is off")


def test_reaching_a_value_goes_by_where_it_is_now() -> None:
    assert arguments("tell me when the greenhouse reaches 25 degrees")["relation"] == "above"
    assert arguments("tell me when the greenhouse reaches 15 degrees")["relation"] == "below"


def test_whether_something_is_so_now_is_a_question() -> None:
    assert function("tell me if the front door is open") is None
    assert function("tell me if the front door is open for ten minutes") == "alarms.add_rule"


def test_what_the_home_lacks_is_asked_about_only_where_it_is_measured() -> None:
    routing = PHRASES.recognise("warn me when the attic goes above thirty degrees", WHERE)
    assert routing is not None
    assert (routing.decision, routing.candidates) == (Decision.CLARIFY, ())
    assert "attic" in (routing.question or "")
    for text in ("tell me when the next train goes", "let me know if you need anything", "tell me when he arrives"):
        assert PHRASES.recognise(text, WHERE) is None


@given(st.text(max_size=80))
def test_no_text_is_too_odd(text: str) -> None:
    PHRASES.recognise(text, WHERE, ("alarm",))


@pytest.mark.parametrize("text", UTTERANCES)
def test_nothing_hostile_does_any_harm(text: str) -> None:
    routing = PHRASES.recognise(text, WHERE, ("alarm",))
    assert routing is None or routing.calls


WORDS = st.sampled_from(
    sorted(
        listed(
            "warn, me, if, when, the, freezer, greenhouse, door, goes, is, not, above, below, thirty, "
            "percent, degrees, for, ten, minutes, at, night, and, or, while, unless, between, to, too, hot, "
            "empty, opens, off, stop"
        )
    )
)


@given(st.lists(WORDS, max_size=14))
def test_no_order_of_its_words_is_too_odd(words: list[str]) -> None:
    PHRASES.recognise(" ".join(words), WHERE)


def test_politeness_is_taken_off_but_never_everything() -> None:
    said = spoken("Hey, could you please warn me, thanks")
    start, end = bared(said.words)
    assert said.words[start:end] == ("warn", "me")
    assert bared(("hey",)) == (0, 1)
    assert bared(()) == (0, 0)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('kind = "act"', "`templates`"),
        ('kind = "do"\ndoes = ""\ntemplates = ["a"]\nexamples = []', "`kind`"),
        ('kind = "act"\ndoes = ""\ntemplates = ["a {b}"]\nexamples = []', "does not say what b is"),
        ('kind = "act"\ndoes = ""\ntemplates = ["a"]\nexamples = []\nslots = {b = "c"}', "no type is called 'c'"),
        ('kind = "act"\ndoes = ""\ntemplates = ["a"]\nexamples = []\nmore = 1', "nothing is called `more`"),
        ('kind = "act"\ndoes = ""\ntemplates = [1]\nexamples = []', "expected a list of texts"),
    ],
)
def test_a_declaration_that_can_not_be_used_is_named(entry: str, said: str) -> None:
    with pytest.raises(TemplateError, match=r"mine\.toml: functions\.a\.b") as caught:
        read_phrases(f'[functions."a.b"]\n{entry}', "mine.toml", tuple(FILLERS))
    assert said in str(caught.value)


def test_a_function_of_ones_own_is_a_declaration_and_nothing_more() -> None:
    text = '[functions."tea.make"]\nkind = "act"\ndoes = "Tea."\nslots = {for = "duration"}\n'
    text += 'templates = ["make [some] tea [for {for}]"]\nexamples = ["make tea"]\n'
    phrases = Phrases(read_phrases(text, "mine.toml", tuple(FILLERS)))
    routing = phrases.recognise("would you make tea for five minutes", WHERE)
    assert routing is not None
    assert routing.calls == (Call("tea.make", {"for": 300}),)
    assert phrases.recognise("make tea for the queen", WHERE) is None
