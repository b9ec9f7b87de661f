"""Whether the databases of the state directory can be read from beginning to end."""

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.health.finding import Finding, fine, problem
from edge.health.ground import Ground

HEAVY: Final = True
_CHECK: Final = "databases"
_LOOK_S: Final = 2.0
"""How long at most they are read; a history of a gigabyte takes longer, and is read whole with `--deep`."""
_STEPS: Final = 20_000


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What reading them gave."""

    whole: tuple[str, ...] = ()
    damaged: tuple[tuple[str, str], ...] = ()
    """Each with what SQLite says."""
    unread: tuple[str, ...] = ()
    """For which there was no time."""


async def look(ground: Ground) -> DatabaseFacts | None:
    """Reads, and writes nothing; None where there are none."""
    until_s = time.monotonic() + (3600.0 if ground.deep else _LOOK_S)
    facts: DatabaseFacts = await ground.aside(_read, ground.loaded.places.state, until_s)
    return facts if facts != DatabaseFacts() else None


def check(facts: DatabaseFacts) -> Iterator[Finding]:
    """One finding for each that is damaged, one for all that are not."""
    for file, why in facts.damaged:
        remedy = (
            f"Stop the service and restore the last backup (edge restore FILE), or start it again: it sets {file} "
            "aside and begins a new one. A card that does this is at its end: see the check of the card"
        )
        yield problem(_CHECK, f"{file} is damaged", remedy, why)
    if facts.whole:
        more = f"; not all of {', '.join(facts.unread)} was read" if facts.unread else ""
        yield fine(_CHECK, f"{', '.join(facts.whole)} can be read{more}")


def _read(state: Path, until_s: float) -> DatabaseFacts:
    whole, damaged, unread = [], [], []
    files = sorted((file for file in state.glob("*.sqlite") if file.is_file()), key=lambda file: file.stat().st_size)
    for file in files:
        try:
            why = _checked(file, until_s)
        except _NoTimeError:
            unread.append(file.name)
            continue
        if why:
            damaged.append((file.name, why))
        else:
            whole.append(file.name)
    return DatabaseFacts(tuple(whole), tuple(damaged), tuple(unread))


class _NoTimeError(Exception):
    pass


def _checked(file: Path, until_s: float) -> str:
    """What is wrong; empty where nothing is, or where another process keeps us out for the moment."""
    database = None
    try:
        database = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=0.5)
        database.set_progress_handler(lambda: int(time.monotonic() > until_s), _STEPS)
        (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
        return "" if said == "ok" else str(said)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise _NoTimeError from None
        return "" if "locked" in str(error) or "busy" in str(error) else str(error)
    except sqlite3.DatabaseError as error:
        return str(error)
    finally:
        if database is not None:
            database.close()
