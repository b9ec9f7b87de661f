"""Reads backups, and sees that they are whole, sound and not newer than this edge."""

import errno
import gzip
import hashlib
import io
import json
import re
import tomllib
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from edge.settings.secrets import opened
from edge.upkeep.archive import ArchiveReader
from edge.upkeep.backup import CONTENTS, FORMAT, KIND
from edge.upkeep.contents import MOST_SMALL_BYTES, Place, unpacked_name
from edge.upkeep.databases import trouble_of
from edge.upkeep.errors import BackupError, BundleError
from edge.upkeep.manifest import Packed
from edge.upkeep.owner import create_private
from edge.upkeep.schemas import CONFIGURATION, database_version, known_schemas
from edge.upkeep.sealed import MAGIC, Unsealing

_MOST_CONTENTS_BYTES: Final = 8 << 20
_MOST_FILES: Final = 5000
_MOST_SETTINGS_BYTES: Final = 64 << 20
_NODE: Final = re.compile(r"[a-z0-9_-]{1,64}")
_OF_THE_DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_GZIP: Final = b"\x1f\x8b"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says of itself."""

    version: str
    """Of the edge that made it."""
    node: str
    made: str
    encrypted: bool
    files: tuple[Packed, ...]
    models: tuple[dict[str, Any], ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(file.size_bytes for file in self.files)


def is_encrypted(file: Path) -> bool:
    """Whether a passphrase is needed. Raises `BackupError` for what is no backup."""
    try:
        with opened(file) as stream:
            begin = stream.read(len(MAGIC))
    except OSError as error:
        raise BackupError(f"{file} can't be read: {error.strerror or error}") from error
    if begin == MAGIC:
        return True
    if begin.startswith(_GZIP):
        return False
    raise BackupError(f"{file} is no backup of edge")


@contextmanager
def opened_backup(file: Path, passphrase: str | None) -> Iterator[tuple[Contents, ArchiveReader]]:
    """A backup, its contents known and its files still to be read, in order. Raises `BackupError`."""
    encrypted = is_encrypted(file)
    if encrypted and passphrase is None:
        raise BackupError(f"{file} is encrypted: name a file with its passphrase (--passphrase-file)")
    try:
        with ExitStack() as stack:
            stream: BinaryIO = stack.enter_context(opened(file))
            if encrypted:
                stream = cast("BinaryIO", Unsealing(stream, (passphrase or "").encode()))
            reader = ArchiveReader(cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=stream, mode="rb"))))
            yield _contents(_listing(reader), encrypted=encrypted), reader
    except (BundleError, BackupError) as error:
        raise BackupError(f"{file}: {error}") from error
    except (OSError, EOFError, zlib.error) as error:
        if getattr(error, "errno", None) in _OF_THE_DISK:
            raise
        raise BackupError(f"{file} is damaged, or can't be read ({error}): copy it again") from error


def unpack(
    contents: Contents, reader: ArchiveReader, staging: Mapping[Place, Path], progress: Progress
) -> dict[tuple[str, ...], bytes]:
    """Files of places that have a staging directory go there, the others are returned: settings, which are small.

    Each is held against its digest. Raises `BackupError`.
    """
    done, small = 0, {}
    for packed in contents.files:
        place, path = unpacked_name(packed.name)
        member = reader.following()
        if member is None or (member.name, member.size_bytes) != (packed.name, packed.size_bytes):
            raise BackupError(f"{packed.name} in it is not where it should be: copy it again")
        digest = hashlib.sha256()
        with _target(staging, place, path, packed) as stream:
            for piece in reader.pieces():
                digest.update(piece)
                stream.write(piece)
                done += len(piece)
                progress(done, contents.size_bytes)
            if isinstance(stream, io.BytesIO):
                small[path] = stream.getvalue()
        if digest.hexdigest() != packed.sha256:
            raise BackupError(f"{packed.name} in it is damaged: copy it again")
    if reader.following() is not None:
        raise BackupError("more is in it than it says")
    return small


def verify_state(directory: Path) -> None:
    """See that databases are sound and not newer than this edge. Raises `BackupError`."""
    known = known_schemas()
    for file in sorted(directory.rglob("*.sqlite")):
        version = database_version(file)
        if version is not None and version > known.get(file.name, version):
            raise BackupError(
                f"{file.name} in it has form {version}, this edge reads {known[file.name]}: update edge first"
            )
        if trouble := trouble_of(file):
            raise BackupError(f"{file.name} in it is damaged ({trouble}): use another backup")


def verify_settings(files: Mapping[tuple[str, ...], bytes]) -> None:
    """See that settings are TOML, and not of a newer edge. Raises `BackupError`."""
    known = known_schemas()[CONFIGURATION]
    for path, data in files.items():
        if not path[-1].endswith(".toml"):
            continue
        try:
            version = tomllib.loads(data.decode("utf-8-sig")).get("version", 0)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BackupError(f"{path[-1]} in it is no TOML ({error}): use another backup") from error
        if isinstance(version, int) and version > known:
            raise BackupError(f"{path[-1]} in it is of version {version}, this edge reads {known}: update edge first")


def _target(
    staging: Mapping[Place, Path], place: Place, path: tuple[str, ...], packed: Packed
) -> "AbstractContextManager[BinaryIO]":
    if place not in staging:
        if packed.size_bytes > MOST_SMALL_BYTES:
            raise BackupError(f"{packed.name} in it is too large for a file of settings")
        return io.BytesIO()
    target = staging[place].joinpath(*path)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return create_private(target)


def _listing(reader: ArchiveReader) -> bytes:
    member = reader.following()
    if member is None or member.name != CONTENTS:
        raise BackupError("it is no backup of edge")
    return reader.whole(_MOST_CONTENTS_BYTES)


def _known(plain: Mapping[str, Any]) -> None:
    if plain["kind"] != KIND:
        raise BackupError("it is no backup of edge")
    if plain["format"] > FORMAT:
        raise BackupError(f"it was made by edge {plain['version']}, which is newer: update edge first")


def _check_files(files: tuple[Packed, ...]) -> None:
    names = {file.name for file in files}
    settings = sum(file.size_bytes for file in files if file.name.startswith(Place.CONFIG))
    usual = len(names) == len(files) <= _MOST_FILES and settings <= _MOST_SETTINGS_BYTES
    if not usual or any(file.size_bytes < 0 for file in files):
        raise ValueError("files")
    for name in names:
        unpacked_name(name)


def _node(plain: object) -> str:
    if not isinstance(plain, str) or _NODE.fullmatch(plain) is None:
        raise ValueError("node")
    return plain


def _contents(data: bytes, *, encrypted: bool) -> Contents:
    try:
        plain = json.loads(data)
        _known(plain)
        files = tuple(Packed(str(one["name"]), int(one["bytes"]), str(one["sha256"])) for one in plain["files"])
        _check_files(files)
        return Contents(
            version=str(plain["version"])[:40],
            node=_node(plain["node"]),
            made=str(plain["made"])[:40],
            encrypted=encrypted,
            files=files,
            models=tuple(model for model in plain.get("models", ()) if isinstance(model, dict)),
            left_out=tuple(str(text)[:500] for text in plain.get("left_out", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BackupError(f"its contents make no sense ({type(error).__name__}: {error})") from error
