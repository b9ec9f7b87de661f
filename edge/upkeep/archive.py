"""The one form of tar that bundles have: plain files in a row, with names that can't lead anywhere.

It is read by us and not by a general reader, which would follow extended headers of any size before anything is known
of who has made them. `tar tf` shows such a file, too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from edge.upkeep.errors import BundleError

BLOCK: Final = 512
MOST_BYTES: Final = 1 << 32
"""Of one file."""
_NAME: Final = re.compile(r"[A-Za-z0-9_%][A-Za-z0-9._+%-]*(/[A-Za-z0-9_%][A-Za-z0-9._+%-]*){0,4}", re.ASCII)
_PIECE: Final = 1 << 18
_PADDING: Final = 20 * BLOCK
"""What tar fills its last record with."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file that comes next."""

    name: str
    size_bytes: int


def is_name(name: object) -> bool:
    """Whether a file in a bundle may be called so."""
    return isinstance(name, str) and len(name) <= 100 and _NAME.fullmatch(name) is not None


class ArchiveReader:
    """Reads files one after the other; each wholly, and before the next one. Raises `BundleError`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = 0
        self._padding = 0

    def following(self) -> Member | None:
        """The next file; None behind the last one, when nothing but padding is left."""
        if self._left:
            raise BundleError("a file was not read to its end")
        self._exactly(self._padding)
        block = self._exactly(BLOCK)
        if not any(block):
            self._end()
            return None
        member = _member(block)
        self._left, self._padding = member.size_bytes, -member.size_bytes % BLOCK
        return member

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the file that `following` has named."""
        while self._left:
            piece = self._stream.read(min(self._left, _PIECE))
            if not piece:
                raise BundleError("it ends too early: copy it again")
            self._left -= len(piece)
            yield piece

    def whole(self, most_bytes: int) -> bytes:
        """All of it, where it is no larger than this."""
        if self._left > most_bytes:
            raise BundleError(f"its beginning has {self._left} bytes where at most {most_bytes} are expected")
        return b"".join(self.pieces())

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self._stream.read(count - len(data))
            if not piece:
                raise BundleError("it ends too early: copy it again")
            data += piece
        return data

    def _end(self) -> None:
        rest = self._stream.read(_PADDING + 1)
        if any(rest) or len(rest) > _PADDING:
            raise BundleError("something follows its end")


def header(name: str, size_bytes: int) -> bytes:
    """The block in front of a file. Raises `BundleError` for a name that a bundle can't have."""
    if not is_name(name) or size_bytes > MOST_BYTES:
        raise BundleError(f"{name!r} can't be the name of a file in a bundle, or it is too large")
    block = bytearray(BLOCK)
    block[: len(name)] = name.encode()
    block[100:124] = b"0000644\0" + b"0000000\0" * 2
    block[124:136] = b"%011o\0" % size_bytes
    block[136:148] = b"%011o\0" % 0
    block[148:156] = b" " * 8
    block[156:157] = b"0"
    block[257:265] = b"ustar\00000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def _member(block: bytes) -> Member:
    said = block[148:156]
    if _octal(said) != sum(block) - sum(said) + 8 * 32:
        raise BundleError("a header in it is damaged: copy it again")
    if block[257:262] != b"ustar" or block[156:157] not in (b"0", b"\0") or any(block[157:257]) or any(block[345:500]):
        raise BundleError("something else than a plain file is in it")
    try:
        name = block[:100].rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError:
        name = ""
    if not is_name(name):
        raise BundleError(f"a file in it has a name that no bundle's file has: {name!r}")
    size_bytes = _octal(block[124:136])
    if size_bytes > MOST_BYTES:
        raise BundleError(f"{name} in it is too large")
    return Member(name, size_bytes)


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0")
    if not digits or len(digits) > 12 or digits.strip(b"01234567"):
        raise BundleError("a header in it is damaged: copy it again")
    return int(digits, 8)
