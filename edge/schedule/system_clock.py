"""The machine's own clocks, waited on through Linux timer descriptors, which also tell when somebody sets the time."""

import asyncio
import ctypes
import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final

from edge.schedule.errors import ScheduleError

_NONBLOCK: Final = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE: Final = 1
_CANCEL_ON_SET: Final = 2
_FAR_S: Final = 2**31 - 1
"""The latest second that every machine's `time_t` holds."""
_UNSYNCHRONISED: Final = 5
_TIMEX_BYTES: Final = 512
_TIMESYNCD: Final = b"/run/systemd/timesync/synchronized"
"""Made by systemd-timesyncd once it has heard from a server since the machine started."""
_FLOOR: Final = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
"""A clock that is behind this program's own time was never set."""


class _Moment(ctypes.Structure):
    """struct itimerspec: no interval, one expiry."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class SystemClock:
    """`Clock` on Linux: CLOCK_BOOTTIME and CLOCK_REALTIME."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        """`zone`: the home's time zone, by default the machine's. Reads small files: build it off the event loop."""
        self._zone = zone
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._battery = _has_battery_clock()
        self._was_set = False

    def boot_s(self) -> float:
        """Seconds since the machine started, sleep included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def now(self) -> datetime:
        """The wall clock in the home's zone."""
        return datetime.now(self._zone or UTC).astimezone(self._zone)

    def local(self, wall_s: float) -> datetime:
        """Seconds since the epoch as a time in the home's zone."""
        return datetime.fromtimestamp(wall_s, self._zone or UTC).astimezone(self._zone)

    def epoch_s(self, local: datetime) -> float:
        """A time of the home in seconds since the epoch; one with a zone of its own keeps that."""
        if local.tzinfo is None and self._zone is not None:
            local = local.replace(tzinfo=self._zone)
        return local.timestamp()

    @property
    def trusted(self) -> bool:
        """Whether the kernel's clock is synchronised, kept by a battery, or was set while this ran."""
        if time.time() < _FLOOR:
            return False
        if self._battery or self._was_set:
            return True
        state = int(self._libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
        if state == -1:
            # A unit with ProtectClock may not ask the kernel.
            return int(self._libc.access(_TIMESYNCD, os.F_OK)) == 0
        return state != _UNSYNCHRONISED

    async def wait(self, boot_s: float | None, wall_s: float | None) -> None:
        """Return at the first of both moments, or when the wall clock is set; no polling."""
        loop = asyncio.get_running_loop()
        reached: asyncio.Future[None] = loop.create_future()
        with (
            self._timer(time.CLOCK_BOOTTIME, boot_s, _ABSOLUTE) as boot,
            self._timer(time.CLOCK_REALTIME, wall_s, _ABSOLUTE | _CANCEL_ON_SET) as wall,
        ):
            for descriptor in (boot, wall):
                loop.add_reader(descriptor, self._fired, descriptor, reached)
            try:
                await reached
            finally:
                for descriptor in (boot, wall):
                    loop.remove_reader(descriptor)

    def _fired(self, descriptor: int, reached: "asyncio.Future[None]") -> None:
        try:
            os.read(descriptor, 8)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.ECANCELED:
                raise
            self._was_set = True
        if not reached.done():
            reached.set_result(None)

    @contextmanager
    def _timer(self, clock: int, at_s: float | None, flags: int) -> Iterator[int]:
        descriptor = int(self._libc.timerfd_create(clock, _NONBLOCK))
        if descriptor < 0:
            raise ScheduleError(f"timerfd_create: {os.strerror(ctypes.get_errno())}: timers need a Linux kernel")
        try:
            at = _FAR_S if at_s is None else max(0.0, min(at_s, _FAR_S))
            whole = int(at)
            moment = _Moment(0, 0, whole, max(1, int((at - whole) * 1e9)))
            while self._libc.timerfd_settime(descriptor, flags, ctypes.byref(moment), None) != 0:
                if ctypes.get_errno() != errno.ECANCELED:
                    raise ScheduleError(f"timerfd_settime: {os.strerror(ctypes.get_errno())}")
            yield descriptor
        finally:
            os.close(descriptor)


def boot_id() -> str:
    """What tells this start of the machine from every other; empty where the kernel does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _has_battery_clock() -> bool:
    """Whether the kernel took its time from a clock that runs on a battery."""
    for told in Path("/sys/class/rtc").glob("rtc*/hctosys"):
        try:
            if told.read_text(encoding="ascii").strip() == "1":
                return True
        except OSError:
            continue
    return False
