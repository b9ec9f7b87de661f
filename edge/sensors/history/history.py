"""Remembers what sensors say while it is entered: intake on the loop, one batch a window into the database."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar

from edge.devices.registry import Registry
from edge.sensors.history.choosing import Choosing
from edge.sensors.history.intake import Intake
from edge.sensors.history.retention import Keep
from edge.sensors.history.rollup import Zone
from edge.sensors.history.schema import HOUR_MS
from edge.sensors.history.writer import Names, Writer

if TYPE_CHECKING:
    from edge.sensors.history.reader import Reader

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_JUMP_S: Final = 2.0

ClockListener = Callable[[float, bool], None]


class WallClock(Protocol):
    """Whether the time of day can be believed."""

    @property
    def trusted(self) -> bool:
        """Whether the wall clock was set by something that knows the time."""
        ...


class History:
    """Async context manager: what the registry says of sensors is kept in `file`.

    `window_s` is what a power cut or SIGKILL can cost, beside the time a write takes; leaving it in order costs
    nothing. A disk that takes nothing stops nobody: readings wait, `MOST_WAITING` of them, and it is reported once.

    `await history.ask(lambda reader: reader.stats(...))` answers from everything up to now (see `Reader`);
    `history.intake.listen(...)` hears every reading; `history.facts()` is for `edge status`.
    """

    def __init__(
        self,
        file: Path,
        registry: Registry,
        clock: WallClock,
        *,
        choosing: Choosing | None = None,
        keep: Keep | None = None,
        zone: Zone | None = None,
        window_s: float = 5.0,
        most_per_second: float = 10.0,
        wall_s: Callable[[], float] = time.time,
        boot_s: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self.file = file
        self.window_s = window_s
        self._registry = registry
        self._clock = clock
        self._wall_s = wall_s
        self._boot_s = boot_s
        self._zone = zone or Zone()
        self._choosing = choosing or Choosing()
        self._most_per_second = most_per_second
        self._writer = Writer(file, keep or Keep(), self._zone)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        self._enough = asyncio.Event()
        self._closing = False
        self._one_at_a_time = asyncio.Lock()
        self._trouble = ""
        self._lost_before = 0
        self._began_ms = 0
        self._offset_s = 0.0
        self._trusted = False
        self._clock_listeners: list[ClockListener] = []
        self._hour = 0
        self.written = 0

    async def __aenter__(self) -> Self:
        units: dict[tuple[str, str], str] = {}
        try:
            units = await self._in_thread(self._writer.open)
        except (sqlite3.Error, OSError) as error:
            self._in_trouble(error)
        self._offset_s = self._wall_s() - self._boot_s()
        self.intake = Intake(
            choosing=self._choosing, wall_s=self.now_s, most_per_second=self._most_per_second, known_units=units
        )
        self.intake.enough = self._enough.set
        self._began_ms = int(self.now_s() * 1000)
        self._trusted = await asyncio.to_thread(lambda: self._clock.trusted)
        self._end = self.intake.begin(self._registry)
        self._task = asyncio.create_task(self._write_on(), name="history")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Writes what waits; what was held back of floods too."""
        self._end()
        self._closing = True
        self._enough.set()
        await self._task
        await self.flush()
        await self._in_thread(self._close)
        self._thread.shutdown(wait=False)

    async def flush(self) -> None:
        """Write what waits now; what can't be written goes on waiting."""
        async with self._one_at_a_time:
            await self._look_at_clock()
            intake = self.intake
            batch, apart, changed = intake.take_waiting(), intake.apart, intake.changed
            if not (batch or apart or changed or self._closing or self._trouble or self._hour_is_over()):
                return
            intake.apart, intake.changed = {}, {}
            names = Names(tuple(intake.sensors), changed, tuple(intake.states))
            now_ms = int(self.now_s() * 1000)
            try:
                await self._in_thread(lambda: self._writer.write(batch, names, apart, now_ms))
            except (sqlite3.Error, OSError) as error:
                intake.put_back(batch)
                intake.changed = changed | intake.changed
                intake.count_again(apart)
                self._in_trouble(error)
                return
            self.written += len(batch)
            self._hour = now_ms // HOUR_MS
            try:
                await self._in_thread(lambda: self._writer.tidy_where_due(now_ms))
            except (sqlite3.Error, OSError) as error:
                self._in_trouble(error)
            else:
                self._out_of_trouble()

    async def ask(self, question: "Callable[[Reader], _Result]") -> _Result:
        """What a question finds, everything up to now included. Raises `SensorError`."""
        await self.flush()

        def answer() -> _Result:
            from edge.sensors.history.reader import Reader  # a service that nobody asks needs no memory for it

            with Reader(self.file, self._zone, wall_s=self._wall_s) as reader:
                return question(reader)

        return await asyncio.to_thread(answer)

    def on_clock_set(self, listener: ClockListener) -> Callable[[], None]:
        """Have it called with the seconds by which the wall clock was set, and whether it was wrong before; returns
        what ends that."""
        self._clock_listeners.append(listener)
        return lambda: self._clock_listeners.remove(listener)

    def now_s(self) -> float:
        """Seconds since 1970, by which readings are timed: it jumps when listeners are told so, and only then."""
        return self._boot_s() + self._offset_s

    def facts(self) -> dict[str, Any]:
        """For `edge status`."""
        intake = self.intake
        return {
            "path": str(self.file),
            "window_s": self.window_s,
            "sensors": len(intake.sensors),
            "taken": intake.taken,
            "written": self.written,
            "waiting": len(intake.waiting),
            "lost": intake.lost,
            "thinned": intake.thinned,
            "thinned_now": list(intake.flooding()),
            "kept_apart": intake.kept_apart,
            "trouble": self._trouble,
            "set_aside": str(self._writer.set_aside) if self._writer.set_aside else None,
        }

    # Writing -------------------------------------------------------------------------------------------------------

    async def _write_on(self) -> None:
        """One batch a window, until closed."""
        while not self._closing:
            try:
                async with asyncio.timeout(self.window_s):
                    await self._enough.wait()
            except TimeoutError:
                pass
            self._enough.clear()
            try:
                await self.flush()
            except Exception:
                log.exception("history.failed")

    def _hour_is_over(self) -> bool:
        return int(self.now_s() * 1000) // HOUR_MS != self._hour

    async def _look_at_clock(self) -> None:
        """A clock that was set: what was read by a wrong one before is set right, as far as that can be known.

        Readings go by the clock that only counts and by what the wall clock was ahead of it when this looked last.
        """
        offset_s = self._wall_s() - self._boot_s()
        if abs(offset_s - self._offset_s) < _JUMP_S:
            self._offset_s = offset_s
            return
        shift, self._trusted = not self._trusted, await asyncio.to_thread(lambda: self._clock.trusted)
        by_ms = round((offset_s - self._offset_s) * 1000)
        # At once, so that no reading has a time that others do not go by yet.
        self._offset_s = offset_s
        self.intake.clock_set(by_ms, shift=shift)
        for listener in tuple(self._clock_listeners):
            listener(by_ms / 1000, shift)
        log.warning("history.clock_set", extra={"by_s": by_ms / 1000, "set_right": shift})
        if shift:
            try:
                await self._in_thread(lambda: self._writer.shift(by_ms, self._began_ms))
            except (sqlite3.Error, OSError) as error:
                self._in_trouble(error)
            self._began_ms += by_ms

    def _in_trouble(self, error: Exception) -> None:
        """One line when it begins; how many were lost is told when it is over."""
        if not self._trouble:
            remedy = "see to the disk: is it full, or read-only?"
            log.error("history.not_written", extra={"path": str(self.file), "reason": str(error), "remedy": remedy})
            self._lost_before = self.intake.lost if hasattr(self, "intake") else 0
        self._trouble = str(error) or type(error).__name__

    def _out_of_trouble(self) -> None:
        if self._trouble:
            self._trouble = ""
            log.warning("history.written_again", extra={"lost": self.intake.lost - self._lost_before})

    def _close(self) -> None:
        self._writer.close()

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
