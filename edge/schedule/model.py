"""What is kept for later: timers, alarm clocks, reminders, calls, and the items of lists; pure."""

from dataclasses import dataclass
from enum import StrEnum

from edge.schedule.recurrence import ONCE, Recurrence


class Kind(StrEnum):
    """What an entry is."""

    TIMER = "timer"
    ALARM = "alarm"
    REMINDER = "reminder"
    CALL = "call"


class Status(StrEnum):
    """How far an entry is."""

    RUNNING = "running"
    PAUSED = "paused"
    RINGING = "ringing"
    """Its time has come and nobody has stopped it yet."""
    DUE = "due"
    """Its time has come and it is being carried out or told; gone after that."""


@dataclass(frozen=True, slots=True)
class Instant:
    """All the clocks at one moment."""

    boot_s: float
    wall_s: float
    trusted: bool
    boot_id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that will be due: by the boot clock where it `counts` down, by the wall clock otherwise.

    A countdown keeps three notes of its end: `due_boot_s`, exact while `boot_id` is this start of the machine;
    `due_wall_s`, exact whenever both the clock then and the clock now can be believed; `left_s`, what was left when
    last saved, for when neither holds.
    """

    id: str
    kind: Kind
    counts: bool
    label: str = ""
    """A timer's or alarm's name, a reminder's message."""
    area: str | None = None
    """Where it was set, and where it rings."""
    status: Status = Status.RUNNING
    length_s: float = 0.0
    """A countdown's whole length, as it was asked for."""
    left_s: float = 0.0
    due_boot_s: float | None = None
    boot_id: str = ""
    due_wall_s: float | None = None
    provisional: bool = False
    """Counting on from `left_s` because the time is not known: put right as soon as it is."""
    payload: str = ""
    """For a call: what is to be carried out, in words of whoever set it."""
    must: bool = False
    """A call that is carried out however late it is: the end of something that was begun."""
    again: Recurrence = ONCE
    """When it is due after that; false where it is over then."""
    came_wall_s: float | None = None
    """When one that comes back was last due."""
    told: bool = False
    """Whether everybody has been told that it rings."""

    def remaining_s(self, now: Instant) -> float:
        """Seconds until it is due, 0 where it is overdue."""
        if self.status is Status.PAUSED:
            return self.left_s
        due = self.due_boot_s if self.counts else self.due_wall_s
        if due is None:
            return self.left_s
        return max(0.0, due - (now.boot_s if self.counts else now.wall_s))


class EventKind(StrEnum):
    """What happened on the schedule."""

    TIMER_FINISHED = "timer_finished"
    ALARM_RINGING = "alarm_ringing"
    ALARM_MISSED = "alarm_missed"
    REMINDER_DUE = "reminder_due"
    CALL_DUE = "call_due"
    CALL_MISSED = "call_missed"
    RINGING_ENDED = "ringing_ended"


@dataclass(frozen=True, slots=True)
class Event:
    """Something came due; `text` is what a room is told, empty where nothing is to be said."""

    kind: EventKind
    entry: Entry
    text: str = ""
    late_s: float = 0.0
    repeated: bool = False
    """Whether it may have been told, and carried out, before: the program ended in the middle of it."""

    def to_json(self) -> dict[str, object]:
        """The payload of the event topic."""
        return {
            "event": self.kind.value,
            "id": self.entry.id,
            "name": self.entry.label or None,
            "area": self.entry.area,
            "text": self.text,
            "late_s": round(self.late_s, 1),
        }


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a list."""

    id: str
    list: str
    text: str
    done: bool = False
