"""What a bundle says of itself: read after its signature was found right, and still with suspicion."""

import json
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from edge.upkeep.archive import MOST_BYTES, is_name
from edge.upkeep.errors import BundleError, SignatureError
from edge.upkeep.signature import PublicKey, is_key_id

FORMAT: Final = 1
KIND: Final = "edge-update"
_VERSION: Final = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:(\.dev|a|b|rc)(\d{1,6}))?", re.ASCII)
_STAGES: Final = {".dev": 0, "a": 1, "b": 2, "rc": 3, None: 4}
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DATABASE: Final = re.compile(r"[a-z][a-z0-9-]{0,40}(\.sqlite)?", re.ASCII)
_MOST_FILES: Final = 1000


def version_key(version: str) -> tuple[int, int, int, int, int]:
    """Versions in order: 1.2.0.dev1 < 1.2.0a1 < 1.2.0b1 < 1.2.0rc1 < 1.2.0. Raises `BundleError`."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise BundleError(f"{version[:40]!r} is no version such as 1.2.0 or 1.2.0rc1")
    major, minor, patch, stage, count = found.groups()
    return int(major), int(minor), int(patch), _STAGES[stage], int(count or 0)


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of the bundle."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the bundle brings, for whom, and what it needs."""

    version: str
    least: str
    """The oldest release that it updates."""
    architecture: str
    """As `platform.machine()` has it: aarch64, x86_64."""
    python: str
    """Such as 3.13: its wheels are made for that one."""
    installed_bytes: int
    files: tuple[Packed, ...]
    schemas: Mapping[str, int] = field(default_factory=dict)
    """The version of the configuration (`config`) and of each database that it reads and writes."""
    made: str = ""
    notes: str = ""
    keys: tuple[PublicKey, ...] = ()
    """Keys that updates may be signed with from this one on."""
    revoked: tuple[str, ...] = ()
    """Keys that are not believed from this one on."""

    @property
    def packed_bytes(self) -> int:
        """Of all files together."""
        return sum(file.size_bytes for file in self.files)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """From the file's bytes. Raises `BundleError`."""
        try:
            plain = json.loads(data)
            if plain["kind"] != KIND:
                raise BundleError("this is no update of edge")
            if plain["format"] != FORMAT:
                raise BundleError("it has a form that this edge does not know: an older bundle must be applied first")
            return cls._of(plain)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, SignatureError) as error:
            raise BundleError(f"its manifest makes no sense ({type(error).__name__}: {error})") from error

    @classmethod
    def _of(cls, plain: dict[str, Any]) -> Self:
        files = tuple(_packed(entry) for entry in plain["files"])
        if not files or len(files) > _MOST_FILES or len({file.name for file in files}) < len(files):
            raise ValueError("files")
        for version in (plain["version"], plain["from"]):
            version_key(version)
        revoked = tuple(plain.get("revoked", ()))
        if not all(is_key_id(one) for one in revoked):
            raise ValueError("revoked")
        return cls(
            version=plain["version"],
            least=plain["from"],
            architecture=_text(plain["architecture"], 40),
            python=_text(plain["python"], 10),
            installed_bytes=_count(plain["installed_bytes"], 4 * MOST_BYTES),
            files=files,
            schemas={_schema(name): _count(number, 1 << 31) for name, number in plain.get("schemas", {}).items()},
            made=_text(plain.get("made", ""), 40),
            notes=_text(plain.get("notes", ""), 20_000),
            keys=tuple(PublicKey.parse(_text(text, 1000)) for text in plain.get("keys", ())),
            revoked=revoked,
        )

    def data(self) -> bytes:
        """The file's bytes."""
        plain = {
            "kind": KIND,
            "format": FORMAT,
            "version": self.version,
            "from": self.least,
            "architecture": self.architecture,
            "python": self.python,
            "made": self.made,
            "installed_bytes": self.installed_bytes,
            "schemas": dict(self.schemas),
            "notes": self.notes,
            "keys": [key.text() for key in self.keys],
            "revoked": list(self.revoked),
            "files": [{"name": one.name, "bytes": one.size_bytes, "sha256": one.sha256} for one in self.files],
        }
        return json.dumps(plain, indent=1, ensure_ascii=False).encode() + b"\n"

    def unfit(self) -> str:
        """Why this machine can't take it; empty where it can."""
        machine, python = platform.machine(), f"{sys.version_info[0]}.{sys.version_info[1]}"
        if self.architecture not in (machine, "any"):
            return f"it is for {self.architecture} processors, this one is {machine}: get the bundle for {machine}"
        if self.python != python:
            return f"it is for Python {self.python}, this system has {python}: get the bundle for this system"
        return ""


def _packed(entry: dict[str, Any]) -> Packed:
    name, digest = entry["name"], entry["sha256"]
    if not is_name(name) or not isinstance(digest, str) or _SHA256.fullmatch(digest) is None:
        raise ValueError(f"{name!r}")
    return Packed(name, _count(entry["bytes"], MOST_BYTES), digest)


def _schema(name: str) -> str:
    if _DATABASE.fullmatch(name) is None:
        raise ValueError(f"schemas: {name!r}")
    return name


def _count(value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{value!r} is no number up to {most}")
    return value


def _text(value: object, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError(f"expected a text of at most {most} characters")
    return value
