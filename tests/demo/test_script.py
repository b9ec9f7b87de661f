"""The tour is made of what the house has, and its effects tell what happened from what did not."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from edge.demo.effects import (
    Asks,
    Blue,
    Effect,
    Happens,
    Keeps,
    Measures,
    Quiet,
    Says,
    Seen,
    Shows,
    Sinks,
    Still,
    Talks,
    value_of,
)
from edge.demo.house import House
from edge.demo.house.house import HAND
from edge.demo.household import BASE
from edge.demo.script import STEPS, TRY, Step, steps
from edge.demo.tour import changed, event_of
from edge.demo.watch import Heard
from tests.demo.wired import Wired


@pytest.fixture(scope="module")
def shown() -> Mapping[str, str]:
    wired = Wired(House()).start()
    wired.wait(10)
    return {message.topic: message.payload for message in wired.said}


def test_the_tour_is_long_enough_and_says_nothing_twice() -> None:
    for model in (False, True):
        script = steps(model=model)
        assert len(script) >= 20
        assert len({step.say for step in script}) == len(script)
        assert all(step.effects for step in script)
        assert sum(isinstance(effect, Talks) for step in script for effect in step.effects) == model


def test_steps_are_judged_by_the_house_and_not_by_words_alone() -> None:
    on_the_house = (Shows, Sinks, Keeps, Still, Measures, Blue)
    assert [step.title for step in STEPS if not any(isinstance(effect, on_the_house) for effect in step.effects)] == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_every_step_is_about_topics_that_the_house_has(step: Step, shown: Mapping[str, str]) -> None:
    for effect in step.effects:
        if isinstance(effect, Shows | Keeps | Sinks | Measures):
            assert value_of(shown, effect.topic, effect.key) is not None, effect
        if isinstance(effect, Blue):
            assert effect.topic in shown


@pytest.mark.parametrize("step", [step for step in STEPS if step.hands], ids=lambda step: step.title)
def test_hands_can_do_what_the_script_asks(step: Step) -> None:
    wired = Wired(House()).start()
    for device, deed in step.hands:
        wired.send(HAND, json.dumps({"device": device, "do": deed}))
        wired.flush()
        assert json.loads(wired.said[-1].payload) == {"device": device, "do": deed, "done": True}


def test_rooms_of_the_script_exist() -> None:
    rooms = {thing.area.lower().replace(" ", "_") for thing in House().things}
    assert {step.area for step in STEPS if step.area} <= rooms


def test_there_are_sentences_to_try() -> None:
    assert len(set(TRY)) == len(TRY) >= 8
    assert not {step.say for step in STEPS} & set(TRY) - {"open the garage door"}


# Effects -------------------------------------------------------------------------------------------------------------


def seen(
    before: Mapping[str, str] | None = None, since: Iterable[Heard] = (), reply: Mapping[str, Any] | None = None
) -> Seen:
    heard = tuple(since)
    now = {**(before or {}), **{one.topic: one.payload for one in heard}}
    return Seen(before or {}, now, heard, reply or {"text": ""}, 100.0, ("lamp/set", "lamp/set/+"))


def at(seconds: float, topic: str, payload: str) -> Heard:
    return Heard(100.0 + seconds, topic, payload)


ON, OFF = '{"state": "ON", "level": 51}', '{"state": "OFF", "level": 9}'
TIMER = json.dumps({"event": "timer_finished", "text": "Time is up."})


@pytest.mark.parametrize(
    ("effect", "met"),
    [
        (Shows("lamp", "state", "ON"), seen({"lamp": OFF}, [at(0.1, "lamp", ON)])),
        (Shows("lamp", "level", 50, within=2), seen({"lamp": OFF}, [at(0.1, "lamp", ON)])),
        (Shows("lamp", "state", "ON", not_before_s=2), seen({"lamp": OFF}, [at(2.1, "lamp", ON)])),
        (Shows("door", None, "open"), seen({}, [at(1, "door", "open")])),
        (Sinks("lamp", "level"), seen({"lamp": ON}, [at(1, "lamp", OFF)])),
        (Blue("lamp"), seen({}, [at(1, "lamp", '{"color": {"x": 0.14, "y": 0.04}}')])),
        (Keeps("lamp", "state"), seen({"lamp": ON}, [at(1, "lamp", ON)])),
        (Still(), seen({}, [at(1, "lamp", ON)])),
        (Says(("LAMP",)), seen(reply={"text": "The lamp is on."})),
        (Measures("t"), seen({"t": "20.4"}, [at(1, "t", "20.9")], {"text": "It is 20.4 degrees."})),
        (Asks(), seen(reply={"text": "Shall I?"})),
        (Quiet(), seen()),
        (Talks(), seen(reply={"text": "Well, well.", "source": "llm"})),
        (Happens("timer_finished", 2), seen({}, [at(2.1, f"{BASE}/event", TIMER)])),
    ],
)
def test_effects_that_are_there_are_seen(effect: Effect, met: Seen) -> None:
    assert effect.lacks(met) is None


@pytest.mark.parametrize(
    ("effect", "unmet", "why"),
    [
        (Shows("lamp", "state", "ON"), seen({"lamp": ON}), "before"),
        (Shows("lamp", "state", "ON"), seen({"lamp": OFF}, [at(0.1, "lamp", OFF)]), "'OFF'"),
        (Shows("lamp", "state", "ON"), seen({"lamp": OFF}, [at(0.1, "lamp", ON), at(0.2, "lamp", OFF)]), "'OFF'"),
        (Shows("lamp", "level", 40, within=2), seen({"lamp": OFF}, [at(0.1, "lamp", ON)]), "51"),
        (Shows("lamp", "state", "ON", not_before_s=2), seen({}, [at(0.5, "lamp", ON)]), "too early"),
        (Shows("nothing", "state", "ON"), seen(), "None"),
        (Sinks("lamp", "level"), seen({"lamp": ON}), "expected less"),
        (Blue("lamp"), seen({"lamp": '{"color": {"x": 0.6, "y": 0.3}}'}), "expected blue"),
        (Keeps("lamp", "state"), seen({"lamp": ON}, [at(1, "lamp", OFF)]), "OFF"),
        (Still(), seen({}, [at(1, "lamp/set", "ON")]), "lamp/set"),
        (Says(("lamp", "off")), seen(reply={"text": "The lamp is on."}), "'off'"),
        (Measures("t"), seen({"t": "20.4"}, reply={"text": "It is 2 degrees."}), "20.4"),
        (Measures("t"), seen({"t": "x"}, reply={"text": "It is 2 degrees."}), "'x'"),
        (Asks(), seen(reply={"text": "Done."}), "question"),
        (Quiet(), seen(reply={"text": "What?"}), "silence"),
        (Talks(), seen(reply={"text": "Add one with edge models add.", "source": "llm"}), "language model"),
        (Talks(), seen(reply={"text": "Hello", "source": "router"}), "language model"),
        (Happens("timer_finished"), seen(), "no event"),
        (Happens("timer_finished", 2), seen({}, [at(0.5, f"{BASE}/event", TIMER)]), "too early"),
    ],
)
def test_effects_that_are_not_there_are_missed(effect: Effect, unmet: Seen, why: str) -> None:
    assert why in (effect.lacks(unmet) or "")


def test_changes_leave_out_what_is_only_measured() -> None:
    before = {"lamp": '{"state": "OFF", "linkquality": 60}', "valve/valve": "closed"}
    shown = [at(0, "lamp", '{"state": "ON", "linkquality": 61}'), at(1, "valve/valve", "opening")]
    found = [(one.topic, one.key, one.before, one.now) for one in changed(before, shown)]
    assert found == [("lamp", "state", "OFF", "ON"), ("valve/valve", "", "closed", "opening")]


def test_only_what_is_said_unasked_is_an_event() -> None:
    assert event_of(at(0, f"{BASE}/event", TIMER)) == "Time is up."
    assert event_of(at(0, f"{BASE}/event", '{"event": "request", "text": "lights on"}')) is None
    assert event_of(at(0, f"{BASE}/event", '{"event": "call_due", "text": ""}')) is None
    assert event_of(at(0, "elsewhere", TIMER)) is None
