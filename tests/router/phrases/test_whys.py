"""Why-questions and what happened: which sensors, which way, when; and what is none of those."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.words import listed
from edge.router.model import Decision
from edge.router.phrases import load_phrases
from edge.router.phrases.whys import read_happened, read_summed, read_why
from tests.router.phrases.home import NOW, where

PHRASES = load_phrases()
WHERE = where()
WORDS = listed("is, why, so, the, warm, cold, it, in, here, freezer, up, at, three, last, night, use, power")


def meant(text: str, area: str | None = None) -> tuple[str, dict[str, Any], tuple[str, ...]] | None:
    routing = PHRASES.recognise(text, where(area) if area else WHERE)
    if routing is None:
        return None
    assert routing.decision in (Decision.QUERY, Decision.CLARIFY)
    (call,) = routing.calls
    return call.function, dict(call.arguments), call.targets or routing.candidates


@pytest.mark.parametrize(
    ("text", "sensor", "facts"),
    [
        ("why is the greenhouse so warm?", "sensor.greenhouse_temperature", ("temperature", "up")),
        ("Why was the greenhouse so cold", "sensor.greenhouse_temperature", ("temperature", "down")),
        ("why is it so humid in the greenhouse", "sensor.greenhouse_humidity", ("humidity", "up")),
        ("why did the freezer warm up", "sensor.freezer_temperature", ("temperature", "up")),
        ("why has the freezer been warming up", "sensor.freezer_temperature", ("temperature", "up")),
        ("how come the freezer got so warm", "sensor.freezer_temperature", ("temperature", "up")),
        ("why is the CO2 so high in the bedroom", "sensor.bedroom_co2", ("", "up")),
        ("do you know why the bedroom is so stuffy", "sensor.bedroom_co2", ("carbon_dioxide", "up")),
        ("why did the rain tank level drop", "sensor.tank", ("", "down")),
        ("why does the washer use so much power", "sensor.washer_power", ("power", "up")),
        ("why is it getting cold outside", "sensor.outdoor_temperature", ("temperature", "down")),
    ],
)
def test_a_why_names_a_sensor_and_which_way_it_went(text: str, sensor: str, facts: tuple[str, str]) -> None:
    found = meant(text)
    assert found is not None
    function, arguments, targets = found
    assert function == "sensor.explain"
    assert sensor in targets
    assert (arguments.get("measure", ""), arguments["direction"]) == facts


def test_times_are_taken_out_wherever_they_stand() -> None:
    found = meant("why did the freezer warm up last night")
    assert found is not None
    assert found[1]["start"] < "2026-03-11T00:00:00" < found[1]["end"]
    found = meant("what happened in the greenhouse at three")
    assert found is not None
    assert set(found[2]) == {"sensor.greenhouse_temperature", "sensor.greenhouse_humidity"}
    assert found[1]["at"].endswith(("T15:00:00", "T03:00:00"))


def test_here_is_the_speakers_room() -> None:
    found = meant("why is it so stuffy in here", "bedroom")
    assert found is not None
    assert found[2] == ("sensor.bedroom_co2",)


@pytest.mark.parametrize(
    "text",
    [
        "why is the sky so blue",
        "why is the sun so hot",
        "why are you so slow",
        "why is ice cream so cold",
        "why did the stock market drop",
        "why did rome fall",
        "what happened in 1945",
        "what happened in london",
        "what happened to you",
        "what happened yesterday in parliament",
        "how was your day",
        "how was the concert last night",
    ],
)
def test_what_is_about_no_sensor_goes_its_own_way(text: str) -> None:
    assert meant(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "give me the summary",
        "what's my daily briefing",
        "anything unusual today?",
        "is there anything unusual",
        "what did I miss?",
        "how was the house yesterday",
        "how was last week",
        "sum up last week",
        "what happened last night",
        "weekly summary please",
    ],
)
def test_a_summary_is_asked_for_in_many_ways(text: str) -> None:
    found = meant(text)
    assert found is not None
    assert found[0] == "summary.get"


def test_a_summarys_time_is_from_when_to_when() -> None:
    found = meant("how was the house yesterday")
    assert found is not None
    assert found[1] == {"start": "2026-03-10T00:00:00", "end": "2026-03-11T00:00:00"}
    assert read_summed("at three", NOW) is None


@given(st.text(max_size=80), st.sampled_from([None, "kitchen"]))
def test_no_text_is_too_much(text: str, area: str | None) -> None:
    for read in [read_why, read_happened]:
        found = read(text, WHERE.registry, area, NOW)
        if found is not None:
            assert {*found.devices, *found.choices} <= set(WHERE.registry.devices)


@given(st.lists(st.sampled_from(sorted(WORDS))))
def test_no_words_are_too_much(words: list[str]) -> None:
    read_why(" ".join(words), WHERE.registry, "kitchen", NOW)
