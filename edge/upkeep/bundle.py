"""Bundles: one file with a manifest, its signature and what it lists, read in that order.

manifest.json           what is in it, for whom
manifest.json.minisig   signed by a key that is known here; several signatures may follow one another
wheels/*.whl            as the manifest lists them
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from edge.settings.secrets import opened
from edge.upkeep.archive import ArchiveReader
from edge.upkeep.errors import BundleError, SignatureError
from edge.upkeep.manifest import Manifest, Packed
from edge.upkeep.signature import MOST_BYTES, PublicKey, Signature, signed_by

MANIFEST: Final = "manifest.json"
SIGNATURES: Final = "manifest.json.minisig"
SUFFIX: Final = ".bundle"
MOST_MANIFEST_BYTES: Final = 1 << 18
HEAD_BYTES: Final = MOST_MANIFEST_BYTES + 8 * MOST_BYTES + 4 * 512
"""Manifest and signatures lie within this much of the file."""
_MOST_SIGNATURES: Final = 4

Progress = Callable[[int, int], None]
"""Bytes done, and in all."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A bundle whose signature was found right; its files are not yet looked at."""

    source: str
    manifest: Manifest
    raw: bytes
    """The manifest as it was signed."""
    signatures: bytes
    signed_by: str
    """The key's id."""

    @property
    def digest(self) -> str:
        """Which bundle it is, wherever it lies."""
        return hashlib.sha256(self.raw).hexdigest()


def head(stream: BinaryIO, source: str, keys: tuple[PublicKey, ...]) -> tuple[Offered, ArchiveReader]:
    """Manifest and signature, from the beginning of a bundle. Raises `BundleError`."""
    reader = ArchiveReader(stream)
    try:
        raw = _named(reader, MANIFEST).whole(MOST_MANIFEST_BYTES)
        signatures = _named(reader, SIGNATURES).whole(_MOST_SIGNATURES * MOST_BYTES)
        # Nothing of what it says is looked at before it is known who says it.
        key = _believed(raw, signatures, keys)
        return Offered(source, Manifest.parse(raw), raw, signatures, key.id), reader
    except BundleError as error:
        raise type(error)(f"{source}: {error}") from error


@contextmanager
def opened_bundle(file: Path, keys: tuple[PublicKey, ...]) -> Iterator[tuple[Offered, ArchiveReader]]:
    """A bundle from a file. Raises `BundleError`."""
    try:
        with opened(file) as stream:
            yield head(stream, str(file), keys)
    except OSError as error:
        raise BundleError(f"{file} can't be read: {error.strerror or error}") from error


def copy_files(offered: Offered, reader: ArchiveReader, directory: Path, progress: Progress) -> list[Path]:
    """The files of a bundle in a directory, each held against its digest and none unpacked. Raises `BundleError`."""
    copied, done, total = [], 0, offered.manifest.packed_bytes
    try:
        for packed in offered.manifest.files:
            target = directory / packed.name
            target.parent.mkdir(parents=True, exist_ok=True)
            for count in _copied(reader, packed, target):
                done += count
                progress(done, total)
            copied.append(target)
        _see_the_end(reader)
    except BundleError as error:
        raise BundleError(f"{offered.source}: {error}") from error
    return copied


def _see_the_end(reader: ArchiveReader) -> None:
    if reader.following() is not None:
        raise BundleError("more is in it than its manifest lists")


def _copied(reader: ArchiveReader, packed: Packed, target: Path) -> Iterator[int]:
    member = reader.following()
    if member is None or (member.name, member.size_bytes) != (packed.name, packed.size_bytes):
        raise BundleError(f"{packed.name}, which its manifest lists, is not where it should be: copy it again")
    digest = hashlib.sha256()
    with target.open("xb") as stream:
        for piece in reader.pieces():
            digest.update(piece)
            stream.write(piece)
            yield len(piece)
    if digest.hexdigest() != packed.sha256:
        raise BundleError(f"{packed.name} in it is damaged: copy it again")


def _named(reader: ArchiveReader, name: str) -> ArchiveReader:
    member = reader.following()
    if member is None or member.name != name:
        raise BundleError("this is no bundle of edge: it does not begin with a manifest and its signature")
    return reader


def _believed(raw: bytes, signatures: bytes, keys: tuple[PublicKey, ...]) -> PublicKey:
    """The first known key that signed it."""
    try:
        lines = signatures.decode().splitlines()
    except UnicodeDecodeError:
        raise SignatureError("its signature is damaged: copy it again") from None
    if not lines or len(lines) % 4 or len(lines) > 4 * _MOST_SIGNATURES:
        raise SignatureError("its signature is damaged: copy it again")
    refused = None
    for at in range(0, len(lines), 4):
        try:
            return signed_by(raw, Signature.parse("\n".join(lines[at : at + 4])), keys)
        except SignatureError as error:
            refused = refused or error
    raise refused or SignatureError("it is not signed")
