"""A book of alarms with a clock that stands where a test puts it, and findings to fill it with."""

from dataclasses import dataclass, field, replace

from edge.sensors.alarms import AlarmBook, AlarmChange, News, Subject
from edge.sensors.alarms.words import Moments
from edge.sensors.model import Change, Finding, Kind, Severity

NOON_S = 1_757_332_800.0
FREEZER = Subject("sensor.freezer", "Freezer", "°C", "temperature", "kitchen", "0x1")
WINDOW = Subject("binary_sensor.window", "Kitchen Window", "", "window", "kitchen", "0x2")
SMOKE = Subject("binary_sensor.smoke", "Smoke", "", "smoke", "kitchen", "0x3")


@dataclass
class Desk:
    """The book, its clock, and all that was told of it."""

    now_s: float = NOON_S
    news: list[AlarmChange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = AlarmBook(Moments(lambda: self.now_s))
        self.book.listen(self.news.append)

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds
        self.book.tick()

    def said(self) -> list[News]:
        """What has happened since this was asked last."""
        news, self.news[:] = [one.news for one in self.news], []
        return news

    def begins(self, subject: Subject = FREEZER, **changes: object) -> None:
        self.book.found(subject, self.finding(**changes))

    def ends(self, subject: Subject = FREEZER, **changes: object) -> None:
        self.book.found(subject, replace(self.finding(**changes), change=Change.ENDED))

    def finding(self, **changes: object) -> Finding:
        limits = Finding(
            "limits", Kind.LIMITS, Change.BEGAN, Severity.WARNING, self.now_s, self.now_s - 2700, -9.5, -40.0, -12.0
        )
        return replace(limits, **changes)  # type: ignore[arg-type]

    def falls_silent(self, number: int, since_s: float, usual_s: float = 600.0) -> None:
        lasted_s = self.now_s - since_s
        found = self.finding(
            key="stale",
            kind=Kind.STALE,
            since_s=since_s,
            value=lasted_s,
            low=None,
            high=9000.0,
            times=lasted_s / usual_s,
        )
        self.book.found(Subject(f"sensor.probe_{number}", f"Probe {number}"), found)
