"""What the sensors' parts hand one another: a reading, and what a detector found."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Reading:
    """One report of a sensor: `at_s` in seconds since 1970 (UTC), a number in the sensor's unit or a state's name."""

    at_s: float
    value: float | str


class Kind(StrEnum):
    """What is watched for; one file in `edge.sensors.detectors` each, but for the last two."""

    LIMITS = "limits"
    RATE = "rate"
    STALE = "stale"
    STUCK = "stuck"
    SPIKE = "spike"
    SHIFT = "shift"
    DRIFT = "drift"
    UNUSUAL = "unusual"
    STATE = "state"
    COUNTER = "counter"
    NEIGHBOURS = "neighbours"
    RULE = "rule"
    """What a person asked to be warned of."""
    FLOOD = "flood"
    """More readings than are kept."""


class Change(StrEnum):
    """Whether what was found begins or is over."""

    BEGAN = "began"
    ENDED = "ended"


class Severity(StrEnum):
    """How much it matters: told in a summary, said when somebody is up, said at once."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector found, with the figures that made it say so; every `BEGAN` is followed by one `ENDED`.

    `key` tells one condition of a sensor from another ("limits", "limits/too hot", "counter.running"). `at_s` is when
    it was known, `since_s` when it began. `value` is what was read then, or how many seconds it has lasted (`stale`,
    `stuck`, `state`, `counter.running`, `counter.still`), or by how much it moved (`rate`, `counter.fast`); `low` and
    `high` what would have been normal in the same unit, where there is a bound on that side. `times` says how unusual:
    how many times the widest that was normal lately; 1 where the bound was set by a person.
    """

    key: str
    kind: Kind
    change: Change
    severity: Severity
    at_s: float
    since_s: float
    value: float | str
    low: float | None = None
    high: float | None = None
    times: float = 1.0
