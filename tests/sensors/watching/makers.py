"""Watching with a clock that stands where a test puts it, restarted when a test says so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.sensors.alarms import AlarmBook, AlarmChange, News
from edge.sensors.alarms.codec import alarm_from, to_json
from edge.sensors.alarms.words import Moments
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.model import Reading
from edge.sensors.watching import Choosing, Watching
from edge.sensors.watching.watching import Surroundings
from edge.settings.watch import WatchedSettings

MONDAY_S = 1_757_289_600.0
FREEZER = Sensor("sensor.freezer", Sort.NUMBER, "Freezer", "°C", "temperature", "kitchen")
DOOR = Sensor("binary_sensor.door", Sort.STATE, "Front Door", "", "door", "hall")
SMOKE = Sensor("binary_sensor.smoke", Sort.STATE, "Smoke", "", "smoke", "hall")


@dataclass
class House:
    """What one watches, the book and what was told."""

    entries: Sequence[WatchedSettings] = ()
    now_s: float = MONDAY_S
    trusted: bool = True
    gone: set[str] = field(default_factory=set)
    """Devices that can't be heard."""
    floods: set[str] = field(default_factory=set)
    news: list[AlarmChange] = field(default_factory=list)
    learnt: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begin(AlarmBook(Moments(lambda: self.now_s)))

    def begin(self, book: AlarmBook) -> None:
        self.book = book
        book.listen(self.news.append)
        around = Surroundings(
            now_s=lambda: self.now_s,
            trusted=lambda: self.trusted,
            reachable=lambda device: device not in self.gone,
            flooding=lambda: self.floods,
        )
        self.watching = Watching(book, Choosing(self.entries), around)
        self.watching.learn(self.learnt)

    def restart(self, away_s: float = 60.0, *, keep: bool = True, lose_book: bool = False) -> None:
        """`keep`: in order; otherwise what was learnt is that of the last time it was kept."""
        if keep:
            self.learnt |= {key: blob for key, _, blob in self.watching.keep_all()}
        book = AlarmBook(Moments(lambda: self.now_s))
        kept = [] if lose_book else [alarm_from(json.loads(json.dumps(to_json(one)))) for one in self.book.all()]
        book.load(kept, self.book.rules(), (), ())
        self.now_s += away_s
        self.begin(book)

    def says(self, sensor: Sensor, value: float | str, after_s: float = 60.0) -> None:
        self.passes(after_s)
        self.watching.heard(sensor, Reading(self.now_s, value))
        self.second()

    def passes(self, seconds: float) -> None:
        """The time is told every half minute."""
        end_s = self.now_s + seconds
        while self.now_s + 30 < end_s:
            self.now_s += 30
            self.second()
        self.now_s = end_s

    def second(self) -> None:
        for key, _, blob in self.watching.second():
            self.learnt[key] = blob

    def begun(self) -> list[str]:
        """Keys of what began since this was asked last."""
        keys = [one.alarm.key for one in self.news if one.news is News.BEGAN]
        self.news.clear()
        return keys

    def active(self) -> list[tuple[str, str]]:
        return [(one.sensor, one.key) for one in self.book.all() if one.is_active]
