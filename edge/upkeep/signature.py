"""Public keys and signatures as minisign and signify write them: Ed25519 over a file or over its BLAKE2b digest.

The formats are those of https://jedisct1.github.io/minisign/: two lines for a key, four for a signature, whose trusted
comment is signed together with the signature itself.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final, Self

from edge.upkeep.errors import SignatureError

MOST_BYTES: Final = 4096
"""What a file with a key or a signature may have."""
UNTRUSTED: Final = "untrusted comment: "
TRUSTED: Final = "trusted comment: "
PLAIN: Final = b"Ed"
HASHED: Final = b"ED"
_NO_KEY: Final = (
    "no key is known here, so no update is believed: put the public key of whoever makes them (a file *.pub) into "
    "the directory that `edge update` names"
)
_ID: Final = re.compile(r"[0-9A-F]{16}", re.ASCII)


def is_key_id(text: object) -> bool:
    """Whether this names a key: 16 hexadecimal digits in capitals."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What signatures are held against."""

    id: str
    """16 hexadecimal digits, as minisign shows them."""
    point: bytes
    """32 bytes."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """A key from its file, or from its second line alone. Raises `SignatureError`."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) == 2 and lines[0].startswith(UNTRUSTED):
            lines = lines[1:]
        if len(lines) != 1:
            raise SignatureError("expected a public key of minisign's: a comment and a line")
        data = _decoded(lines[0], 42)
        if data[:2] != PLAIN:
            raise SignatureError("expected a public key for Ed25519, as minisign makes them")
        return cls(data[9:1:-1].hex().upper(), data[10:])

    def text(self) -> str:
        """The file's two lines."""
        data = PLAIN + bytes.fromhex(self.id)[::-1] + self.point
        return f"{UNTRUSTED}edge public key {self.id}\n{base64.b64encode(data).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature, not yet held against anything."""

    key_id: str
    hashed: bool
    """Whether it is over the BLAKE2b digest of what was signed."""
    made: bytes
    comment: str
    over_comment: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """A signature from its four lines. Raises `SignatureError`."""
        lines = text.splitlines()
        if len(lines) != 4 or not lines[0].startswith(UNTRUSTED) or not lines[2].startswith(TRUSTED):
            raise SignatureError("expected a signature of minisign's, which has four lines")
        data = _decoded(lines[1], 74)
        if data[:2] not in (PLAIN, HASHED):
            raise SignatureError("expected an Ed25519 signature, as minisign makes them")
        comment = lines[2].removeprefix(TRUSTED)
        return cls(data[9:1:-1].hex().upper(), data[:2] == HASHED, data[10:], comment, _decoded(lines[3], 64))


def signed_by(data: bytes, signature: Signature, keys: tuple[PublicKey, ...]) -> PublicKey:
    """The key that signed `data`. Raises `SignatureError` where none of these did."""
    key = next((key for key in keys if key.id == signature.key_id), None)
    if key is None:
        known = f"known are {', '.join(one.id for one in keys)}" if keys else _NO_KEY
        raise SignatureError(f"it is signed with the key {signature.key_id}, and {known}")
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    message = hashlib.blake2b(data).digest() if signature.hashed else data
    try:
        point = Ed25519PublicKey.from_public_bytes(key.point)
        point.verify(signature.made, message)
        point.verify(signature.over_comment, signature.made + signature.comment.encode())
    except (InvalidSignature, ValueError):
        raise SignatureError(f"its signature with the key {key.id} is wrong: it was changed on the way") from None
    return key


def _decoded(line: str, length: int) -> bytes:
    try:
        data = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != length:
        raise SignatureError(f"expected {length} bytes in base64")
    return data
