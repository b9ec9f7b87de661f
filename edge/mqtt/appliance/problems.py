"""A binary sensor for each thing that can be wrong, with the reason beside it."""

from typing import Final

from edge.mqtt.appliance.component import LONGEST_ATTRIBUTE, Component, shortened
from edge.mqtt.appliance.facts import Problem

_NAMES: Final = {
    Problem.BROKER: "Broker",
    Problem.CONFIGURATION: "Configuration",
    Problem.MODEL: "Language model",
    Problem.VOICE: "Voice",
    Problem.CLOCK: "Clock",
    Problem.DISK: "Disk",
    Problem.HEAT: "Heat",
    Problem.POWER: "Power supply",
    Problem.DOCTOR: "Check-up",
}


def _component(problem: Problem) -> Component:
    return Component(
        f"problem_{problem.value}",
        "binary_sensor",
        _NAMES[problem],
        {"entity_category": "diagnostic", "device_class": "problem"},
        state=lambda facts: "ON" if problem in facts.problems else "OFF",
        attributes=lambda facts: {"reason": shortened(facts.problems.get(problem, ""), LONGEST_ATTRIBUTE) or None},
        exists=lambda facts: problem is not Problem.VOICE or facts.has_voice is True,
    )


PROBLEMS: Final = tuple(_component(problem) for problem in Problem)
