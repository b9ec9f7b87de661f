"""Whether what sensors say is remembered, and what can be saved of a database that was damaged."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import EdgeError
from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground
from edge.health.looking.files import set_aside

_CHECK: Final = "history"


@dataclass(frozen=True, slots=True)
class HistoryFacts:
    """As the running service has it, or as the file shows."""

    path: str
    size_bytes: int | None = None
    """None: there is no file yet."""
    most_bytes: int = 0
    sensors: int = 0
    trouble: str = ""
    """Why nothing can be written, or read."""
    lost: int = 0
    apart: int = 0
    """Readings that were kept apart."""
    flooding: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    """Damaged files."""


async def look(ground: Ground) -> HistoryFacts | None:
    """The running service where there is one, else the file; None where nothing is to be remembered."""
    if not ground.loaded.settings.history.enabled:
        return None
    facts: HistoryFacts = await ground.aside(_looked, ground)
    return facts


def _looked(ground: Ground) -> HistoryFacts:
    file, told = ground.loaded.places.history, ground.told("history")
    sensors, trouble = int(told.get("sensors", 0)), str(told.get("trouble", ""))
    size = None
    try:
        if file.exists():
            size = file.stat().st_size
            if not told:
                sensors = _sensors(file)
    except (EdgeError, OSError) as error:
        return HistoryFacts(str(file), size, trouble=trouble or str(error))
    return HistoryFacts(
        str(file),
        size,
        ground.loaded.settings.history.most_bytes,
        sensors,
        trouble,
        int(told.get("lost", 0)),
        int(told.get("kept_apart", 0)),
        tuple(told.get("thinned_now", ())),
        set_aside(file.parent, (file.name,)),
    )


def _sensors(file: Path) -> int:
    """How many series there are. Raises `SensorError`."""
    from edge.sensors.history.reader import Reader
    from edge.sensors.history.schema import damaged

    try:
        with Reader(file) as reader:
            return len(reader.sensors())
    except sqlite3.DatabaseError as error:
        raise damaged(file, error) from None


def check(facts: HistoryFacts) -> Iterator[Finding]:
    """What there is to say."""
    if facts.trouble:
        lost = f"; {facts.lost} readings were lost by it" if facts.lost else ""
        remedy = f"See to the disk of {facts.path}: is it full, read-only, or another user's?"
        yield problem(_CHECK, f"What sensors say can't be written: {facts.trouble}{lost}", remedy)
    elif facts.size_bytes is None:
        yield fine(_CHECK, f"Nothing is remembered of sensors yet: {facts.path} is made by `edge run`")
    else:
        size = f"{facts.size_bytes / 1e6:.0f} MB of {facts.most_bytes / 1e6:.0f}"
        yield fine(_CHECK, f"{facts.sensors} series are remembered in {facts.path}, {size}")
    for one in facts.set_aside:
        yield problem(
            _CHECK,
            f"A damaged database was set aside: {one}",
            f"Save what can be read: edge sensors export --file {one} -o saved.csv, edge sensors import saved.csv; "
            f"where that stops early: sqlite3 {one} .recover | sqlite3 saved.sqlite, then the same with that file. "
            "Remove the damaged one afterwards, and see to the card: it may be at its end",
        )
    if facts.flooding:
        remedy = "Have them report less often, or raise history.most_per_second"
        yield note(_CHECK, f"More comes than is kept, of {', '.join(facts.flooding[:5])}", remedy)
    if facts.apart:
        text = f"{facts.apart} readings were kept apart: they were no numbers, or of another unit"
        yield note(_CHECK, text, "The log says of which sensors: history.kept_apart")
