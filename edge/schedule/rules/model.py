"""What a rule is: a trigger, what must be so besides, and what is done then."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class TriggerKind(StrEnum):
    """What sets a rule off."""

    STATE = "state"
    """A device gets into a state."""
    NUMERIC = "numeric"
    """A reading passes a bound."""
    TIME = "time"
    SUN = "sun"


class ConditionKind(StrEnum):
    """What must be so besides."""

    STATE = "state"
    NUMERIC = "numeric"
    TIME = "time"
    SUN = "sun"


class Mode(StrEnum):
    """What becomes of a rule that is set off while it is still at work: waiting to act, or to undo."""

    SINGLE = "single"
    """Not again before it is done."""
    RESTART = "restart"
    """From the beginning."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """STATE has `device` and `states`; NUMERIC `device` and one bound; TIME `at`; SUN `sun`."""

    kind: TriggerKind
    device: str = ""
    states: tuple[str, ...] = ()
    """Any of these; with `other` anything but these."""
    other: bool = False
    above: float | None = None
    """In the device's own unit."""
    below: float | None = None
    attribute: str = ""
    """Of which attribute the bound is; empty: the state."""
    for_s: float = 0.0
    """For how long it must stay so."""
    at: str = ""
    """`HH:MM` on the home's clock."""
    days: tuple[str, ...] = ()
    """`monday` …; empty: every day."""
    sun: str = ""
    offset_s: float = 0.0
    """After the sun's moment; negative: before."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: STATE and NUMERIC as of a trigger; TIME from `after` to before `before`; SUN is down, or `up`."""

    kind: ConditionKind
    device: str = ""
    states: tuple[str, ...] = ()
    other: bool = False
    above: float | None = None
    below: float | None = None
    attribute: str = ""
    after: str = ""
    """`HH:MM`; empty: from midnight."""
    before: str = ""
    """`HH:MM`; empty: to midnight, or through the night to noon where `after` is in the evening."""
    days: tuple[str, ...] = ()
    up: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that is done: a call as the assistant's router writes it, or something said."""

    call: Mapping[str, Any] = field(default_factory=dict)
    """`function`, `arguments`, `targets`, and `confirm` where somebody has confirmed it when the rule was made."""
    say: str = ""
    delay_s: float = 0.0
    for_s: float = 0.0
    """How long until it is undone; 0: not at all."""
    until: str = ""
    """`HH:MM`: undone then."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`id` is a slug, the name in the file."""

    id: str
    trigger: Trigger
    actions: tuple[Action, ...]
    conditions: tuple[Condition, ...] = ()
    mode: Mode = Mode.RESTART
    enabled: bool = True
    said: str = ""
    """The sentence it was made from."""
    by: str = ""
    """Who made it: the source, and who or what within it."""
    area: str | None = None
    """The room it was made in."""
    made_s: float = 0.0
    once: bool = False
    """Whether it is over once it has done its work."""
