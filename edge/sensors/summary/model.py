"""What a summary is made of; times are seconds since 1970, numbers in the sensor's unit."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MOST_LISTED = 40


class Width(StrEnum):
    """What is summed up."""

    DAY = "day"
    WEEK = "week"
    SPAN = "span"
    """From one moment to another."""


@dataclass(frozen=True, slots=True)
class Room:
    """How warm it was; `usual_low` and `usual_high`: on the middle one of the days before."""

    key: str
    name: str
    area: str
    outdoors: bool
    unit: str
    low: float
    high: float
    usual_low: float | None = None
    usual_high: float | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What a meter counted, and what it usually counts in as long."""

    key: str
    name: str
    device_class: str
    unit: str
    amount: float
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What is open now, since when; or what was open longest, for how long."""

    key: str
    name: str
    area: str
    device_class: str
    since_s: float
    open_s: float
    still: bool


@dataclass(frozen=True, slots=True)
class Battery:
    """One that is low."""

    key: str
    name: str
    area: str
    percent: float | None


@dataclass(frozen=True, slots=True)
class Silent:
    """A sensor that has said nothing for much longer than it does."""

    key: str
    name: str
    area: str
    since_s: float


@dataclass(frozen=True, slots=True)
class Odd:
    """A value that was on none of the days before: `value`, where `low` and `high` are the furthest of those.

    `times`: how far outside, in widths of what they span. `counted`: a meter's day, or days.
    """

    key: str
    name: str
    area: str
    unit: str
    device_class: str
    value: float
    low: float
    high: float
    times: float
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Drift:
    """What has crept one way for two weeks: by how much."""

    key: str
    name: str
    area: str
    unit: str
    by: float
    days: int


@dataclass(frozen=True, slots=True)
class Alarmed:
    """An alarm that was on in that time."""

    sensor: str
    name: str
    severity: str
    text: str
    since_s: float
    ended_s: float | None
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it; the most important first in each part."""

    width: Width
    since_s: float
    until_s: float
    rooms: tuple[Room, ...] = ()
    totals: tuple[Total, ...] = ()
    openings: tuple[Opening, ...] = ()
    batteries: tuple[Battery, ...] = ()
    silent: tuple[Silent, ...] = ()
    odd: tuple[Odd, ...] = ()
    drifts: tuple[Drift, ...] = ()
    alarms: tuple[Alarmed, ...] = ()

    @property
    def unusual(self) -> bool:
        """Whether there is anything that is not as always."""
        return bool(self.odd or self.drifts or self.silent or self.alarms)

    def to_json(self) -> dict[str, Any]:
        """Lists of objects by part."""
        facts = asdict(self)
        facts["since"], facts["until"] = facts.pop("since_s"), facts.pop("until_s")
        return {name: list(of[:MOST_LISTED]) if isinstance(of, tuple) else of for name, of in facts.items()} | {
            "unusual": self.unusual
        }
