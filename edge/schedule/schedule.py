"""The schedule at work: keeps entries and lists on disk, waits for the next thing due, and tells its listeners."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from edge.schedule.agenda import (
    CHECKPOINT_S,
    Agenda,
    corrected,
    countdown,
    cut_short,
    extended,
    fire,
    paused,
    restored,
    saved,
)
from edge.schedule.clock import Clock
from edge.schedule.errors import ScheduleError
from edge.schedule.lists import Lists
from edge.schedule.model import Entry, Event, EventKind, Instant, Item, Kind, Status
from edge.schedule.recurrence import ONCE, Calendar, Place, Recurrence
from edge.schedule.store import Store
from edge.schedule.waiting import first_of

log = logging.getLogger(__name__)

Listener = Callable[[Event], Awaitable[None]]

MAX_ENTRIES: Final = 1000
"""Entries at once; a thousand timers is a mistake or an attack."""
MAX_ITEMS: Final = 5000
_JUMP_S: Final = 2.0
"""How far the wall clock runs from the boot clock before somebody has set it."""
_LATEST_S: Final = 900.0
"""How long before the clock was put forward something due is still looked for."""
_DAY_S: Final = 86_400.0


class Schedule:
    """Timers, alarms, reminders, calls and lists; an async context manager.

    What a method returns from has been saved. Listeners are told in tasks of their own: first that an entry's time has
    come is saved, and after its listeners are done, that it is over. A power cut in between has it told again, as
    `repeated`; neither is it lost, nor told twice as if it were new.
    """

    def __init__(self, path: Path | None, clock: Clock, *, boot_id: str, place: Place | None = None) -> None:
        """`path`: the database file, None for memory; `boot_id`: see `edge.schedule.system_clock.boot_id`; `place`: of
        the house, for the sun."""
        self.calendar = Calendar(clock, place)
        self._clock = clock
        self._boot_id = boot_id
        self._store = Store(path)
        self._agenda = Agenda()
        self._lists = Lists()
        self._listeners: list[Listener] = []
        self._observers: list[Callable[[], None]] = []
        self._list_observers: list[Callable[[], None]] = []
        self._changed = asyncio.Event()
        self._writing = asyncio.Lock()
        self._telling: set[asyncio.Task[None]] = set()
        self._waiter: asyncio.Task[None] | None = None
        self._saved_boot_s = 0.0
        self._wall_offset_s = 0.0
        self._trusted = False

    async def __aenter__(self) -> Self:
        entries, items = await self._store.open()
        now = self.now()
        self._agenda.put(restored(entry, now) for entry in entries)
        self._lists.put(items)
        self._saved_boot_s = now.boot_s
        self._wall_offset_s = now.wall_s - now.boot_s
        self._trusted = now.trusted
        if entries:
            await self._store.write(self._agenda.entries.values())
            log.info("schedule.restored", extra={"entries": len(entries), "clock_trusted": now.trusted})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._waiter is not None:
            self._waiter.cancel()
            await asyncio.wait((self._waiter,))
        for task in self._telling:
            task.cancel()
        if self._telling:
            await asyncio.wait(self._telling)
        with suppress(ScheduleError):
            await self._checkpoint(self.now())
        await self._store.close()

    def start(self) -> None:
        """Begin to wait for what is due; call it once the listeners are there, nothing comes due before."""
        if self._waiter is not None:
            return
        now = self.now()
        for entry in (*self._agenda.in_hand, *self._agenda.entries.values()):
            if (again := cut_short(entry, now)) is not None:
                self._agenda.put([again[0]])
                self._tell(again[1], {entry.id})
        self._waiter = asyncio.create_task(self._wait(), name="schedule")

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` awaited for every event; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called whenever the agenda has changed; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def now(self) -> Instant:
        """All the clocks, now."""
        return Instant(self._clock.boot_s(), self._clock.now().timestamp(), self._clock.trusted, self._boot_id)

    # Entries -------------------------------------------------------------------------------------------------------

    @property
    def trouble(self) -> str:
        """Why nothing outlives this process, for people; empty where it does."""
        return self._store.trouble

    @property
    def agenda(self) -> Agenda:
        """The entries, to read."""
        return self._agenda

    def countdown(
        self,
        kind: Kind,
        seconds: float,
        label: str = "",
        area: str | None = None,
        *,
        payload: str = "",
        must: bool = False,
    ) -> Entry:
        """Something, still to be added, that is due `seconds` from now, whatever happens to the wall clock."""
        entry = Entry(
            secrets.token_hex(4), kind, True, label, area, length_s=seconds, left_s=seconds, payload=payload, must=must
        )
        return countdown(entry, seconds, self.now())

    def at(
        self,
        kind: Kind,
        wall_s: float,
        label: str = "",
        area: str | None = None,
        *,
        payload: str = "",
        again: Recurrence = ONCE,
    ) -> Entry:
        """Something, still to be added, that is due when the wall clock says so (`wall_s`: seconds since the epoch)."""
        return Entry(secrets.token_hex(4), kind, False, label, area, due_wall_s=wall_s, payload=payload, again=again)

    async def add(self, *entries: Entry) -> None:
        """Take entries up; raises `ScheduleError` when there are too many, or they can't be saved."""
        async with self._writing:
            if len(self._agenda.entries) + len(entries) > MAX_ENTRIES:
                raise ScheduleError(f"There are {MAX_ENTRIES} timers and reminders already: cancel some first.")
            await self._store.write(entries)
            self._agenda.put(entries)
        self._note_changed()

    async def cancel(self, *entries: Entry) -> None:
        """Remove entries; what rings falls silent (a `RINGING_ENDED` event)."""
        async with self._writing:
            gone = [known for entry in entries if (known := self._agenda.entries.get(entry.id)) is not None]
            await self._store.write(gone=[entry.id for entry in gone])
            self._agenda.remove(entry.id for entry in gone)
        self._note_changed()
        for entry in gone:
            if entry.status is Status.RINGING:
                self._tell(Event(EventKind.RINGING_ENDED, entry))

    async def pause(self, entry: Entry) -> Entry:
        """Stop a countdown where it is; what rings or is over stays as it is."""
        return await self._alter(
            entry, lambda known, now: paused(known, now) if known.status is Status.RUNNING else known
        )

    async def resume(self, entry: Entry) -> Entry:
        """Go on with a paused countdown."""
        return await self._alter(
            entry, lambda known, now: countdown(known, known.left_s, now) if known.status is Status.PAUSED else known
        )

    async def extend(self, entry: Entry, seconds: float) -> Entry:
        """Make a countdown longer, or shorter with negative seconds; never shorter than nothing."""
        return await self._alter(entry, lambda known, now: extended(known, seconds, now))

    # Lists ---------------------------------------------------------------------------------------------------------

    @property
    def lists(self) -> Lists:
        """The lists, to read."""
        return self._lists

    def observe_lists(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called whenever a list has changed; returns what ends that."""
        self._list_observers.append(observer)
        return lambda: self._list_observers.remove(observer)

    async def put_items(self, items: Sequence[Item]) -> None:
        """Add items, or replace those with their ids."""
        if len(self._lists.items) + len(items) > MAX_ITEMS:
            raise ScheduleError(f"There are {MAX_ITEMS} items on the lists already: clear some first.")
        async with self._writing:
            await self._store.write(items=items)
            self._lists.put(items)
        self._note_lists()

    async def remove_items(self, items: Sequence[Item]) -> None:
        """Take items off their lists."""
        async with self._writing:
            await self._store.write(items_gone=[item.id for item in items])
            self._lists.remove(item.id for item in items)
        self._note_lists()

    # The inside ----------------------------------------------------------------------------------------------------

    def _note_lists(self) -> None:
        for observer in tuple(self._list_observers):
            observer()

    def _note_changed(self) -> None:
        self._changed.set()
        for observer in tuple(self._observers):
            observer()

    async def _alter(self, entry: Entry, change: Callable[[Entry, Instant], Entry]) -> Entry:
        """Change an entry as it is now, not as it was when somebody looked; one that is gone is given back."""
        async with self._writing:
            known = self._agenda.entries.get(entry.id)
            if known is None:
                return entry
            changed = change(known, self.now())
            await self._store.write([changed])
            self._agenda.put([changed])
        self._note_changed()
        return changed

    async def _wait(self) -> None:
        while True:
            self._changed.clear()
            now = self.now()
            self._agenda.put(
                corrected(entry, now) for entry in tuple(self._agenda.entries.values()) if entry.provisional
            )
            if self._after_a_jump(now) or (now.trusted and not self._trusted):
                # Before anything else can happen: after a power cut a countdown goes by what was saved.
                await self._try_checkpoint(now)
            self._trusted = now.trusted
            for entry in self._agenda.due(now):
                self._fire(entry, now)
            boot_s, wall_s = self._agenda.next_due()
            if boot_s is not None:
                if now.boot_s - self._saved_boot_s >= CHECKPOINT_S:
                    await self._try_checkpoint(now)
                boot_s = min(boot_s, self._saved_boot_s + CHECKPOINT_S)
            await first_of(self._clock, (boot_s, wall_s), self._changed)

    def _after_a_jump(self, now: Instant) -> bool:
        """What comes back is due by the time it is, not by the time it was thought to be; what was missed is told.

        Whether there was one.
        """
        offset_s = now.wall_s - now.boot_s
        moved_s = offset_s - self._wall_offset_s
        if abs(moved_s) <= _JUMP_S:
            return False
        self._wall_offset_s = offset_s
        from_s = now.wall_s if moved_s < 0 else now.wall_s - _LATEST_S
        for entry in [entry for entry in self._agenda.entries.values() if entry.again]:
            next_s = self._next_s(entry, _not_again(entry, from_s))
            if next_s is not None and not now.wall_s - _DAY_S < (entry.due_wall_s or 0.0) <= next_s:
                self._agenda.put([replace(entry, due_wall_s=next_s)])
                self._note_changed()
        return True

    def _next_s(self, entry: Entry, after_s: float) -> float | None:
        try:
            return self.calendar.next_s(entry.again, after_s) if entry.again else None
        except ScheduleError as error:
            log.warning("schedule.never_again", extra={"id": entry.id, "error": str(error)})
            return None

    def _fire(self, entry: Entry, now: Instant) -> None:
        next_s = self._next_s(entry, now.wall_s) if entry.again.rule and entry.status is not Status.RINGING else None
        after, event = fire(entry, now, next_s)
        self._agenda.remove([entry.id])
        self._agenda.put(after)
        self._note_changed()
        log.info("schedule.due", extra={"kind": event.kind.value, "id": entry.id, "late_s": round(event.late_s, 1)})
        self._tell(event, {entry.id, *(one.id for one in after)})

    def _tell(self, event: Event, touched: frozenset[str] | set[str] = frozenset()) -> None:
        task = asyncio.create_task(self._told(event, touched or {event.entry.id}), name=f"schedule.{event.kind.value}")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _told(self, event: Event, touched: frozenset[str] | set[str]) -> None:
        await self._keep(touched)
        ended = await asyncio.gather(*(listener(event) for listener in self._listeners), return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                log.error("schedule.listener_failed", extra={"kind": event.kind.value}, exc_info=error)
        for entry in [known for one in touched if (known := self._agenda.kept(one)) is not None]:
            if entry.status is Status.DUE:
                self._agenda.remove([entry.id])
            elif entry.status is Status.RINGING and not entry.told:
                self._agenda.put([replace(entry, told=True)])
        await self._keep(touched)

    async def _keep(self, touched: Iterable[str]) -> None:
        """Have the disk know of these what memory knows."""
        async with self._writing:
            known = {one: self._agenda.kept(one) for one in touched}
            try:
                await self._store.write(
                    [entry for entry in known.values() if entry], [one for one, entry in known.items() if entry is None]
                )
            except ScheduleError as error:
                log.error("schedule.not_saved", extra={"error": str(error)})  # noqa: TRY400

    async def _try_checkpoint(self, now: Instant) -> None:
        self._saved_boot_s = now.boot_s
        try:
            await self._checkpoint(now)
        except ScheduleError as error:
            log.warning("schedule.not_saved", extra={"error": str(error)})

    async def _checkpoint(self, now: Instant) -> None:
        async with self._writing:
            changed = [
                saved(entry, now)
                for entry in self._agenda.entries.values()
                if entry.counts and entry.status is Status.RUNNING
            ]
            if changed:
                await self._store.write(changed)
                self._agenda.put(changed)


def _not_again(entry: Entry, from_s: float) -> float:
    """From when on one that comes back is looked for: a clock put back a little brings nothing twice."""
    came_s = entry.came_wall_s
    return came_s if came_s is not None and from_s < came_s <= from_s + _LATEST_S else from_s
