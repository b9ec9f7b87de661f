"""What is due when, and what becomes of it: the rules of timers, alarms, reminders and delayed calls; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from edge.devices.words import tokens
from edge.schedule.model import Entry, Event, EventKind, Instant, Kind, Status
from edge.schedule.recurrence import ONCE
from edge.schedule.words import event_text

RING_S: Final = 600.0
"""How long something rings when nobody stops it."""
CHECKPOINT_S: Final = 60.0
"""How often what is left of running countdowns is saved: what a power cut without a known time can cost."""
_ALARM_LATE_S: Final = 1800.0
_CALL_LATE_S: Final = 900.0
"""How late an alarm still rings, and a call is still carried out; later it is reported as missed."""


def countdown(entry: Entry, seconds: float, now: Instant) -> Entry:
    """The entry, running, with `seconds` to go."""
    return replace(
        entry,
        counts=True,
        status=Status.RUNNING,
        left_s=seconds,
        due_boot_s=now.boot_s + seconds,
        boot_id=now.boot_id,
        due_wall_s=now.wall_s + seconds if now.trusted else None,
        provisional=False,
    )


def paused(entry: Entry, now: Instant) -> Entry:
    """The entry standing still with what is left."""
    left_s = entry.remaining_s(now)
    return replace(entry, status=Status.PAUSED, left_s=left_s, due_boot_s=None, due_wall_s=None, provisional=False)


def extended(entry: Entry, seconds: float, now: Instant) -> Entry:
    """The countdown with `seconds` more, or fewer, to go; what rings runs again."""
    left_s = max(0.0, (0.0 if entry.status is Status.RINGING else entry.remaining_s(now)) + seconds)
    longer = replace(countdown(entry, left_s, now), length_s=max(left_s, entry.length_s + seconds))
    return paused(longer, now) if entry.status is Status.PAUSED else longer


def saved(entry: Entry, now: Instant) -> Entry:
    """The entry with its notes brought up to date: what is left, and the wall clock's end if that was not known."""
    if not entry.counts or entry.status is not Status.RUNNING or entry.due_boot_s is None:
        return entry
    left_s = entry.remaining_s(now)
    due_wall_s = (
        entry.due_wall_s if entry.provisional or not now.trusted else now.wall_s + entry.due_boot_s - now.boot_s
    )
    return replace(entry, left_s=left_s, due_wall_s=due_wall_s)


def restored(entry: Entry, now: Instant) -> Entry:
    """The entry after a restart of the program or of the machine.

    On the same start of the machine its end stays where it was. After another one a countdown goes by the wall clock
    where that was and is known, else on from what was left when last saved, as of the machine's start, until the time
    is known.
    """
    if not entry.counts or entry.status is Status.PAUSED:
        return entry
    if entry.boot_id == now.boot_id and now.boot_id:
        return saved(entry, now)
    if entry.due_wall_s is not None and now.trusted:
        due_boot_s = now.boot_s + entry.due_wall_s - now.wall_s
        return replace(entry, due_boot_s=due_boot_s, boot_id=now.boot_id, provisional=False)
    provisional = entry.due_wall_s is not None
    return replace(entry, due_boot_s=entry.left_s, boot_id=now.boot_id, provisional=provisional)


def corrected(entry: Entry, now: Instant) -> Entry:
    """A provisional countdown put right, now that the time is known."""
    if not entry.provisional or not now.trusted or entry.due_wall_s is None:
        return entry
    return replace(entry, due_boot_s=now.boot_s + entry.due_wall_s - now.wall_s, provisional=False)


class Agenda:
    """Every entry, in memory."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._in_hand: dict[str, Entry] = {}

    @property
    def entries(self) -> Mapping[str, Entry]:
        """All entries by id, as they were put, without those that are being carried out."""
        return MappingProxyType(self._entries)

    def kept(self, one: str) -> Entry | None:
        """The entry with that id, also while it is being carried out; None where it is over."""
        return self._entries.get(one) or self._in_hand.get(one)

    @property
    def in_hand(self) -> tuple[Entry, ...]:
        """What is being carried out, or told."""
        return tuple(self._in_hand.values())

    def put(self, entries: Iterable[Entry]) -> None:
        """Add entries, or replace those with their ids."""
        for entry in entries:
            if entry.status is Status.DUE:
                self._entries.pop(entry.id, None)
                self._in_hand[entry.id] = entry
            else:
                self._entries[entry.id] = entry

    def remove(self, ids: Iterable[str]) -> None:
        """Forget entries."""
        for entry in ids:
            self._entries.pop(entry, None)
            self._in_hand.pop(entry, None)

    def of_kind(self, kind: Kind) -> list[Entry]:
        """The entries of a kind."""
        return [entry for entry in self._entries.values() if entry.kind is kind]

    def ringing(self, area: str | None = None) -> list[Entry]:
        """What rings now, in one area or everywhere."""
        return [
            entry
            for entry in self._entries.values()
            if entry.status is Status.RINGING and (area is None or entry.area in (area, None))
        ]

    def next_due(self) -> tuple[float | None, float | None]:
        """The next moment on the boot clock and on the wall clock."""
        boot = [entry.due_boot_s for entry in self._waiting() if entry.counts and entry.due_boot_s is not None]
        wall = [entry.due_wall_s for entry in self._waiting() if not entry.counts and entry.due_wall_s is not None]
        return min(boot, default=None), min(wall, default=None)

    def due(self, now: Instant) -> list[Entry]:
        """What is due, the most overdue first."""
        late = {entry.id: lateness_s(entry, now) for entry in self._waiting()}
        return sorted(
            (entry for entry in self._waiting() if late[entry.id] >= 0), key=lambda entry: late[entry.id], reverse=True
        )

    def _waiting(self) -> list[Entry]:
        return [entry for entry in self._entries.values() if entry.status is not Status.PAUSED]


def lateness_s(entry: Entry, now: Instant) -> float:
    """Seconds since the entry was due, negative before it is."""
    due = entry.due_boot_s if entry.counts else entry.due_wall_s
    if due is None:
        return float("-inf")
    return (now.boot_s if entry.counts else now.wall_s) - due


def fire(entry: Entry, now: Instant, next_s: float | None = None) -> tuple[tuple[Entry, ...], Event]:
    """What becomes of a due entry, nothing where it is over, and what is told of it.

    `next_s`: when one that comes back is due again, in seconds since the epoch. What rings, or is to be carried out, is
    an entry of its own then.
    """
    late_s = max(0.0, lateness_s(entry, now))
    if entry.status is Status.RINGING:
        return (), Event(EventKind.RINGING_ENDED, entry)
    kind = _event_kind(entry, late_s)
    event = Event(kind, entry, event_text(kind, entry, late_s), late_s)
    again = () if next_s is None else (replace(entry, due_wall_s=next_s, came_wall_s=entry.due_wall_s),)
    once = replace(entry, id=f"{entry.id}{_INSTANCE}", again=ONCE) if again else entry
    if kind not in _RING:
        return (*again, replace(once, status=Status.DUE, left_s=0.0)), event
    ringing = replace(countdown(once, RING_S, now), status=Status.RINGING)
    return (*again, ringing), replace(event, entry=ringing)


def cut_short(entry: Entry, now: Instant) -> tuple[Entry, Event] | None:
    """What is told once more after a start: what rings still, and what the end of the program came in between of.

    None where that is over, or has not begun.
    """
    if entry.status is Status.DUE:
        late_s = max(0.0, lateness_s(entry, now))
        kind = _event_kind(entry, late_s)
        known = replace(entry, id=rings_for(entry))
        return entry, Event(kind, known, event_text(kind, entry, late_s), late_s, repeated=True)
    if entry.status is not Status.RINGING or (entry.told and lateness_s(entry, now) >= 0):
        return None
    late_s = max(0.0, RING_S + lateness_s(entry, now))
    ringing = entry if entry.told else replace(countdown(entry, RING_S, now), status=Status.RINGING)
    kind = EventKind.ALARM_RINGING if entry.kind is Kind.ALARM else EventKind.TIMER_FINISHED
    return ringing, Event(kind, ringing, event_text(kind, ringing, late_s), late_s, repeated=True)


def rings_for(entry: Entry) -> str:
    """The id of the entry that comes back and rings as this one; its own where it is no other's."""
    return entry.id.removesuffix(_INSTANCE)


def _event_kind(entry: Entry, late_s: float) -> EventKind:
    match entry.kind:
        case Kind.TIMER:
            return EventKind.TIMER_FINISHED
        case Kind.ALARM:
            return EventKind.ALARM_MISSED if late_s > _ALARM_LATE_S else EventKind.ALARM_RINGING
        case Kind.REMINDER:
            return EventKind.REMINDER_DUE
        case Kind.CALL:
            return EventKind.CALL_MISSED if late_s > _CALL_LATE_S and not entry.must else EventKind.CALL_DUE


def select(
    entries: Iterable[Entry],
    *,
    name: str | None = None,
    length_s: float | None = None,
    wall_s: float | None = None,
    area: str | None = None,
    here: str | None = None,
) -> list[Entry]:
    """The entries a person may mean: by name, by length, by time of day, in an area; `here` only breaks a tie."""
    found = list(entries)
    if name:
        said = set(tokens(name)) - _NO_NAMES
        found = [entry for entry in found if said <= set(tokens(entry.label))] if said else found
    if length_s is not None:
        found = [entry for entry in found if round(entry.length_s) == round(length_s)]
    if wall_s is not None:
        found = [entry for entry in found if entry.due_wall_s is not None and abs(entry.due_wall_s - wall_s) < 60]
    if area is not None:
        found = [entry for entry in found if entry.area == area]
    near = [entry for entry in found if here is not None and entry.area == here]
    return near if len(found) > 1 and len(near) == 1 else found


_INSTANCE: Final = ".rings"
_RING: Final = (EventKind.TIMER_FINISHED, EventKind.ALARM_RINGING)
_NO_NAMES: Final = frozenset({"timer", "alarm", "reminder", "clock", "the", "my"})
