"""Whether what sensors say is remembered, and what can be saved of a database that was damaged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.health.finding import Finding, fine, note, problem

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
