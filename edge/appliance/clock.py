"""Time without a clock battery: the last known time is set at a start, so that it never runs backwards.

It is a time that is too early, not a right one, and the service does not trust it. A file's own time is what is kept;
`edge-clock.timer` touches it.
"""

import time
from collections.abc import Callable
from typing import Final

from edge.appliance.places import Machine

_LATEST_S: Final = 4_102_444_800.0
"""The year 2100: a file from then is damaged."""


def restore(machine: Machine, set_clock: Callable[[float], None] | None = None) -> float | None:
    """Set the clock to the last known time where that is later; seconds that it was moved by. Raises OSError."""
    file = machine.config / "boot/clock"
    file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    try:
        known_s = file.stat().st_mtime
    except FileNotFoundError:
        file.touch(0o644)
        return None
    behind_s = known_s - time.time()
    if behind_s <= 0 or known_s > _LATEST_S:
        return None
    (set_clock or _set)(known_s)
    return behind_s


def _set(at_s: float) -> None:
    time.clock_settime(time.CLOCK_REALTIME, at_s)
