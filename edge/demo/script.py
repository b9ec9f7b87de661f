"""The tour: sentences that people say at home, and what the house must show for them."""

from dataclasses import dataclass
from typing import Final

from edge.demo.effects import (
    Asks,
    Blue,
    Effect,
    Happens,
    Keeps,
    Measures,
    Quiet,
    Says,
    Shows,
    Sinks,
    Still,
    Talks,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence and its effects."""

    title: str
    """What it shows."""
    say: str
    effects: tuple[Effect, ...]
    area: str | None = None
    """The room the person is in; a question is answered from the room it was asked in."""
    hands: tuple[tuple[str, str], ...] = ()
    """What a person does in the house first: device and deed."""
    within_s: float = 8.0
    needs_model: bool | None = None
    """Only with a language model, or only without one; None: either way."""


def _zigbee(name: str, key: str, wanted: object, within: float = 0.0) -> Shows:
    return Shows(f"zigbee2mqtt/{name}", key, wanted, within)


STEPS: Final = (
    Step("one light", "turn on the kitchen light", (_zigbee("Kitchen Light", "state", "ON"),)),
    Step(
        "two things in one sentence",
        "dim the bedroom lamp to 20 and lock the front door",
        (
            _zigbee("Bedroom Lamp", "brightness", 51, 3),
            _zigbee("Bedroom Lamp", "state", "ON"),
            _zigbee("Front Door", "lock_state", "locked"),
        ),
        hands=(("Front Door", "unlock"),),
    ),
    Step(
        "a colour",
        "make the living room lamp blue",
        (Blue("zigbee2mqtt/Living Room Lamp"), _zigbee("Living Room Lamp", "state", "ON")),
    ),
    Step(
        "a wish, not an order; in the room one is in",
        "it's too warm in here",
        (Sinks("zigbee2mqtt/Living Room Thermostat", "occupied_heating_setpoint"),),
        area="living_room",
    ),
    Step(
        "a position",
        "open the blinds halfway",
        (_zigbee("Living Room Blinds", "position", 50, 1), Keeps("zigbee2mqtt/Bedroom Blinds", "position")),
        area="living_room",
    ),
    Step(
        "a whole floor",
        "close all the blinds upstairs",
        (
            _zigbee("Bedroom Blinds", "position", 0),
            _zigbee("Office Blinds", "position", 0),
            Keeps("zigbee2mqtt/Living Room Blinds", "position"),
        ),
    ),
    Step(
        "a measured value",
        "what's the temperature in the bedroom?",
        (Measures("zigbee2mqtt/Bedroom Air", "temperature"), Still()),
    ),
    Step(
        "a state",
        "is the front door locked?",
        (Says(("front door", "locked")), Still()),
    ),
    Step(
        "what lets somebody in is asked first",
        "unlock the front door",
        (Asks(), Still(), Keeps("zigbee2mqtt/Front Door", "lock_state")),
    ),
    Step("and done when confirmed", "yes", (_zigbee("Front Door", "lock_state", "unlocked"),)),
    Step("asked again, for a gate", "open the garage door", (Asks(), Still())),
    Step("and left when not", "no", (Still(), Keeps("garage-door/door"))),
    Step("three lamps: which one?", "turn on the lamp", (Asks(), Still())),
    Step("the one that was meant", "the one in the office", (_zigbee("Office Lamp", "state", "ON"),)),
    Step(
        "an appliance, a little later",
        "turn on the coffee machine in two seconds",
        (Shows("coffee_machine/stat/POWER", None, "ON", not_before_s=1.8),),
    ),
    Step(
        "a fan's speed",
        "set the bedroom fan to full speed",
        (Shows("bedroom-fan/power", None, "ON"), Shows("bedroom-fan/speed", None, 4)),
    ),
    Step(
        "a player that discovery does not know",
        "turn on the TV",
        (Shows("tv/state", None, "playing"),),
        area="living_room",
    ),
    Step(
        "its volume",
        "set the TV volume to 40 percent",
        (Shows("tv/volume", None, 40),),
        area="living_room",
    ),
    Step(
        "a scene",
        "activate movie night",
        (
            _zigbee("Living Room Lamp", "brightness", 40),
            _zigbee("Living Room Blinds", "position", 0),
        ),
    ),
    Step("a robot", "start the vacuum", (Shows("vacuum/state", "state", "cleaning"),)),
    Step(
        "everything but one",
        "turn everything off except the hall light",
        (
            _zigbee("Kitchen Light", "state", "OFF"),
            _zigbee("Bedroom Lamp", "state", "OFF"),
            _zigbee("Office Lamp", "state", "OFF"),
            Keeps("zigbee2mqtt/Hall Light", "state"),
        ),
        hands=(("Hall Light", "press"),),
    ),
    Step(
        "taken back",
        "undo that",
        (_zigbee("Kitchen Light", "state", "ON"), _zigbee("Bedroom Lamp", "state", "ON")),
    ),
    Step(
        "a timer that rings",
        "set a timer for two seconds",
        (Happens("timer_finished", not_before_s=1.8), Still()),
    ),
    Step("and is silenced", "stop", (Still(),)),
    Step(
        "a lamp without power",
        "turn off the office lamp",
        (Says(("office lamp", "did not answer")), Keeps("zigbee2mqtt/Office Lamp", "state")),
        hands=(("Office Lamp", "unplug"),),
    ),
    Step("a list", "add milk to the shopping list", (Says(("milk",)), Still())),
    Step("read back", "what's on the shopping list?", (Says(("milk",)), Still())),
    Step("second thoughts", "never mind", (Quiet(), Still())),
    Step(
        "not for a device, and no language model",
        "tell me a joke",
        (Says(("edge models add",)), Still()),
        needs_model=False,
    ),
    Step("not for a device: the language model", "tell me a joke", (Talks(), Still()), within_s=1.0, needs_model=True),
)

TRY: Final = (
    "turn off all the lights upstairs",
    "set the bedroom to 20 degrees",
    "how humid is the nursery?",
    "which lights are on?",
    "make the bedroom lamp warm white",
    "open the garage door",
    "wake me at seven",
    "turn on the sprinkler",
    "is the kitchen window open?",
    "put on the fan in the bathroom for ten seconds",
)
"""Sentences for the prompt."""


def steps(*, model: bool) -> tuple[Step, ...]:
    """The tour with or without a language model."""
    return tuple(step for step in STEPS if step.needs_model in (None, model))
