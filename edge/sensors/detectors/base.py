"""What every detector is: settings that never change, a small memory that does, and findings that begin and end."""

from enum import StrEnum
from typing import ClassVar, Protocol

from edge.sensors.model import Change, Finding, Kind, Severity


class Takes(StrEnum):
    """What a detector is fed with."""

    NUMBERS = "numbers"
    """`update(at_s, value)` for every number."""
    STATES = "states"
    """`update(at_s, state)` for every state's name."""
    REPORTS = "reports"
    """`update(at_s, value)` for every report of either sort."""
    HOURS = "hours"
    """`update(at_s, mean)` once an hour that had numbers, when it is over: `at_s` is its middle."""
    DIFFERENCES = "differences"
    """As HOURS, with the mean of the differences from the neighbours' middle value."""


class Settings(Protocol):
    """A frozen dataclass; `key` is unique among a sensor's detectors and starts with the kind."""

    @property
    def key(self) -> str: ...
    @property
    def severity(self) -> Severity: ...


class Detector(Protocol):
    """A dataclass whose fields but `settings` are its memory: constant in size, written by `edge.sensors.keeping`.

    Times never go back between calls (`edge.sensors.intake` sees to it) and numbers are finite.
    """

    kind: ClassVar[Kind]
    takes: ClassVar[Takes]
    ticks: ClassVar[bool]
    """Whether it has to be told the time while nothing is reported."""

    @property
    def settings(self) -> Settings: ...


class Ticking(Detector, Protocol):
    """A detector that finds by the time alone, too."""

    def tick(self, now_s: float) -> Finding | None: ...


class Numeric(Detector, Protocol):
    """A detector of NUMBERS, HOURS or DIFFERENCES."""

    def update(self, at_s: float, value: float, /) -> Finding | None: ...


class Nominal(Detector, Protocol):
    """A detector of STATES."""

    def update(self, at_s: float, value: str, /) -> Finding | None: ...


class Reporting(Detector, Protocol):
    """A detector of REPORTS."""

    def update(self, at_s: float, value: float | str, /) -> Finding | None: ...


def finding(
    detector: Detector,
    change: Change,
    at_s: float,
    since_s: float,
    value: float | str,
    *,
    low: float | None = None,
    high: float | None = None,
    times: float = 1.0,
    aspect: str = "",
) -> Finding:
    """What `detector` has found; `aspect` tells its conditions apart where it has several."""
    settings = detector.settings
    key = f"{settings.key}.{aspect}" if aspect else settings.key
    return Finding(key, detector.kind, change, settings.severity, at_s, since_s, value, low, high, min(times, 1e6))
