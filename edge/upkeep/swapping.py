"""Puts files in the place of others, all of them or none: each by a rename, what was there kept until the last one.

How far it is stands in `restore.json` beside the configuration file. Everything is found out again from which files are
where, so that it can be gone on with, or undone, wherever it was cut off.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from edge.files import replace_file, sync_directory
from edge.settings import Places
from edge.settings.secrets import opened
from edge.upkeep.errors import BackupError
from edge.upkeep.installation import remove_tree, sync_file_system
from edge.upkeep.owner import as_owner

log = logging.getLogger(__name__)

JOURNAL: Final = "restore.json"
STAGING: Final = ".restore-"
WAITING: Final = "waiting.json"
"""In the staging directory of what the next start is to put in place."""
_BESIDE: Final = ("-wal", "-shm")
_ID: Final = re.compile(r"[0-9a-f]{12}")
_MOST_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Swap:
    """What is to be put where, and what only goes away; paths are relative, with slashes."""

    id: str
    config: Path
    """The directory of the configuration."""
    state: Path
    put_config: tuple[str, ...] = ()
    put_state: tuple[str, ...] = ()
    gone_state: tuple[str, ...] = ()

    @classmethod
    def between(cls, places: Places, identifier: str) -> Self:
        """One of these places, with nothing in it yet."""
        return cls(identifier, places.config.parent, places.state)

    def staged(self, root: Path) -> Path:
        """Where the new files of a root are."""
        return root / f"{STAGING}{self.id}" / "new"

    def aside(self, root: Path) -> Path:
        """Where the old files of a root are kept."""
        return root / f"{STAGING}{self.id}" / "old"

    def found(self) -> Self:
        """The same with all files that are staged now."""
        return replace(self, put_config=_files(self.staged(self.config)), put_state=_files(self.staged(self.state)))

    def carry_out(self) -> None:
        """All of it, from wherever it was left. Raises OSError where it can't go on: then it is undone."""
        for root in (self.config, self.state):
            with self._as(root):
                if self.staged(root).is_dir():
                    sync_file_system(root)
        replace_file(self.config / JOURNAL, self._data())
        try:
            self._each(self._forwards)
        except OSError:
            self._each(self._backwards)
            self._finish()
            raise
        self._finish()

    def _each(self, move: Callable[[Path, str, bool], None]) -> None:
        for root, put, gone in ((self.config, self.put_config, ()), (self.state, self.put_state, self.gone_state)):
            with self._as(root):
                for name in put:
                    move(root, name, True)
                for name in gone:
                    move(root, name, False)
                if root.is_dir():
                    sync_file_system(root)

    def _forwards(self, root: Path, name: str, put: bool) -> None:
        new, target, old = self.staged(root) / name, root / name, self.aside(root) / name
        if put and not new.exists():
            return
        if target.exists() and not old.exists():
            old.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            for suffix in _BESIDE:
                beside = target.with_name(target.name + suffix)
                if beside.exists():
                    beside.rename(old.with_name(old.name + suffix))
            target.rename(old)
        if put:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            new.replace(target)

    def _backwards(self, root: Path, name: str, put: bool) -> None:
        new, target, old = self.staged(root) / name, root / name, self.aside(root) / name
        if put and not new.exists() and target.exists():
            target.rename(new)
        if old.exists():
            old.rename(target)
        for suffix in _BESIDE:
            beside = old.with_name(old.name + suffix)
            if beside.exists():
                beside.rename(target.with_name(target.name + suffix))

    def _finish(self) -> None:
        (self.config / JOURNAL).unlink(missing_ok=True)
        with suppress(OSError):
            sync_directory(self.config)

    def clear(self) -> None:
        """Remove what was staged and what was kept aside; nothing where it could be neither ended nor undone."""
        if (self.config / JOURNAL).exists():
            return
        for root in (self.config, self.state):
            with self._as(root):
                remove_tree(root / f"{STAGING}{self.id}")

    def _as(self, root: Path) -> AbstractContextManager[None]:
        return as_owner(self.state) if root == self.state else nullcontext()

    def _data(self) -> bytes:
        plain = {
            "format": 1,
            "id": self.id,
            "put_config": self.put_config,
            "put_state": self.put_state,
            "gone_state": self.gone_state,
        }
        return json.dumps(plain).encode()


def interrupted(places: Places) -> Swap | None:
    """The one that was cut off; None where none was. Raises `BackupError` where that can't be read."""
    file = places.config.parent / JOURNAL
    try:
        with opened(file) as stream:
            plain = json.loads(stream.read(_MOST_BYTES))
        swap = Swap.between(places, _identifier(plain["id"]))
        lists = {key: tuple(_sound(name) for name in plain[key]) for key in ("put_config", "put_state", "gone_state")}
        return replace(
            swap, put_config=lists["put_config"], put_state=lists["put_state"], gone_state=lists["gone_state"]
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BackupError(f"{file} can't be read ({error}): restore the backup again, then remove this file") from error


def recover(places: Places) -> bool:
    """Go on with what was cut off; whether there was anything. Raises `BackupError`."""
    swap = interrupted(places)
    if swap is None:
        return False
    try:
        swap.carry_out()
    except OSError as error:
        raise BackupError(f"restoring could not be gone on with, and what was there is there again: {error}") from error
    swap.clear()
    log.info("restore.recovered", extra={"files": len(swap.put_config) + len(swap.put_state)})
    return True


def sweep(places: Places) -> None:
    """Remove what a restoring that never began to move anything has left; what waits for the next start stays."""
    if interrupted(places) is not None:
        return
    for left in sorted(places.config.parent.glob(f"{STAGING}*")):
        remove_tree(left)
    with as_owner(places.state):
        for left in sorted(places.state.glob(f"{STAGING}*")):
            if not (left / WAITING).exists():
                remove_tree(left)


def call_off(places: Places) -> bool:
    """Leave out what the next start was to put in place; whether there was anything. Raises OSError."""
    with as_owner(places.state):
        left = [file.parent for file in places.state.glob(f"{STAGING}*/{WAITING}")]
        for staging in left:
            (staging / WAITING).unlink()
            remove_tree(staging)
    return bool(left)


def _identifier(plain: object) -> str:
    if not isinstance(plain, str) or _ID.fullmatch(plain) is None:
        raise ValueError(f"{plain!r}")
    return plain


def _sound(name: object) -> str:
    if not isinstance(name, str) or not name or any(part in ("", ".", "..") for part in name.split("/")):
        raise ValueError(f"{name!r}")
    return name


def _files(root: Path) -> tuple[str, ...]:
    return tuple(_relative(root))


def _relative(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(root).as_posix()
