"""Whether the clock is right, where the kernel may not be asked."""

import ctypes
import errno
from pathlib import Path

import pytest

from edge.schedule import system_clock
from edge.schedule.system_clock import SystemClock


class Guarded:
    """The C library under a filter that refuses adjtimex."""

    def __init__(self) -> None:
        self._real = ctypes.CDLL(None, use_errno=True)
        self.access = self._real.access

    def adjtimex(self, _: object) -> int:
        ctypes.set_errno(errno.EPERM)
        return -1


@pytest.mark.parametrize("there", [True, False])
def test_systemds_word_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    file = tmp_path / "synchronized"
    if there:
        file.touch()
    monkeypatch.setattr(system_clock, "_TIMESYNCD", str(file).encode())
    monkeypatch.setattr(system_clock, "_has_battery_clock", lambda: False)
    clock = SystemClock()
    monkeypatch.setattr(clock, "_libc", Guarded())
    assert clock.trusted is there
