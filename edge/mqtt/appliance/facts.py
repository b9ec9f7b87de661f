"""What the appliance knows of itself now, as its entities show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Problem(StrEnum):
    """What can be wrong; each has a binary sensor of its own."""

    BROKER = "broker"
    CONFIGURATION = "configuration"
    MODEL = "model"
    VOICE = "voice"
    CLOCK = "clock"
    DISK = "disk"
    HEAT = "heat"
    POWER = "power"
    DOCTOR = "doctor"
    """What looking at the whole machine found, now and then, and has no sensor of its own."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what became of it."""

    id: str
    text: str
    reply: str
    decision: str
    answered_by: str
    """Which part of the assistant answered."""
    source: str
    """Where the request came in."""
    area: str | None
    functions: tuple[str, ...]
    ms: float


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that runs or is paused, or an alarm clock, reminder or call that waits for its time."""

    id: str
    kind: str
    status: str
    name: str
    area: str | None
    ends: datetime | None
    """None while it is paused, or the time is not known."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One look at the appliance. None: not known now."""

    version: str
    has_voice: bool | None = False
    """Whether it is meant to hear and speak; None: if it has before, its microphone may be back any time."""
    listening: str | None = None
    """What the room does now; None while nothing hears."""
    guests: bool = False
    """Whether guest mode is on."""
    scenes: tuple[tuple[str, str], ...] = ()
    """Scenes and routines that were made here: key and name."""
    volume: float | None = None
    """0..1."""
    wake_word: str | None = None
    wake_words: tuple[str, ...] = ()
    """Those to choose from."""
    model: str | None = None
    """The language model that was chosen; governing may have another, smaller one loaded."""
    models: tuple[str, ...] = ()
    """Those to choose from."""
    model_state: str = "absent"
    loaded_model: str | None = None
    timers: tuple[Timer, ...] = ()
    last: Exchange | None = None
    tokens_per_s: float | None = None
    model_bytes: int | None = None
    service_bytes: int | None = None
    available_bytes: int | None = None
    celsius: float | None = None
    router_ms: float | None = None
    model_ms: float | None = None
    problems: Mapping[Problem, str] = field(default_factory=dict)
    """What is wrong now, each with its reason."""
