"""The memory's database: every method blocks and belongs to one thread; a damaged file is set aside."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from edge.database import Database
from edge.memory.errors import RecollectionError
from edge.memory.matching import one_line, query
from edge.memory.model import Alias, Entry, Kind, Match, Thing
from edge.schema import Schema

SCHEMA: Final = Schema(
    "memory.sqlite",
    (
        """
CREATE TABLE entry (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL,
    by TEXT NOT NULL, area TEXT
);
CREATE VIRTUAL TABLE words USING fts5 (
    text, content = 'entry', content_rowid = 'number', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER entry_put AFTER INSERT ON entry BEGIN
    INSERT INTO words (rowid, text) VALUES (new.number, new.text);
END;
CREATE TRIGGER entry_gone AFTER DELETE ON entry BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.number, old.text);
END;
CREATE TABLE alias (
    thing TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, at REAL NOT NULL, by TEXT NOT NULL,
    PRIMARY KEY (thing, id, name)
) WITHOUT ROWID;
""",
    ),
)
Row = tuple[object, ...]
_COLUMNS: Final = "entry.id, entry.kind, entry.text, entry.at, entry.by, entry.area"
_KINDS: Final = frozenset(one.value for one in Kind)
_TOLD: Final = 50
_WORDS: Final = 16
"""Words that are looked for at most."""


class Store:
    """Raises `sqlite3.Error`, OSError and `RecollectionError`."""

    def __init__(self, file: Path) -> None:
        self._database = Database(file, SCHEMA, RecollectionError)

    @property
    def set_aside(self) -> Path | None:
        """A damaged file of this run."""
        return self._database.set_aside

    def read(self) -> tuple[list[Entry], list[Alias]]:
        """Everything, the oldest first."""
        return self._database.done(self._read)

    def find(self, words: Sequence[str], kind: Kind | None = None) -> list[Match]:
        """Entries that have some of the words, those with the most of them first, then the newest."""
        wanted = words[:_WORDS]
        return self._database.done(lambda: self._find(wanted, kind)) if wanted else []

    def change(
        self,
        put: Iterable[Entry] = (),
        gone: Iterable[str] = (),
        named: Iterable[Alias] = (),
        unnamed: Iterable[Alias] = (),
    ) -> None:
        """All of it is on the disk when this returns, or nothing; of what is gone nothing is left in the file."""
        rows = [(one.id, one.kind.value, one.text, one.at_s, one.by, one.area) for one in put]
        names = [(one.thing.value, one.id, one.name, one.at_s, one.by) for one in named]
        without = [(one.thing.value, one.id, one.name) for one in unnamed]
        self._database.done(lambda: self._change(rows, [(one,) for one in gone], names, without))

    def close(self) -> None:
        """Until it is needed again."""
        self._database.close()

    def _read(self) -> tuple[list[Entry], list[Alias]]:
        database = self._database.connected()
        entries = database.execute(f"SELECT {_COLUMNS} FROM entry ORDER BY number").fetchall()  # noqa: S608 (ours)
        aliases = database.execute("SELECT thing, id, name, at, by FROM alias ORDER BY at, name").fetchall()
        return [_entry(row) for row in entries], [Alias(Thing(row[0]), *row[1:]) for row in aliases]

    def _find(self, words: Sequence[str], kind: Kind | None) -> list[Match]:
        database = self._database.connected()
        found: dict[str, Entry] = {}
        having: dict[str, int] = {}
        for word in words:
            rows = database.execute(
                f"SELECT {_COLUMNS} FROM words JOIN entry ON entry.number = words.rowid "  # noqa: S608 (our own names)
                "WHERE words MATCH ? AND (? IS NULL OR entry.kind = ?) ORDER BY entry.number DESC LIMIT ?",
                (query((word,), every=True), kind, kind, _TOLD),
            ).fetchall()
            for row in rows:
                found.setdefault(row[0], _entry(row))
                having[row[0]] = having.get(row[0], 0) + 1
        matches = [Match(entry, having[key] / len(words)) for key, entry in found.items()]
        return sorted(matches, key=lambda one: (-one.share, -one.entry.at_s))

    def _change(
        self, put: Sequence[Row], gone: Sequence[Row], named: Sequence[Row], unnamed: Sequence[Row]
    ) -> None:  # fmt: skip
        database = self._database.connected()
        database.execute("PRAGMA secure_delete=ON")
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("DELETE FROM entry WHERE id = ?", gone)
            database.executemany("DELETE FROM alias WHERE thing = ? AND id = ? AND name = ?", unnamed)
            database.executemany("DELETE FROM entry WHERE id = ?", [(row[0],) for row in put])
            database.executemany("INSERT INTO entry (id, kind, text, at, by, area) VALUES (?, ?, ?, ?, ?, ?)", put)
            database.executemany("INSERT OR REPLACE INTO alias VALUES (?, ?, ?, ?, ?)", named)
            if gone:
                database.execute("INSERT INTO words (words) VALUES ('rebuild')")
        if gone:
            self._wipe(database)

    @staticmethod
    def _wipe(database: sqlite3.Connection) -> None:
        """Nothing of what was forgotten stays in the index, in free pages or in the log."""
        database.execute("INSERT INTO words (words) VALUES ('optimize')")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _entry(row: tuple[str, str, str, float, str, str | None]) -> Entry:
    key, kind, text, at_s, by, area = row
    return Entry(key, Kind(kind) if kind in _KINDS else Kind.FACT, one_line(text), float(at_s), by, area)
