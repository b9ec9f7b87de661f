"""What to do with a database that is damaged: kept beside the new one, for whoever wants to save what it has."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_KEPT: Final = 3
"""Files that were set aside and are kept; older ones go, so that a bad card does not fill itself with them."""
_PARTS: Final = ("", "-wal", "-shm")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is no good, rather than the disk or whoever else has it open."""
    return (getattr(error, "sqlite_errorname", None) or "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def put_aside(file: Path) -> Path:
    """Rename the database, with what belongs to it; returns what it is called now. Raises OSError."""
    aside = file.with_name(f"{file.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    for suffix in _PARTS:
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    older = sorted(one for one in file.parent.glob(f"{file.name}.damaged-*") if one.name[-1].isdigit())
    for one in older[:-_KEPT]:
        for suffix in _PARTS:
            one.with_name(one.name + suffix).unlink(missing_ok=True)
    return aside
