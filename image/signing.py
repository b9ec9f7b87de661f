"""Makes keys, and signatures with them, as minisign does: whoever makes releases keeps the secret one off the boards.

    python -m image.signing keys NAME        NAME.key (secret) and NAME.pub, which goes into /etc/edge/keys
    python -m image.signing sign KEY FILE    FILE.minisig

Keys that `minisign -G` made are taken as well. A passphrase is asked for on the terminal; an empty one is none.
"""

import argparse
import base64
import getpass
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.upkeep.errors import SignatureError
from edge.upkeep.signature import HASHED, PLAIN, TRUSTED, UNTRUSTED, PublicKey

_SCRYPT: Final = b"Sc"
_NO_KDF: Final = b"\0\0"
_CHECKSUM: Final = b"B2"
_OPERATIONS: Final = 33_554_432
_MEMORY_BYTES: Final = 1 << 30
"""What minisign has a passphrase cost: a second and a gigabyte."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """What releases are signed with."""

    id: str
    seed: bytes
    """32 bytes."""

    @classmethod
    def new(cls) -> Self:
        """A key that nobody else has."""
        return cls(os.urandom(8).hex().upper(), os.urandom(32))

    @classmethod
    def parse(cls, text: str, passphrase: str = "") -> Self:
        """From its file. Raises `SignatureError`."""
        lines = text.strip().splitlines()
        data = base64.b64decode(lines[-1], validate=True) if len(lines) == 2 else b""
        if len(data) != 158 or data[:2] != PLAIN or data[4:6] != _CHECKSUM:
            raise SignatureError("expected a secret key of minisign's")
        salt, operations, memory_bytes = data[6:38], data[38:46], data[46:54]
        body = data[54:]
        if data[2:4] == _SCRYPT:
            stream = _stretched(
                passphrase, salt, int.from_bytes(operations, "little"), int.from_bytes(memory_bytes, "little")
            )
            body = bytes(a ^ b for a, b in zip(body, stream, strict=True))
        number, secret, checksum = body[:8], body[8:72], body[72:]
        # One that minisign wrote without a passphrase (-W) has none.
        unchecked = data[2:4] == _NO_KDF and not any(checksum)
        if not unchecked and hashlib.blake2b(PLAIN + number + secret, digest_size=32).digest() != checksum:
            raise SignatureError("the passphrase is wrong, or the key is damaged")
        return cls(number[::-1].hex().upper(), secret[:32])

    def text(self, passphrase: str = "") -> str:
        """The file's two lines."""
        number, secret = bytes.fromhex(self.id)[::-1], self.seed + self.public.point
        body = number + secret + hashlib.blake2b(PLAIN + number + secret, digest_size=32).digest()
        kdf, salt, operations, memory_bytes = _NO_KDF, bytes(32), 0, 0
        if passphrase:
            kdf, salt, operations, memory_bytes = _SCRYPT, os.urandom(32), _OPERATIONS, _MEMORY_BYTES
            stream = _stretched(passphrase, salt, operations, memory_bytes)
            body = bytes(a ^ b for a, b in zip(body, stream, strict=True))
        limits = operations.to_bytes(8, "little") + memory_bytes.to_bytes(8, "little")
        data = base64.b64encode(PLAIN + kdf + _CHECKSUM + salt + limits + body).decode()
        return f"{UNTRUSTED}edge secret key {self.id}\n{data}\n"

    @property
    def public(self) -> PublicKey:
        """What goes onto the boards."""
        point = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return PublicKey(self.id, point)

    def sign(self, data: bytes, comment: str) -> str:
        """The four lines of a signature; the comment is signed, too."""
        made = self._key.sign(hashlib.blake2b(data).digest())
        over = self._key.sign(made + comment.encode())
        line = base64.b64encode(HASHED + bytes.fromhex(self.id)[::-1] + made).decode()
        return f"{UNTRUSTED}edge {self.id}\n{line}\n{TRUSTED}{comment}\n{base64.b64encode(over).decode()}\n"

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def _stretched(passphrase: str, salt: bytes, operations: int, memory_bytes: int) -> bytes:
    """104 bytes out of a passphrase; libsodium's way from its two limits to those of scrypt."""
    operations = max(operations, 32_768)
    if operations < memory_bytes // 32:
        most, parallel = operations // 32, 1
        rounds = _power_below(most)
    else:
        rounds = _power_below(memory_bytes // 1024)
        parallel = min(operations // 4 // rounds, 0x3FFFFFFF) // 8
    needed = 128 * 8 * (rounds + parallel + 2)
    return hashlib.scrypt(
        passphrase.encode(), salt=salt, n=rounds, r=8, p=parallel, maxmem=needed + (1 << 20), dklen=104
    )


def _power_below(most: int) -> int:
    power = 2
    while power <= most // 2:
        power *= 2
    return power


def read_secret(file: Path) -> SecretKey:
    """A secret key; asks for its passphrase where it has one."""
    text = file.read_text()
    try:
        return SecretKey.parse(text)
    except SignatureError:
        return SecretKey.parse(text, getpass.getpass(f"Passphrase of {file}: "))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    making = verbs.add_parser("keys", help="make a pair of keys")
    making.add_argument("name", type=Path)
    making.add_argument("--no-passphrase", action="store_true", help="for a machine that signs by itself")
    signing = verbs.add_parser("sign", help="sign a file")
    signing.add_argument("key", type=Path)
    signing.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    if options.verb == "sign":
        key = read_secret(options.key)
        signature = key.sign(options.file.read_bytes(), f"file:{options.file.name}")
        options.file.with_name(options.file.name + ".minisig").write_text(signature)
        return
    key = SecretKey.new()
    passphrase = "" if options.no_passphrase else getpass.getpass("Passphrase for the secret key (empty: none): ")
    secret = options.name.with_name(options.name.name + ".key")
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(key.text(passphrase))
    options.name.with_name(options.name.name + ".pub").write_text(key.public.text())
    print(f"{secret} stays with you; {options.name}.pub goes into /etc/edge/keys of the boards. Key {key.id}")


if __name__ == "__main__":
    main(sys.argv[1:])
