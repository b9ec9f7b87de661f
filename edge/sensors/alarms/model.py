"""What the alarms' parts hand one another: an alarm, the rule it may come from, who is not to be heard for a while."""

from dataclasses import dataclass, field
from enum import StrEnum

from edge.sensors.model import Kind, Severity


class AlarmState(StrEnum):
    """Whether what is wrong still is; the other half of an alarm's state is whether somebody has seen it."""

    ACTIVE = "active"
    CLEARED = "cleared"


class Relation(StrEnum):
    """What a rule compares a sensor's value by."""

    ABOVE = "above"
    BELOW = "below"
    IS = "is"
    """A state of that name; a number equal to it."""
    IS_NOT = "is_not"
    RISES_BY = "rises_by"
    """More than the threshold within `over_s`."""
    FALLS_BY = "falls_by"
    SILENT = "silent"
    """Nothing reported for as many seconds as the threshold says."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The series an alarm is about, as people know it."""

    key: str
    """The series' key: a device's id, or one with an attribute (`climate.hall:current_temperature`)."""
    name: str
    """What to call it in a sentence, with its room where the name does not say it."""
    unit: str = ""
    device_class: str = ""
    area: str = ""
    """An area's id."""
    group: str = ""
    """The physical device it is a part of."""

    @property
    def device(self) -> str:
        """The id of the device."""
        return self.key.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong, or was; at most one for each sensor and `key` at a time.

    `value`, `low`, `high` and `times` are those of `edge.sensors.model.Finding`: seconds where the kind is one of time.
    Times are seconds since 1970 (UTC).
    """

    id: str
    sensor: str
    """The series' key; `device` is the device's id."""
    key: str
    """Which condition of the sensor: a detector's key ("limits", "counter.running") or "rule/<id>"."""
    name: str
    """What people call the sensor."""
    kind: Kind
    severity: Severity
    state: AlarmState
    acknowledged: bool
    since_s: float
    """When it began."""
    at_s: float
    """When it was known last that it began: later than `since_s`, and later again each time it comes back."""
    value: float | str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    times: float = 1.0
    """How unusual: how many times the widest that was normal lately; 1 where a person set the bound."""
    count: int = 1
    """How often it began: one that flaps is one alarm."""
    ended_s: float | None = None
    group: str = ""
    """The id of the alarm that tells this one too, where several have one cause."""
    rule: str | None = None
    text: str = ""
    """What is wrong, since when and how unusual, in a sentence or two; of a group's first, of all of them."""
    advice: str = ""
    """What to do."""
    area: str = ""
    device_class: str = ""
    told: bool = False
    """Whether people have been told, aloud where that is wanted."""

    @property
    def device(self) -> str:
        """The id of the device."""
        return self.sensor.partition(":")[0]

    @property
    def is_active(self) -> bool:
        """Whether it still is so."""
        return self.state is AlarmState.ACTIVE


class News(StrEnum):
    """What happened to an alarm."""

    BEGAN = "began"
    """New, or back after long enough to be told again: people are to be told."""
    AGAIN = "again"
    """Back so soon that nobody is told."""
    CHANGED = "changed"
    """Something of it is otherwise: more have the same cause, it may be told now."""
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    GONE = "gone"
    """It has left the book: over, and seen or old."""


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm as it is after what happened."""

    news: News
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison: it holds when it does for any of the sensors."""

    sensors: tuple[str, ...]
    """Keys of series, or ids of devices."""
    relation: Relation
    threshold: float | str
    """In the sensor's own unit; a state's name; seconds for `silent`."""
    over_s: float = 3600.0
    """Within what `rises_by` and `falls_by` count."""


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """What somebody wants to be warned of, as a sentence became it. Each of the sensors has an alarm of its own."""

    id: str
    sensors: tuple[str, ...]
    relation: Relation
    threshold: float | str
    hold_s: float = 0.0
    """For how long it must hold."""
    severity: Severity = Severity.WARNING
    repeat: bool = True
    """Every time; False: once, and the rule is gone."""
    from_minute: int | None = None
    """Minutes after the home's midnight; with `to_minute`, which may be earlier: the hours in which it counts."""
    to_minute: int | None = None
    said: str = ""
    """The sentence it was made from."""
    made_s: float = 0.0
    by: str = ""
    """Who made it, as told by where it was said."""
    over_s: float = 3600.0
    also: tuple[Condition, ...] = field(default=())
    """What must hold besides."""

    @property
    def main(self) -> Condition:
        """What it is about."""
        return Condition(self.sensors, self.relation, self.threshold, self.over_s)


@dataclass(frozen=True, slots=True)
class Mute:
    """Alarms of these are kept, and nobody is told of them until then."""

    scope: str
    """`all`, an area as `area/<id>`, or a series' key or device's id."""
    until_s: float
    since_s: float = 0.0
    by: str = ""
