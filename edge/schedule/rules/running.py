"""The rules at work: kept in their file, watched on the registry and the clocks, told to who carries them out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

from edge.devices.registry import Change, Registry
from edge.schedule.clock import Clock
from edge.schedule.errors import ScheduleError
from edge.schedule.model import Instant
from edge.schedule.recurrence import Calendar
from edge.schedule.rules import book
from edge.schedule.rules.engine import Engine, Firing
from edge.schedule.rules.model import Rule
from edge.schedule.waiting import first_of

log = logging.getLogger(__name__)

Listener = Callable[[Firing], Awaitable[None]]
_JUMP_S: Final = 2.0
MOST_AT_ONCE: Final = 50
"""Firings that are being carried out; what comes beyond them is left out and logged."""


class Rules:
    """Async context manager; what `add`, `remove` and `enable` return from is on the disk.

    A file that can't be read is left as it is, and no rule is kept or runs until somebody has mended it: `problems`
    says what is wrong.
    """

    def __init__(self, file: Path, registry: Registry, clock: Clock, calendar: Calendar) -> None:
        self.file = file
        self.problems: tuple[str, ...] = ()
        self._registry = registry
        self._clock = clock
        self._rules: dict[str, Rule] = {}
        self._engine = Engine(registry, clock, calendar)
        self._listeners: list[Listener] = []
        self._observers: list[Callable[[], None]] = []
        self._changed = asyncio.Event()
        self._writing = asyncio.Lock()
        self._telling: set[asyncio.Task[None]] = set()
        self._waiter: asyncio.Task[None] | None = None
        self._offset_s = 0.0
        self._readable = True

    async def __aenter__(self) -> Self:
        try:
            self._rules, problems = await asyncio.to_thread(book.RULES.load, self.file)
        except ScheduleError as error:
            self._readable, problems = False, [str(error)]
        self.problems = tuple(problems)
        for problem in problems:
            log.error("rules.problem", extra={"problem": problem})
        self._forget = self._registry.listen(self._on_change)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget()
        tasks = [*self._telling, *([self._waiter] if self._waiter else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def start(self) -> None:
        """Begin to watch: what is so already sets nothing off."""
        now = self._now()
        self._offset_s = now.wall_s - now.boot_s
        self._engine.put(self._rules.values(), now)
        if self._waiter is None:
            self._waiter = asyncio.create_task(self._wait(), name="rules")

    @property
    def rules(self) -> Mapping[str, Rule]:
        """All, by id, in the order they were made."""
        return MappingProxyType(self._rules)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have it awaited for every firing; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called whenever the rules have changed; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    async def add(self, rule: Rule) -> Rule:
        """Keep a rule, in the place of the one with its id. Raises `ScheduleError`."""
        if rule.id not in self._rules and len(self._rules) >= book.MOST_RULES:
            raise ScheduleError(f"There are {book.MOST_RULES} rules already: delete some first.")
        checked = book.rule_from(rule.id, book.plain(rule))
        await self._keep({**self._rules, rule.id: checked})
        return checked

    async def remove(self, *ids: str) -> None:
        """Forget rules. Raises `ScheduleError`."""
        await self._keep({key: rule for key, rule in self._rules.items() if key not in ids})

    async def enable(self, key: str, enabled: bool) -> None:
        """Switch a rule on or off; one that is not there stays so. Raises `ScheduleError`."""
        if key in self._rules:
            await self._keep({**self._rules, key: replace(self._rules[key], enabled=enabled)})

    async def _keep(self, rules: dict[str, Rule]) -> None:
        if not self._readable:
            raise ScheduleError(f"{self.problems[0]}: mend the file, or move it away, and start again.")
        async with self._writing:
            await asyncio.to_thread(book.RULES.save, self.file, rules)
            self._rules = rules
            self._engine.put(rules.values(), self._now())
        self._changed.set()
        for observer in tuple(self._observers):
            observer()

    def _now(self) -> Instant:
        return Instant(self._clock.boot_s(), self._clock.now().timestamp(), self._clock.trusted, "")

    def _on_change(self, change: Change) -> None:
        if self._waiter is None:
            return
        firings = self._engine.changed(change, self._now())
        if firings or self._engine.next_due()[0] is not None:
            self._changed.set()
        self._tell(firings)

    async def _wait(self) -> None:
        while True:
            self._changed.clear()
            now = self._now()
            by_s = now.wall_s - now.boot_s - self._offset_s
            if abs(by_s) > _JUMP_S:
                self._engine.clock_was_set(now, by_s)
            self._offset_s += by_s
            self._tell(self._engine.due(now))
            await first_of(self._clock, self._engine.next_due(), self._changed)

    def _tell(self, firings: list[Firing]) -> None:
        for firing in firings:
            rule = firing.rule
            facts = {"rule": rule.id, "device": firing.device, "late_s": round(firing.late_s, 1)}
            if firing.stopped:
                log.error("rules.stopped", extra={**facts, "reason": "set off too often"})
            elif firing.missed:
                log.warning("rules.missed", extra=facts)
            else:
                log.info("rules.fired", extra=facts)
            if len(self._telling) >= MOST_AT_ONCE:
                log.error("rules.left_out", extra=facts)
                continue
            task = asyncio.create_task(self._told(firing), name=f"rules.{rule.id}")
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _told(self, firing: Firing) -> None:
        if firing.stopped:
            with suppress(ScheduleError):
                await self.enable(firing.rule.id, enabled=False)
        elif firing.rule.once and not firing.missed:
            with suppress(ScheduleError):
                await self.remove(firing.rule.id)
        ended = await asyncio.gather(*(listener(firing) for listener in self._listeners), return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                log.error("rules.listener_failed", extra={"rule": firing.rule.id}, exc_info=error)
