"""Makes the data partition as it would be after a power cut at some write, and looks whether all is whole."""

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from image.boot.card import Card, Partition
from image.boot.writelog import Write, writes

_SECTOR = 512


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one cut."""

    missing: frozenset[str]
    """What was acknowledged and is not there."""
    trouble: str
    """What is not whole; empty where all is."""


class Torn:
    """The data partition before a run, and the log of what was written to the card in it."""

    def __init__(self, card: Card, directory: Path) -> None:
        self._card = card
        self._base = directory / "data-before.img"
        self._directory = directory
        self.log = directory / "writes.log"

    def remember(self) -> None:
        """Keep the data partition as it is now; only while the machine is off."""
        self.log.unlink(missing_ok=True)
        self.log.touch()
        where = self._data()
        with self._card.path.open("rb") as source, self._base.open("wb") as target:
            source.seek(where.start)
            _copy(source, target, where.size)

    def remember_card(self) -> Path:
        """Keep all of the card as it is now, and begin a log; only while the machine is off."""
        self.log.unlink(missing_ok=True)
        self.log.touch()
        whole = self._directory / "card-before.img"
        subprocess.run(["cp", "--sparse=always", str(self._card.path), str(whole)], check=True)
        return whole

    def card_at(self, whole: Path, moment: int, chance: random.Random) -> Path:
        """The card as it would be after a cut after so many entries of the log."""
        card = self._directory / "card-cut.img"
        subprocess.run(["cp", "--sparse=always", str(whole), str(card)], check=True)
        with card.open("r+b") as file:
            for write in surviving(list(writes(self.log, moment)), chance):
                file.seek(write.offset)
                file.write(write.data)
        return card

    def at(self, moment: int, chance: random.Random, wanted: Iterable[str]) -> Verdict:
        """Cut after so many entries: which of the wanted words are in no database, and what is broken."""
        image = self._directory / "data-torn.img"
        subprocess.run(["cp", "--sparse=always", str(self._base), str(image)], check=True)
        where = self._data()
        with image.open("r+b") as file:
            for write in surviving(list(writes(self.log, moment)), chance):
                start, data = _within(write, where)
                if data:
                    file.seek(start)
                    file.write(data)
        checked = subprocess.run(["e2fsck", "-fp", str(image)], capture_output=True, text=True, check=False)
        if checked.returncode >= 4:
            return Verdict(frozenset(), f"at write {moment} e2fsck gives up: {checked.stdout.strip()[-200:]}")
        state = self._directory / "state-torn"
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir()
        subprocess.run(["debugfs", "-R", f"rdump /state {state}", str(image)], capture_output=True, check=False)
        found, trouble = "", ""
        for database in sorted(state.rglob("*.sqlite")):
            try:
                found += _text_of(database)
            except sqlite3.DatabaseError as error:
                trouble = f"at write {moment} {database.name} is broken: {error}"
        return Verdict(frozenset(word for word in wanted if word not in found), trouble)

    def _data(self) -> Partition:
        return self._card.partitions()[2]


def surviving(entries: list[Write], chance: random.Random) -> list[Write]:
    """What of these writes is on the disk when the power goes after the last of them.

    What came before the last flush, and what asked to be written at once; of everything since, some.
    """
    flushed = max((number for number, write in enumerate(entries) if write.flushes), default=-1)
    kept = []
    for number, write in enumerate(entries):
        if number <= flushed or write.at_once or chance.random() < 0.5:
            kept.append(write)
        elif len(write.data) > _SECTOR and chance.random() < 0.5:
            # Torn in the middle: a card writes sectors, not requests.
            whole = chance.randrange(len(write.data) // _SECTOR) * _SECTOR
            kept.append(Write(write.offset, write.data[:whole], False, False))
    return kept


def _within(write: Write, where: Partition) -> tuple[int, bytes]:
    """The part of a write that is in the partition, by its offset there."""
    start, end = max(write.offset, where.start), min(write.offset + len(write.data), where.start + where.size)
    if start >= end:
        return 0, b""
    return start - where.start, write.data[start - write.offset : end - write.offset]


def _text_of(database: Path) -> str:
    """Every text of every table, in small letters. Raises `sqlite3.DatabaseError` where it is broken."""
    with closing(sqlite3.connect(database)) as connection:
        for (said,) in connection.execute("PRAGMA integrity_check"):
            if said != "ok":
                raise sqlite3.DatabaseError(said)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = (row for table in tables for row in connection.execute(f'SELECT * FROM "{table}"'))  # noqa: S608
        return "\n".join(str(value).lower() for row in rows for value in row if isinstance(value, str))


def _copy(source, target, size: int) -> None:  # type: ignore[no-untyped-def]
    left = size
    while left > 0:
        chunk = source.read(min(left, 4 << 20))
        if not chunk:
            break
        if chunk.count(0) == len(chunk):
            target.seek(len(chunk), 1)
        else:
            target.write(chunk)
        left -= len(chunk)
    target.truncate(size)
