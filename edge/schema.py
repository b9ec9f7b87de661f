"""The form of a database, and how an older one is brought up to it: step by step, each whole or not at all."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Schema:
    """The form of one of our SQLite files. `user_version` in it says how many of the steps it has had."""

    file: str
    """What it is called in the state directory."""
    steps: tuple[str, ...]
    """SQL: the first step makes the tables in an empty file, each further one changes what the ones before it made."""

    @property
    def version(self) -> int:
        """What this release reads and writes."""
        return len(self.steps)

    def bring_up(self, database: sqlite3.Connection, path: Path | str, refusal: Callable[[str], Exception]) -> int:
        """Take the steps that are missing, and return the version that was found: 0 for a file that was just made.

        Raises what `refusal` makes of a message where a newer release has written the file, else `sqlite3.Error`.
        """
        (found,) = database.execute("PRAGMA user_version").fetchone()
        if found > self.version:
            raise refusal(
                f"{path}: version {found} was written by a newer edge, this one reads {self.version}: update edge, "
                "or move the file away to begin anew"
            )
        for version in range(found, self.version):
            with database:
                database.executescript(
                    f"BEGIN IMMEDIATE; {self.steps[version]} PRAGMA user_version={version + 1}; COMMIT;"
                )
        return int(found)
