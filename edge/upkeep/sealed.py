"""Encrypts a stream with a passphrase, piece by piece: nothing is believed before it was found right, nor held whole.

The file: `edge-backup`, a line end, format, log2 of scrypt's N, its r and p, 16 bytes of salt, 7 of a nonce; then
pieces of 64 KiB (the last one shorter, or empty), each with 16 bytes of Poly1305. The nonce of a piece is the 7 bytes,
its number in 4 and whether it is the last in 1, as in STREAM by Hoang, Reyhanitabar, Rogaway and Vizár (2015); all that
stands in front of the pieces is authenticated with each of them.
"""

import io
import os
import struct
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol

from edge.upkeep.errors import BackupError

MAGIC: Final = b"edge-backup\n"
_HEADER: Final = struct.Struct(f"{len(MAGIC)}sBBBB16s7s")
_FORMAT: Final = 1
_LOG2_N: Final = 15
"""32 MiB and half a second on a small board."""
_MOST_LOG2_N: Final = 18
_R: Final = 8
_P: Final = 1
_PIECE: Final = 1 << 16
_TAG: Final = 16
_MOST_PIECES: Final = 1 << 32

Turn = Callable[[bytes, bytes, bytes], bytes]


class _Cipher(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Sealing(io.RawIOBase):
    """A stream to write to; close it, or what was written is no whole file."""

    def __init__(self, target: BinaryIO, passphrase: bytes) -> None:
        super().__init__()
        self._target = target
        self._header = _HEADER.pack(MAGIC, _FORMAT, _LOG2_N, _R, _P, os.urandom(16), os.urandom(7))
        self._cipher = _cipher(self._header, passphrase)
        self._waiting = bytearray()
        self._count = 0
        target.write(self._header)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def]
        """Takes all of it."""
        taken = bytes(data)
        self._waiting += taken
        # The last piece is known when the stream is closed: something is always kept back for it.
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]
        return len(taken)

    def finish(self) -> None:
        """Writes the last piece; without it a reader knows that the end is missing."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._header, self._count, last=last), piece, self._header))
        self._count += 1


class Unsealing(io.RawIOBase):
    """What a sealed stream holds. Raises `BackupError` for a wrong passphrase and for any change."""

    def __init__(self, source: BinaryIO, passphrase: bytes) -> None:
        super().__init__()
        self._source = source
        self._header = source.read(_HEADER.size)
        self._cipher = _cipher(self._header, passphrase)
        self._count = 0
        self._ahead = source.read(_PIECE + _TAG)
        self._clear = b""
        self._over = False

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        """Some of it; 0 at the end alone."""
        while not self._clear and not self._over:
            self._clear = self._unseal()
        count = min(len(buffer), len(self._clear))
        buffer[:count] = self._clear[:count]
        self._clear = self._clear[count:]
        return count

    def _unseal(self) -> bytes:
        from cryptography.exceptions import InvalidTag

        piece, self._ahead = self._ahead, self._source.read(_PIECE + _TAG)
        last = not self._ahead
        try:
            clear = self._cipher.decrypt(_nonce(self._header, self._count, last=last), piece, self._header)
        except (InvalidTag, ValueError):
            why = (
                "the passphrase is wrong, or the file is damaged"
                if self._count == 0
                else "it is damaged, or ends too early"
            )
            raise BackupError(why) from None
        self._count += 1
        self._over = last
        return clear


def _cipher(header: bytes, passphrase: bytes) -> _Cipher:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    if len(header) != _HEADER.size:
        raise BackupError("the file ends too early: copy it again")
    magic, form, log2_n, r, p, salt, _ = _HEADER.unpack(header)
    if magic != MAGIC or form != _FORMAT:
        raise BackupError("this is no backup that this edge can read: update edge, or name another file")
    if not 10 <= log2_n <= _MOST_LOG2_N or (r, p) != (_R, _P):
        raise BackupError("its passphrase costs more than any backup of edge has it cost: the file is damaged")
    return ChaCha20Poly1305(Scrypt(salt=salt, length=32, n=1 << log2_n, r=r, p=p).derive(passphrase))


def _nonce(header: bytes, count: int, *, last: bool) -> bytes:
    if count >= _MOST_PIECES:
        raise BackupError("it is too large")
    return header[-7:] + count.to_bytes(4, "big") + bytes([last])
