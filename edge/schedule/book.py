"""A file of what people have made, by key: TOML that a person can read and write, replaced at once or not at all."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from edge.files import replace_file
from edge.schedule.errors import ScheduleError

VERSION: Final = 1
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
"""What a key looks like."""
_MOST_BYTES: Final = 1 << 20

_Kept = TypeVar("_Kept")


class Book(Generic[_Kept]):
    """How one such file is read and written; `what` it holds is the name of its table, and of `edge`'s verb for it."""

    def __init__(
        self, what: str, read: Callable[[str, object], _Kept], plain: Callable[[_Kept], dict[str, Any]]
    ) -> None:
        """`read`: one from its key and its table, raising `ScheduleError`; `plain`: its table."""
        self._what = what
        self._one = read
        self._plain = plain

    def load(self, file: Path) -> tuple[dict[str, _Kept], list[str]]:
        """What is in the file by key, and what is wrong with those that were left out. Blocks.

        Raises `ScheduleError` where the file as a whole can't be read: it is left as it is.
        """
        try:
            with file.open("rb") as stream:
                data = stream.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            return {}, []
        except OSError as error:
            raise ScheduleError(f"{file}: can't be read: {error.strerror}") from error
        if len(data) > _MOST_BYTES:
            raise ScheduleError(f"{file}: expected at most {_MOST_BYTES} bytes of {self._what}")
        try:
            return self.parse(data.decode("utf-8"), str(file))
        except UnicodeDecodeError as error:
            raise ScheduleError(f"{file}: expected UTF-8 text: byte {error.start} is not") from None

    def save(self, file: Path, kept: Mapping[str, _Kept]) -> None:
        """Replace the file; on the disk when this returns. Raises `ScheduleError`. Blocks."""
        try:
            replace_file(file, self.render(kept).encode())
        except OSError as error:
            raise ScheduleError(f"{file}: can't be written: {error.strerror}") from error

    def parse(self, text: str, name: str = "") -> tuple[dict[str, _Kept], list[str]]:
        """What is in a text, and what is wrong with those that were left out; raises `ScheduleError` for no TOML."""
        name = name or self._what
        try:
            data = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ScheduleError(f"{name}: no TOML: {error}") from error
        version = data.get("version", VERSION)
        if not isinstance(version, int) or version > VERSION:
            raise ScheduleError(f"{name}: version {version} was written by a newer edge: update edge")
        found: dict[str, _Kept] = {}
        problems = []
        entries = data.get(self._what, {})
        for key, entry in (entries if isinstance(entries, dict) else {}).items():
            try:
                found[key] = self._one(key, entry)
            except ScheduleError as error:
                problems.append(f"{name}: {error}")
        return found, problems

    def render(self, kept: Mapping[str, _Kept]) -> str:
        """The TOML that `parse` reads."""
        import tomli_w

        head = (
            f"# {self._what.capitalize()} of this house. `edge {self._what}` lists them; "
            "changes made here count after a restart of the service.\n"
        )
        tables = {key: self._plain(one) for key, one in kept.items()}
        return f"{head}version = {VERSION}\n\n" + tomli_w.dumps({self._what: tables}, multiline_strings=False)


def checked_table(where: str, key: str, entry: object) -> Mapping[str, Any]:
    """The table of one, where its key and it are well formed; raises `ScheduleError`. `where`: both, for people."""
    if not SLUG.fullmatch(key):
        raise ScheduleError(f"{where}: expected a name of small letters, digits and underscores")
    if not isinstance(entry, dict):
        raise ScheduleError(f"{where}: expected a table")
    return entry
