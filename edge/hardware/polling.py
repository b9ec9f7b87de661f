"""Reads the kernel's sensors of one kind in a thread of its own, each in its interval, and looks for new ones."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.hardware.errors import HardwareError
from edge.hardware.kernel import ROOT, KernelSensor, find, read

if TYPE_CHECKING:
    from edge.settings.hardware import HardwareSettings

_LOOK_S: Final = 30.0
_EVERY_S: Final = {"one_wire": 30.0, "iio": 10.0, "hwmon": 10.0}
_STOPPED_WITHIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read of a sensor, or why that was impossible."""

    entry: "HardwareSettings"
    """The table that means it."""
    sensor: KernelSensor
    value: float | None
    trouble: str = ""


Tell = Callable[[Sequence[Heard]], None]


@dataclass(slots=True)
class _Read:
    entry: "HardwareSettings"
    sensor: KernelSensor
    due_s: float
    value: float | None = None


class Poll:
    """A thread that begins with `start` and ends with `end`; `tell` is called in it."""

    def __init__(
        self,
        kind: str,
        entries: Sequence["HardwareSettings"],
        tell: Tell,
        root: Path = ROOT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kind = kind
        # A table that names a sensor goes before one that means them all.
        self._entries = sorted(entries, key=lambda entry: entry.source is None)
        self._tell = tell
        self._root = root
        self._clock = clock
        self._known: dict[str, _Read] = {}
        self._look_s = -_LOOK_S
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"hardware-{kind}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Read nothing more."""
        self._end.set()

    def ended(self) -> None:
        """Wait for the thread; a bus that hangs is not waited for."""
        if self._thread.is_alive():
            self._thread.join(_STOPPED_WITHIN_S)

    def turn(self) -> float:
        """Read what is due; seconds until something is again."""
        now_s = self._clock()
        if now_s - self._look_s >= _LOOK_S:
            self._look_s = now_s
            self._look(now_s)
        heard = []
        for one in self._known.values():
            if one.due_s <= now_s and not self._end.is_set():
                heard.append(self._heard(one))
                every_s = one.entry.every_s or _EVERY_S[self._kind]
                one.due_s = max(one.due_s + every_s, self._clock())
        if heard:
            self._tell(heard)
        due_s = min((one.due_s for one in self._known.values()), default=now_s + _LOOK_S)
        return max(0.05, min(due_s, self._look_s + _LOOK_S) - self._clock())

    def _run(self) -> None:
        while not self._end.is_set():
            self._end.wait(self.turn())

    def _look(self, now_s: float) -> None:
        for sensor in find(self._kind, self._root):
            known = self._known.get(sensor.exact_source)
            if known is not None:
                # It may be shown in another place after it was plugged in again.
                known.sensor = sensor
                continue
            entry = next((entry for entry in self._entries if sensor.is_named(entry.source)), None)
            if entry is not None:
                self._known[sensor.exact_source] = _Read(entry, sensor, now_s)

    def _heard(self, one: _Read) -> Heard:
        try:
            raw = read(one.sensor, one.value)
        except HardwareError as error:
            return Heard(one.entry, one.sensor, None, str(error))
        one.value = raw
        value = raw * one.entry.multiply + one.entry.add
        if not math.isfinite(value):
            return Heard(one.entry, one.sensor, None, f"{one.sensor.exact_source} gives a number beyond all measure")
        return Heard(one.entry, one.sensor, round(value, 3))
