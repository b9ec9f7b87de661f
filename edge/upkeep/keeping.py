"""Keeps databases as they were before a release changes their form, and puts them back when it is taken back."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from edge.files import sync_directory
from edge.upkeep.databases import copy_database, settle
from edge.upkeep.errors import UpdateError
from edge.upkeep.installation import remove_tree
from edge.upkeep.owner import as_owner, owner_of
from edge.upkeep.schemas import database_version

log = logging.getLogger(__name__)


def keep_databases(names: Iterable[str], state: Path, directory: Path) -> None:
    """Copies in `directory`, which is made anew. Raises `UpdateError` where one can't be copied, and OSError."""
    remove_tree(directory)
    directory.mkdir(parents=True, mode=0o700)
    owner = owner_of(state)
    if owner is not None:
        directory.parent.chmod(0o711)
        os.chown(directory, *owner)
    with as_owner(state):
        for name in _databases(names):
            try:
                copy_database(state / name, directory / name)
            except sqlite3.Error as error:
                raise UpdateError(f"{state / name} can't be copied before its form is changed: {error}") from error
        sync_directory(directory)


def put_databases_back(names: Iterable[str], state: Path, directory: Path) -> None:
    """What has another form now than it had then is set aside, and what it was then put in its place.

    Done again it changes nothing. Raises OSError.
    """
    with as_owner(state):
        for name in _databases(names):
            kept, file = directory / name, state / name
            if not kept.exists() or database_version(file) == database_version(kept):
                continue
            _set_aside(file)
            fresh = file.with_name(f"{name}.back")
            shutil.copyfile(kept, fresh)
            with fresh.open("rb") as stream:
                os.fsync(stream.fileno())
            fresh.replace(file)
            sync_directory(state)
            log.warning("update.database_put_back", extra={"path": str(file)})


def tidy_kept(directory: Path, keep: str | None) -> None:
    """Remove what was kept for other releases than this one."""
    with suppress(FileNotFoundError):
        for one in sorted(directory.iterdir()):
            if one.name != keep:
                remove_tree(one)


def _set_aside(file: Path) -> None:
    """It holds what came after the switch: nobody throws that away."""
    if not file.exists():
        return
    with suppress(sqlite3.Error):
        settle(file)
    aside = file.with_name(f"{file.name}.newer-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    file.rename(aside)
    for suffix in ("-wal", "-shm"):
        beside = file.with_name(file.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))


def _databases(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.endswith(".sqlite")]
