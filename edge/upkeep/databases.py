"""Copies databases while the service writes to them, by SQLite's own way of backing up."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

PAGES: Final = 2048
"""Copied at once; between, others may write."""

CopyProgress = Callable[[int, int], None]
"""Bytes done, and in all."""


def copy_database(source: Path, target: Path, progress: CopyProgress | None = None) -> None:
    """A consistent copy, on the disk when this returns. Raises `sqlite3.Error` and OSError."""
    uri = f"file:{quote(str(source))}?mode=ro"

    def tell(_: int, left: int, total: int) -> None:
        if progress is not None:
            progress((total - left) * page, total * page)

    with closing(sqlite3.connect(uri, uri=True, timeout=20)) as reading, closing(sqlite3.connect(target)) as writing:
        (page,) = reading.execute("PRAGMA page_size").fetchone()
        reading.backup(writing, pages=PAGES, progress=tell)
        # A copy that stands alone needs no second file.
        writing.execute("PRAGMA journal_mode=DELETE")
    handle = os.open(target, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def trouble_of(file: Path) -> str:
    """What SQLite finds wrong with a database; empty where it is sound."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=20)) as database:
            rows = database.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        return str(error)
    return "" if rows == [("ok",)] else str(rows[0][0] if rows else "it can't be checked")


def settle(file: Path) -> None:
    """Bring what stands in the log beside a database into it; nobody else may have it open."""
    with closing(sqlite3.connect(file, timeout=20)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
