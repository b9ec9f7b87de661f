"""What is asked of an explanation, and what it is made of: a movement, and causes with what speaks for each."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from edge.sensors.history.model import Sensor

LIKELY: Final = 0.5
"""The share from which on a cause is named as one."""
MENTIONED: Final = 0.05
"""Below this share a change is told as part of what was around, not among the causes."""


class Direction(StrEnum):
    """Which way it moved."""

    UP = "up"
    DOWN = "down"

    @property
    def sign(self) -> int:
        """1 or -1."""
        return 1 if self is Direction.UP else -1


class Relation(StrEnum):
    """Where a change was, seen from the sensor."""

    OWN = "own"
    """The same thing: a freezer's door and its temperature."""
    AREA = "area"
    FLOOR = "floor"
    """Another area of the same floor."""
    HOUSE = "house"
    """Of no room: mains, weather, the outside, heating of the house."""
    ELSEWHERE = "elsewhere"


class Sort(StrEnum):
    """What a cause is."""

    STATE = "state"
    NUMBER = "number"
    OUTAGE = "outage"
    """Many things fell silent at once."""


@dataclass(frozen=True, slots=True)
class Places:
    """The house's areas by id: on which floor each is, and which are outdoors."""

    floors: Mapping[str, str] = field(default_factory=dict)
    outdoors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Inquiry:
    """`key`: a series of numbers. It is to have moved up to `until_s`; from `since_s` on where a person said when.

    `direction`: as asked ("why is it so warm"), or None.
    """

    key: str
    until_s: float
    since_s: float | None = None
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """From `before` at `since_s` to `after` at `until_s`, in the sensor's unit; a counter's is by the hour.

    `usual`: how far it moves that way on an ordinary day within as long, `times`: how many times that it was now;
    `low` and `high`: between which it is at this hour on most days. None where there is too little history.
    """

    direction: Direction
    since_s: float
    until_s: float
    before: float
    after: float
    usual: float | None = None
    times: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def size(self) -> float:
        """How far, always positive."""
        return abs(self.after - self.before)


@dataclass(frozen=True, slots=True)
class Cause:
    """A change before the movement, or with it, and what speaks for its being the cause.

    Of the last `seen` times that it changed like this, the sensor moved as it did now within `within_s` `followed`
    times; without that it does so with the chance `otherwise`. `typical`: the middle of what followed. `share`: how
    much of the movement's being there it accounts for, 0 to 1, beside the others and what nobody saw.
    """

    key: str
    name: str
    area: str
    sort: Sort
    relation: Relation
    device_class: str
    unit: str
    before: float | str | None
    after: float | str | None
    at_s: float
    until_s: float | None
    """When it was over; None: not before the question."""
    lag_s: float
    """From the change to the movement; below 0 where it seems to have begun after it."""
    share: float
    seen: int = 0
    followed: int = 0
    otherwise: float = 0.0
    within_s: float = 0.0
    typical: float | None = None
    chance: float = 1.0
    """How likely so many would have followed by accident."""
    earlier: int = 0
    """How often it changed like this before at all, also where it did not stay so for as long."""
    count: int = 1
    """How many things fell silent."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a sensor is as it is; `movement` None: it has not moved more than it always does.

    `causes`: the likeliest first. `with_it`: other sensors of its kind that moved too, `silent_s`: since when nothing
    has come from it, where that is long.
    """

    sensor: Sensor
    inquiry: Inquiry
    now: float | None
    movement: Movement | None
    causes: tuple[Cause, ...] = ()
    around: tuple[Cause, ...] = ()
    """What changed too, and does not seem to matter."""
    with_it: tuple[tuple[str, str, float], ...] = ()
    """Key, name, and how far."""
    silent_s: float | None = None
    days: float = 0.0
    """How much history it was learnt from."""
    low: float | None = None
    high: float | None = None
    """What is usual at this hour, where it has not moved."""

    @property
    def likely(self) -> tuple[Cause, ...]:
        """The causes that may be named as such: the first that is likely enough, and what else is."""
        return tuple(one for one in self.causes if one.share >= LIKELY)

    def to_json(self) -> dict[str, Any]:
        """All of the evidence."""
        facts = asdict(self)
        facts["sensor"] = {
            "id": self.sensor.key,
            "name": self.sensor.name,
            "area": self.sensor.area or None,
            "unit": self.sensor.unit,
            "device_class": self.sensor.device_class or None,
        }
        facts["with_it"] = [{"id": key, "name": name, "moved": moved} for key, name, moved in self.with_it]
        facts["explained"] = bool(self.likely)
        return facts
