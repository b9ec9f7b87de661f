"""Whether the time is right, as far as that can be told: against what was written before, and who vouches for it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.health.finding import Finding, Fix, fine, note, problem
from edge.health.ground import Ground

_CHECK: Final = "clock"
_AHEAD_S: Final = 300.0
"""How much later than now a file may be written: clocks are set back by seconds."""
_OURS: Final = ("*.sqlite", "*.sqlite-wal", "*.json", "*.toml")
_SET: Final = "Let the machine reach a time server (timedatectl set-ntp true), or set the time: timedatectl set-time"


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What there is to compare."""

    now_s: float
    newest_s: float | None = None
    """When the latest of our files was written, by the clock as it was then."""
    newest: str = ""
    built_s: float | None = None
    """When this program was installed."""
    trusted: bool = True
    battery: bool = False
    """Whether there is a clock that runs while the machine is off."""


async def look(ground: Ground) -> ClockFacts:
    """The service knows whether it trusts the clock; without it the kernel is asked."""
    newest_s, newest = await ground.aside(_newest, ground.loaded.places.state)
    trusted = (ground.status or {}).get("clock_trusted")
    if trusted is None:
        trusted = await ground.aside(_trusted, ground.root)
    built_s = await ground.aside(_written_s, Path(__file__))
    return ClockFacts(time.time(), newest_s, newest, built_s, bool(trusted), await ground.aside(_battery, ground.root))


def check(facts: ClockFacts) -> Iterator[Finding]:
    """One finding."""
    now = _said(facts.now_s)
    if facts.newest_s is not None and facts.newest_s > facts.now_s + _AHEAD_S:
        text = f"The clock is wrong, or was: it says {now}, and {facts.newest} was written on {_said(facts.newest_s)}"
        battery = "" if facts.battery else "; a real-time clock with a battery keeps it over a power cut"
        yield problem(_CHECK, f"{text}: it is behind", f"{_SET} 'YYYY-MM-DD HH:MM'{battery}", fix=_ntp())
    elif facts.built_s is not None and facts.now_s < facts.built_s - _AHEAD_S:
        text = f"The clock is wrong: it says {now}, which is earlier than this program was installed"
        yield problem(_CHECK, text, f"{_SET} 'YYYY-MM-DD HH:MM'", f"installed {_said(facts.built_s)}", _ntp())
    elif not facts.trusted:
        text = f"The time was not set by anything that knows it since the start; it says {now}"
        remedy = "Let the machine reach a time server once (timedatectl set-ntp true), or add a real-time clock"
        yield note(_CHECK, text, f"{remedy} with a battery: what is set for a time of day waits until then", fix=_ntp())
    else:
        yield fine(_CHECK, f"The time is {now}, and something vouches for it")


def _ntp() -> Fix:
    return Fix("network_time", "")


def _newest(state: Path) -> tuple[float | None, str]:
    """Of our own files."""
    found: tuple[float | None, str] = (None, "")
    for pattern in _OURS:
        for file in state.glob(pattern):
            written_s = _written_s(file)
            if written_s is not None and (found[0] is None or written_s > found[0]):
                found = (written_s, file.name)
    return found


def _trusted(root: Path) -> bool:
    if root == Path("/"):
        from edge.schedule.system_clock import SystemClock

        return SystemClock().trusted
    return _battery(root) or (root / "run/systemd/timesync/synchronized").exists()


def _battery(root: Path) -> bool:
    """Whether the kernel took its time from a clock that runs on a battery."""
    for told in (root / "sys/class/rtc").glob("rtc*/hctosys"):
        try:
            if told.read_text("ascii", "replace").strip() == "1":
                return True
        except OSError:
            continue
    return False


def _written_s(file: Path) -> float | None:
    try:
        return file.stat().st_mtime
    except OSError:
        return None


def _said(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
