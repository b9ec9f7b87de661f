"""One of our SQLite files: opened when it is first needed, brought up to its form, set aside where it is damaged."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from edge.schema import Schema

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_KEPT: Final = 3
"""Files that were set aside and are kept; older ones go, so that a bad card does not fill itself with them."""
_PARTS: Final = ("", "-wal", "-shm")
_WAIT_S: Final = 10.0


class Database:
    """Every method blocks and belongs to one thread; raises `sqlite3.Error`, OSError and what `refusal` makes."""

    def __init__(
        self, file: Path, schema: Schema, refusal: Callable[[str], Exception], *, durable: bool = True
    ) -> None:
        """`refusal`: the error of a file that a newer release has written; `durable`: whether a transaction that has
        ended outlives a power cut, for which each has to wait for the disk."""
        self.file = file
        self.set_aside: Path | None = None
        """A damaged file of this run."""
        self._schema = schema
        self._refusal = refusal
        self._durable = durable
        self._connection: sqlite3.Connection | None = None

    def connected(self) -> sqlite3.Connection:
        """The connection; the file is made, for its owner alone, where there is none."""
        if self._connection is not None:
            return self._connection
        self.file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.file, timeout=_WAIT_S, check_same_thread=False)
        try:
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={'FULL' if self._durable else 'NORMAL'}",
                "cache_size=-256",
            ):
                connection.execute(f"PRAGMA {pragma}")
            if self._schema.bring_up(connection, self.file, self._refusal) == 0:
                self.file.chmod(0o600)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def done(self, work: Callable[[], _Result], *, again: bool = True) -> _Result:
        """Do it. Where that shows that the file is damaged, a new one takes its place, and it is done once more.

        Without `again` it is not: the error is raised, once the new file is there.
        """
        try:
            return work()
        except sqlite3.DatabaseError as error:
            self.close()
            if not is_damage(error):
                raise
            self.set_aside = put_aside(self.file)
            facts = {"path": str(self.file), "kept_as": str(self.set_aside), "error": str(error)}
            log.error(f"{self.file.stem}.damaged", extra=facts)  # noqa: TRY400 (the message says it all)
            if not again:
                raise
        return work()

    def close(self) -> None:
        """Without writing anything more; it is opened again when it is needed."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


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
