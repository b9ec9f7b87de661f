"""Whether there is room on the disk of the state, and whether the card is written to death."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground

_CHECK: Final = "disk"
_FULL_BYTES: Final = 64 << 20
_FULL_SHARE: Final = 0.03
_PLENTY_BYTES: Final = 1 << 30
"""With this much free no share is too little to go on with."""
_SCARCE_SHARE: Final = 0.05
_MANY_BYTES: Final = 2_000_000_000
"""A day; a card of 32 GB lasts some ten years of that."""


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """Of the disk that the state lies on."""

    path: str
    free_bytes: int
    total_bytes: int
    disk: str = ""
    written_bytes_per_day: int | None = None
    """By the whole machine; None where it is not known yet."""
    written_by_us_bytes_per_day: int | None = None


async def look(ground: Ground) -> DiskFacts | None:
    """Of the disk of the state, and of the running service what is written to it; None where there is no state yet."""
    state = ground.loaded.places.state
    try:
        usage = await ground.aside(shutil.disk_usage, state)
    except OSError:
        return None
    told = ground.told("disk")
    return DiskFacts(
        str(state),
        usage.free,
        usage.total,
        str(told.get("disk", "")),
        told.get("written_bytes_per_day"),
        told.get("written_by_us_bytes_per_day"),
    )


def check(facts: DiskFacts) -> Iterator[Finding]:
    """What there is to say."""
    share = facts.free_bytes / max(1, facts.total_bytes)
    free = f"{facts.free_bytes / 1e9:.1f} of {facts.total_bytes / 1e9:.1f} GB are free for {facts.path}"
    remedy = "Remove what is not needed: edge models rm NAME, old backups; or take a larger card"
    if facts.free_bytes < _FULL_BYTES or (share < _FULL_SHARE and facts.free_bytes < _PLENTY_BYTES):
        yield problem(_CHECK, f"The disk is full, or as good as: {free} ({share:.1%})", remedy)
    elif share < _SCARCE_SHARE:
        yield note(_CHECK, f"Little room is left: {free}", remedy)
    else:
        yield fine(_CHECK, free)
    if facts.written_bytes_per_day is None:
        return
    ours = (facts.written_by_us_bytes_per_day or 0) / 1e6
    text = f"{facts.written_bytes_per_day / 1e6:.0f} MB a day are written to {facts.disk}, {ours:.0f} of them by edge"
    if facts.written_bytes_per_day > _MANY_BYTES:
        remedy = "See what writes: sudo iotop -ao; a journal in memory and fewer logs spare a card"
        yield note(_CHECK, text, remedy)
    else:
        yield fine(_CHECK, text)
