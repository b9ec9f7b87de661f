"""The public keys that updates are believed with: those that a release brings, and those beside the settings."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from edge.files import replace_file
from edge.settings.secrets import opened
from edge.upkeep.errors import SignatureError
from edge.upkeep.signature import MOST_BYTES, PublicKey

log = logging.getLogger(__name__)

SHIPPED: Final = Path(__file__).parent / "shipped_keys"
SUFFIX: Final = ".pub"
_REVOKED: Final = ".revoked"
_MOST_KEYS: Final = 32


def trusted_keys(directory: Path, shipped: Path = SHIPPED) -> tuple[PublicKey, ...]:
    """All keys, without those that were revoked. A file that holds none is told in the log, and left out."""
    revoked = {file.name.removesuffix(_REVOKED) for file in _files(directory, _REVOKED)}
    found: dict[str, PublicKey] = {}
    for place in (shipped, directory):
        for file in _files(place, SUFFIX):
            try:
                key = PublicKey.parse(_read(file))
            except (SignatureError, OSError, UnicodeDecodeError) as error:
                log.warning("update.key_unreadable", extra={"file": str(file), "reason": str(error)})
                continue
            if key.id not in revoked:
                found.setdefault(key.id, key)
    return tuple(found.values())


def renew_keys(directory: Path, keys: Iterable[PublicKey], revoked: Iterable[str]) -> None:
    """Believe these from now on, and those no more; done again it changes nothing. Raises OSError."""
    for key in keys:
        replace_file(directory / f"{key.id}{SUFFIX}", key.text().encode())
    for one in revoked:
        replace_file(directory / f"{one}{_REVOKED}", b"")


def _files(directory: Path, suffix: str) -> list[Path]:
    try:
        return sorted(file for file in directory.iterdir() if file.suffix == suffix)[:_MOST_KEYS]
    except OSError:
        return []


def _read(file: Path) -> str:
    with opened(file) as stream:
        return stream.read(MOST_BYTES).decode()
