"""Reads who did what, beside the service that writes it or without one."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.errors import EdgeError
from edge.health.audit.rows import COLUMNS, SCHEMA, Entry, entry

log = logging.getLogger(__name__)

_SELECT: Final = f"SELECT number, {', '.join(COLUMNS)} FROM requests"  # noqa: S608 (our own names)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them; what is None is not asked for."""

    since_s: float | None = None
    """Seconds since the epoch."""
    source: str | None = None
    area: str | None = None
    device: str | None = None
    """A device's id."""
    after: int = 0
    """The number of the last one that is known already."""
    limit: int | None = None
    """That many, the latest."""


def read(file: Path, wanted: Wanted) -> list[Entry]:
    """Oldest first; none where nothing has been kept yet. Blocks. Raises `EdgeError` that says what to do."""
    try:
        if not file.exists():
            return []
    except OSError as error:
        raise EdgeError(f"{file} can't be looked for: {error.strerror}") from None
    try:
        with closing(sqlite3.connect(f"file:{_quoted(file)}?mode=ro", uri=True, timeout=5)) as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version == 0:
                return []
            if version != SCHEMA.version:
                raise EdgeError(
                    f"{file}: version {version} was written by another edge, this one reads {SCHEMA.version}"
                )
            return list(_entries(database, wanted))
    except sqlite3.OperationalError as error:
        raise EdgeError(f"{file} can't be opened ({error}): read it as its owner, sudo edge log requests") from None
    except sqlite3.DatabaseError as error:
        raise EdgeError(f"{file} is damaged ({error}): the service sets it aside when it next writes to it") from None


def _entries(database: sqlite3.Connection, wanted: Wanted) -> Iterator[Entry]:
    conditions, values = ["number > ?"], [wanted.after]
    given: tuple[tuple[str, Any], ...] = (
        ("time >= ?", wanted.since_s),
        ("source = ?", wanted.source),
        ("area = ?", wanted.area),
        ("instr(devices, ?) > 0", f" {wanted.device} " if wanted.device else None),
    )
    for condition, value in given:
        if value is not None:
            conditions.append(condition)
            values.append(value)
    query = f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY number DESC LIMIT ?"
    rows = database.execute(query, (*values, -1 if wanted.limit is None else wanted.limit)).fetchall()
    for values_of_one in reversed(rows):
        try:
            yield entry(values_of_one)
        except ValueError as error:
            log.warning("audit.row_skipped", extra={"error": str(error)})


def _quoted(file: Path) -> str:
    """A path in a URI."""
    return file.absolute().as_uri().removeprefix("file://")
