"""What a backup holds: which files of configuration and state belong into it, and which stay with the board."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from edge.settings import Places
from edge.upkeep.archive import is_name
from edge.upkeep.errors import BackupError

MOST_SMALL_BYTES: Final = 8 << 20
"""A larger file is no setting."""
_MOST_FILES: Final = 4000
_DEPTH: Final = 3
_SAFE: Final = "._+-"

OF_THIS_BOARD: Final = frozenset(
    {
        "backups",
        "boot",
        "ducked-players.json",
        "ducked-streams.json",
        "last-backup.json",
        "last-restore.json",
        "llm",
        "models",
        "mosquitto.conf",
        "mqtt-session",
        "port",
        "run",
        "sound",
        "updates",
    }
)
"""In the state directory: caches, what was measured of this machine, what has a way of its own to another one."""
_CONFIGURATION: Final = ("conf.d", "keys")
"""Directories beside the configuration file; others (keys of SSH, passwords of its broker) are this board's."""
_SECRET: Final = ("state/secrets/", "state/http-tokens.json")
_OWN: Final = "state/settings.toml"
"""What was set on the page."""


class Place(StrEnum):
    """Where a file of a backup belongs."""

    CONFIG = "config"
    STATE = "state"
    MODELS = "models"
    """Wake words of one's own, which no hub has."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file that belongs into a backup."""

    place: Place
    path: tuple[str, ...]
    """Below that place."""
    source: Path

    @property
    def name(self) -> str:
        """What it is called in the backup."""
        return packed_name(self.place, self.path)

    @property
    def is_database(self) -> bool:
        """Whether it is copied by SQLite."""
        return self.path[-1].endswith(".sqlite")

    @property
    def holds_settings(self) -> bool:
        """Whether it is TOML that may have secrets among its settings."""
        return (self.place is Place.CONFIG and self.path[-1].endswith(".toml")) or self.name == _OWN

    @property
    def secret(self) -> bool:
        """Whether it goes into encrypted backups alone."""
        return self.name.startswith(_SECRET)


def packed_name(place: Place, path: tuple[str, ...]) -> str:
    """The name in a backup; what such names can't have is written as in addresses."""
    return "/".join([place.value, *(quote(part, safe=_SAFE) for part in path)])


def unpacked_name(name: str) -> tuple[Place, tuple[str, ...]]:
    """Place and path of a name in a backup. Raises `BackupError` for one that no backup has."""
    first, *rest = name.split("/")
    parts = tuple(unquote(part) for part in rest)
    sound = all(part and not part.startswith(".") and not set(part) & {"/", "\0", "\\"} for part in parts)
    known = first in {place.value for place in Place}
    usual = known and bool(parts) and sound and packed_name(Place(first), parts) == name
    if not is_name(name) or not usual or not _expected(Place(first), parts):
        raise BackupError(f"a file in it is called {name[:100]!r}, which leads elsewhere: it is no backup of edge")
    return Place(first), parts


def configuration(places: Places) -> Iterator[Item]:
    """The settings that belong into a backup. Raises OSError."""
    base = places.config.parent
    if places.config.is_file():
        yield Item(Place.CONFIG, (places.config.name,), places.config)
    for name in _CONFIGURATION:
        yield from _below(base / name, Place.CONFIG, (name,))


def state_files(places: Places, *, history: bool = True) -> Iterator[Item]:
    """What belongs into a backup of the state. Raises OSError."""
    count = 0
    for item in _below(places.state, Place.STATE, ()):
        if not history and item.path == (places.history.name,):
            continue
        count += 1
        if count > _MOST_FILES:
            raise BackupError(f"{places.state} holds more than {_MOST_FILES} files, which edge never made")
        yield item


def _below(directory: Path, place: Place, path: tuple[str, ...]) -> Iterator[Item]:
    try:
        entries = sorted(os.scandir(directory), key=lambda one: one.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.name.startswith(".") or (place is Place.STATE and not _belongs(entry.name, path)):
            continue
        here = (*path, entry.name)
        if entry.is_dir(follow_symlinks=False):
            if len(here) < _DEPTH:
                yield from _below(directory / entry.name, place, here)
        elif entry.is_file(follow_symlinks=False):
            item = Item(place, here, directory / entry.name)
            small = entry.stat(follow_symlinks=False).st_size <= MOST_SMALL_BYTES
            if is_name(item.name) and (small or item.is_database):
                yield item


def _expected(place: Place, path: tuple[str, ...]) -> bool:
    """Whether a backup of ours would have a file there."""
    match place:
        case Place.CONFIG:
            return path[0] in _CONFIGURATION if len(path) > 1 else path[0].endswith(".toml")
        case Place.STATE:
            return all(_belongs(part, path[:depth]) for depth, part in enumerate(path))
        case Place.MODELS:
            return len(path) == 2


def _belongs(name: str, path: tuple[str, ...]) -> bool:
    if name in OF_THIS_BOARD and len(path) < 2:
        return False
    beside = name.endswith(("-wal", "-shm", ".new", ".part", ".lock", ".sock"))
    return not beside and ".damaged-" not in name and ".newer-" not in name
