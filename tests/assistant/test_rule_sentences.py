"""Rules in the manner of other people, with the shipped router: what is kept of a sentence, what is asked instead."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge.assistant.rulekeeping import RuleReader
from edge.assistant.rulekeeping.wording import rule_said
from edge.devices.home import load_home
from edge.devices.registry import Registry
from edge.router.router import Router
from tests.schedule.fakes import FakeClock

MOTION = {"device_class": "motion"}
HOME: dict[str, list[dict[str, Any]]] = {
    "floors": [],
    "areas": [
        {"id": "study", "name": "Study", "floor": None, "aliases": []},
        {"id": "porch", "name": "Porch", "floor": None, "aliases": []},
        {"id": "cellar", "name": "Cellar", "floor": None, "aliases": []},
    ],
    "devices": [
        {"id": "light.desk", "name": "Desk Lamp", "area": "study"},
        {"id": "light.shelf", "name": "Shelf Lamp", "area": "study"},
        {"id": "light.porch", "name": "Porch Light", "area": "porch"},
        {"id": "lock.gate", "name": "Garden Gate", "area": "porch"},
        {"id": "fan.study", "name": "Fan", "area": "study"},
        {"id": "switch.pump", "name": "Pump", "area": "cellar"},
        {"id": "switch.water", "name": "Irrigation", "area": "porch"},
        {"id": "vacuum.rob", "name": "Rob", "area": "study"},
        {"id": "media_player.radio", "name": "Radio", "area": "study"},
        {"id": "binary_sensor.porch", "name": "Porch Motion", "area": "porch", "attributes": MOTION},
        {"id": "binary_sensor.win", "name": "Study Window", "area": "study", "attributes": {"device_class": "window"}},
        {
            "id": "sensor.damp", "name": "Cellar Humidity", "area": "cellar",
            "attributes": {"device_class": "humidity", "unit_of_measurement": "%"},
        },
        {"id": "person.ada", "name": "Ada", "area": None},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def router() -> Router:
    return Router.load()


@pytest.fixture
def home(tmp_path: Path) -> Registry:
    file = tmp_path / "home.json"
    whole = [{"aliases": [], "attributes": {}, "state": "off", **one} for one in HOME["devices"]]
    file.write_text(json.dumps({**HOME, "devices": whole}))
    return load_home(file)


@pytest.fixture
def said(router: Router, home: Registry) -> "Said":
    return Said(router, home)


class Said:
    """Reads sentences, and says what was made of them."""

    def __init__(self, router: Router, home: Registry) -> None:
        self._router, self._home = router, home
        self._reader = RuleReader(lambda text, area: router.route(text, home, area), home, FakeClock(), "°C")

    def __call__(self, text: str) -> list[str]:
        draft = self._reader.read(text, None, self._router.route(text, self._home, None))
        if draft is None:
            return []
        if draft.routing is not None:
            return [draft.routing.calls[0].function]
        return [f"asks: {draft.problem}"] if draft.problem else [rule_said(rule, self._home) for rule in draft.rules]


READ = """
somebody moving on the porch after dark means the porch light at half
    when the porch motion is seeing motion, after dark, I set the porch light to 50 percent
movement on the porch after dark should mean the porch light at thirty percent for a minute
    when the porch motion is seeing motion, after dark, I set the porch light to 30 percent for 1 minute
whenever the desk lamp comes on, the shelf one should too
    when the desk lamp is on, I turn on the shelf lamp
the gate mustn't stay unlocked: after two minutes, lock it
    when the garden gate is unlocked for 2 minutes, I lock the garden gate
don't let the pump run for longer than an hour
    when the pump is on for 1 hour, I turn off the pump
two hours of fan in one go is enough, so switch it off when it's been on that long
    when the fan is on for 2 hours, I turn off the fan
the radio coming on should turn off the fan
    when the radio is on, I turn off the fan
radio off with the desk lamp still lit? Wait a minute and then put the lamp out
    when the radio is off, if the desk lamp is on, I turn off the desk lamp after 1 minute
the pump should run whenever the cellar humidity is over 70 and stop when it's under 60
    when the cellar humidity is above 70 percent, I turn on the pump
    when the cellar humidity is below 60 percent, I turn off the pump
when the study window opens turn the fan off until it's closed
    when the study window is open, I turn off the fan
    when the study window is closed, I turn on the fan
if the radio is still on at midnight turn it off
    every day at 0:00, if the radio is on, I turn off the radio
when i leave the house turn everything off in the study
    when Ada is away, I turn off the desk lamp and the shelf lamp, turn off the fan and turn off the radio
remind me to feed the cat when i get home
    the next time Ada is at home, I say “feed the cat”
next time the gate unlocks turn on the porch light
    the next time the garden gate is unlocked, I turn on the porch light
with ada at home, tell me when cellar humidity goes over seventy
    alarms.add_rule
send rob out every tuesday at ten in the morning
    vacuum.start
dim the desk lamp to 20 when i turn the radio on
    when the radio is on, I set the desk lamp to 20 percent
turn on the porch light at sunset if someone is home
    at sunset, if Ada is at home, I turn on the porch light
every evening at seven water for ten minutes unless ada is away
    every day at 19:00, if Ada is at home, I turn on the irrigation for 10 minutes
"""
ASKED = """
turn the fan on and off at nine every day
    Both at the same time?
each time the desk lamp goes on turn it off, and each time it goes off turn it on
    set each other off again and again
when the doorbell rings turn on the porch light
    Which sensor, door or device
no movement in the study for an hour? radio off please
    Which sensor, door or device
when the study window opens turn that thing off
    Which one
turn the fan off until somebody wins the lottery when the study window opens
    I can't tell when “until
when the window opens turn off the fan and when pigs fly turn it on
    I follow the first part, but not
"""


def cases(text: str) -> list[tuple[str, list[str]]]:
    """Sentences, each with what is below and indented; what is indented twice goes on from the line before."""
    found: list[tuple[str, list[str]]] = []
    for line in text.strip("\n").splitlines():
        if line.startswith("        "):
            found[-1][1][-1] += f" {line.strip()}"
        elif line.startswith("    "):
            found[-1][1].append(line.strip())
        else:
            found.append((line, []))
    return found


@pytest.mark.parametrize(("text", "rules"), cases(READ))
def test_a_rule_is_read_in_many_manners(said: Said, text: str, rules: list[str]) -> None:
    assert said(text) == rules


@pytest.mark.parametrize(("text", "asked"), cases(ASKED))
def test_what_is_not_understood_is_asked_about_and_not_left_out(said: Said, text: str, asked: list[str]) -> None:
    (told,) = said(text)
    assert told.startswith("asks: ")
    assert asked[0] in told


@pytest.mark.parametrize(
    "text",
    [
        "turn off the fan in twenty minutes",
        "what happens when the gate is unlocked",
        "is the fan on? the study feels stuffy",
        "have you locked the gate?",
        "how long should pasta boil",
        "if i were you i would not ask",
        "the desk lamp is on",
    ],
)
def test_what_is_no_rule_is_left_alone(said: Said, text: str) -> None:
    assert said(text) == []
