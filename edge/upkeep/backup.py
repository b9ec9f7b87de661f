"""Writes one file of everything that a house would miss: whole or not at all, while the service runs."""

import gzip
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from edge import __version__
from edge.files import replace_file, sync_directory
from edge.settings import Places
from edge.upkeep.archive import BLOCK, header
from edge.upkeep.cleaning import named_files, without_secrets
from edge.upkeep.contents import MOST_SMALL_BYTES, Item, Place, configuration, state_files
from edge.upkeep.databases import copy_database
from edge.upkeep.errors import BackupError
from edge.upkeep.facts import LAST_BACKUP
from edge.upkeep.installation import remove_tree
from edge.upkeep.owner import as_owner, create_private
from edge.upkeep.schemas import database_version
from edge.upkeep.sealed import Sealing

KIND: Final = "edge-backup"
FORMAT: Final = 1
CONTENTS: Final = "backup.json"
SUFFIX: Final = ".backup"
STAGING: Final = ".backup-"
_SPARE_BYTES: Final = 64 << 20
_PIECE: Final = 1 << 18
_LEVEL: Final = 6

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that was made."""

    file: Path
    size_bytes: int
    files: int
    encrypted: bool
    left_out: tuple[str, ...]
    """What is not in it and why, in words."""
    models: tuple[str, ...]
    """Models to be pulled or added again on another board."""


def make_backup(
    places: Places, node: str, file: Path, passphrase: str | None, progress: Progress, *, history: bool = True
) -> Written:
    """Write `file`; there is no such file, or the one of before, until it is whole. Raises `BackupError`."""
    part = file.with_name(f"{file.name}.part-{secrets.token_hex(4)}")
    try:
        # Opened as whoever asks; everything else is read as the service's user.
        with create_private(part) as stream:
            settings = {item.name: _small(item.source) for item in configuration(places)}
            with as_owner(places.state), _staging(places.state) as staging:
                encrypted = passphrase is not None
                about, notes = _staged(places, node, staging, settings, encrypted=encrypted, history=history)
                _write(stream, about, staging, passphrase, progress)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
        with suppress(OSError):
            sync_directory(file.parent)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(
            f"{file} can't be written: {error}: see to the disk, and to who may read {places.state}"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    models = tuple(model["name"] for model in about["models"])
    size = file.stat().st_size
    _remember(places.state, file, size, encrypted=passphrase is not None)
    return Written(file, size, len(about["files"]), passphrase is not None, tuple(notes), models)


def file_name(node: str, at: datetime | None = None) -> str:
    """What a backup made now is called; later ones sort behind it."""
    return f"edge-{node}-{at or datetime.now(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"


def tidy_backups(directory: Path, node: str, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of this node that have a name of `file_name`'s."""
    found = sorted(one for one in directory.glob(f"edge-{node}-????????T??????Z{SUFFIX}") if one.is_file())
    gone = found[:-keep]
    for one in gone:
        one.unlink()
    return gone


def _staged(
    places: Places, node: str, staging: Path, settings: dict[str, bytes], *, encrypted: bool, history: bool
) -> tuple[dict[str, Any], list[str]]:
    """Copies of everything, and what stands in front of them."""
    items, notes = [*configuration(places), *state_files(places, history=history), *_wake_words(places)], []
    needed = sum(item.source.stat().st_size for item in items if item.place is not Place.CONFIG)
    free = shutil.disk_usage(places.state).free
    if needed + _SPARE_BYTES > free:
        raise BackupError(
            f"copies of {needed >> 20} MiB are needed while it is written, and {free >> 20} MiB are free in "
            f"{places.state}: --without-history leaves out what sensors said"
        )
    files, schemas = [], {}
    for number, item in enumerate(items):
        if item.secret and not encrypted:
            notes.append(f"{item.source}: a secret, which goes into encrypted backups alone (--passphrase-file)")
            continue
        copy = staging / str(number)
        said = _copied(item, copy, places, settings, encrypted=encrypted)
        notes += said or []
        if said is None:
            notes.append(f"{item.source}: secrets in it can't be told from the rest, so it is left out")
            continue
        if item.is_database and (version := database_version(copy)) is not None:
            schemas[item.path[-1]] = version
        files.append({"name": item.name, "bytes": copy.stat().st_size, "sha256": _digest(copy), "at": number})
    about = {
        "kind": KIND,
        "format": FORMAT,
        "version": __version__,
        "node": node,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "encrypted": encrypted,
        "schemas": schemas,
        "models": _models(places),
        "left_out": notes,
        "files": files,
    }
    return about, notes


def _copied(item: Item, copy: Path, places: Places, settings: dict[str, bytes], *, encrypted: bool) -> list[str] | None:
    """What there is to say of it; None where it can't be in this backup."""
    if item.is_database:
        copy_database(item.source, copy)
        return []
    data = settings[item.name] if item.name in settings else _small(item.source)
    notes: list[str] = []
    if item.holds_settings:
        text = data.decode("utf-8", "replace")
        around = (str(places.state), str(places.config.parent))
        notes += [
            f"{name}, which {item.source} names, lies elsewhere: keep it yourself"
            for name in named_files(text)
            if not str(Path(name).absolute()).startswith(around)
        ]
        if not encrypted:
            cleaned = without_secrets(text)
            if cleaned is None:
                return None
            data = cleaned[0].encode()
            notes += [f"{key} of {item.source}: a secret; write it there again after restoring" for key in cleaned[1]]
    copy.write_bytes(data)
    return notes


def _write(stream: BinaryIO, about: dict[str, Any], staging: Path, passphrase: str | None, progress: Progress) -> None:
    sealing = Sealing(stream, passphrase.encode()) if passphrase is not None else None
    target = cast("BinaryIO", sealing) if sealing is not None else stream
    numbers = [file.pop("at") for file in about["files"]]
    total, done = sum(file["bytes"] for file in about["files"]), 0
    with gzip.GzipFile(filename="", mode="wb", fileobj=target, compresslevel=_LEVEL, mtime=0) as packed:
        data = json.dumps(about, indent=1, ensure_ascii=False).encode() + b"\n"
        packed.write(header(CONTENTS, len(data)) + data + bytes(-len(data) % BLOCK))
        for number, file in zip(numbers, about["files"], strict=True):
            packed.write(header(file["name"], file["bytes"]))
            with (staging / str(number)).open("rb") as source:
                while piece := source.read(_PIECE):
                    packed.write(piece)
                    done += len(piece)
                    progress(done, total)
            packed.write(bytes(-file["bytes"] % BLOCK))
        packed.write(bytes(2 * BLOCK))
    if sealing is not None:
        sealing.finish()


def _wake_words(places: Places) -> list[Item]:
    """Files of wake words that a person has added: no hub has them."""
    from edge.models import ModelError
    from edge.models.index import read_index
    from edge.models.kinds import Kind

    with suppress(ModelError, OSError):
        words = [
            model for model in read_index(places.models).models if model.kind is Kind.WAKE_WORD and not model.origin
        ]
        return [
            Item(Place.MODELS, (model.name, file.path.name), file.path)
            for model in words
            for file in model.files
            if file.path.is_file()
        ]
    return []


def _models(places: Places) -> list[dict[str, Any]]:
    """All models with their digests: they are not in the backup, and can be pulled or added again."""
    from edge.models import ModelError
    from edge.models.index import read_index

    with suppress(ModelError, OSError):
        return [
            {
                "name": model.name,
                "kind": model.kind.value,
                "origin": model.origin,
                "license": model.license,
                "files": [
                    {"name": one.path.name, "bytes": one.size_bytes, "sha256": one.sha256} for one in model.files
                ],
            }
            for model in read_index(places.models).models
        ]
    return []


def _remember(state: Path, file: Path, size: int, *, encrypted: bool) -> None:
    facts = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "file": str(file.absolute()),
        "bytes": size,
        "encrypted": encrypted,
    }
    with as_owner(state), suppress(OSError):
        replace_file(state / LAST_BACKUP, json.dumps(facts).encode())


@contextmanager
def _staging(state: Path) -> Iterator[Path]:
    for left in sorted(state.glob(f"{STAGING}*")):
        remove_tree(left)
    staging = state / f"{STAGING}{secrets.token_hex(6)}"
    staging.mkdir(mode=0o700)
    try:
        yield staging
    finally:
        remove_tree(staging)


def _small(file: Path) -> bytes:
    """A plain file's bytes; no link is followed."""
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        return stream.read(MOST_SMALL_BYTES)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
