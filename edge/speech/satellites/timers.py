"""Tells a satellite of the timers of its area, for those that show them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.assistant.model import Announcement
from edge.schedule import Schedule
from edge.schedule.model import Entry, EventKind, Kind, Status
from edge.wyoming import Event

_COUNTING: Final = (Status.RUNNING, Status.PAUSED)
_SAME_S: Final = 1.5
"""Two readings of the time that is left which differ by no more mean that nobody changed it."""


@dataclass(frozen=True, slots=True)
class _Known:
    active: bool
    left_s: float
    at_s: float
    """On the boot clock, when that was left."""

    def left_at_s(self, now_s: float) -> float:
        return self.left_s - (now_s - self.at_s if self.active else 0.0)


class Timers:
    """What the satellite was told of them."""

    def __init__(self, schedule: Schedule, area: Callable[[], str | None], post: Callable[[Event], None]) -> None:
        self._schedule = schedule
        self._area = area
        self._post = post
        self._known: dict[str, _Known] = {}

    def look(self) -> None:
        """See what there is, and tell what is new, what has changed and what is gone."""
        now = self._schedule.now()
        entries = {entry.id: entry for entry in self._schedule.agenda.entries.values() if self._is_ours(entry)}
        for key in [key for key in self._known if key not in entries]:
            del self._known[key]
            self._post(Event("timer-cancelled", {"id": key}))
        for key, entry in entries.items():
            if entry.status not in _COUNTING:
                continue
            left_s, known = entry.remaining_s(now), self._known.get(key)
            active = entry.status is Status.RUNNING
            if known is None:
                self._post(Event("timer-started", _started(entry)))
            if known is None or known.active != active or abs(known.left_at_s(now.boot_s) - left_s) > _SAME_S:
                facts = {"id": key, "is_active": active, "total_seconds": round(left_s)}
                self._known[key] = _Known(active, left_s, now.boot_s)
                if known is not None or not active or round(left_s) != round(entry.length_s):
                    self._post(Event("timer-updated", facts))

    def announced(self, announcement: Announcement) -> None:
        """What is said unasked: that one is over, maybe."""
        key = str(announcement.event.get("id", ""))
        over = announcement.event.get("event") == EventKind.TIMER_FINISHED
        if over and self._known.pop(key, None) is not None:
            self._post(Event("timer-finished", {"id": key}))

    def _is_ours(self, entry: Entry) -> bool:
        return entry.kind is Kind.TIMER and entry.area in (None, self._area())


def _started(entry: Entry) -> dict[str, object]:
    seconds = round(entry.length_s)
    minutes, hours = seconds // 60, seconds // 3600
    facts: dict[str, object] = {"id": entry.id, "total_seconds": seconds}
    facts |= {"start_hours": hours, "start_minutes": minutes % 60, "start_seconds": seconds % 60}
    return facts | ({"name": entry.label} if entry.label else {})
