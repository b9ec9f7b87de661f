"""Takes secrets out of a configuration file, for backups that anybody could read; the rest stays as it was written."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

_SECRET: Final = re.compile(r"(?:.*_)?(?:password|passphrase|token|pin|secret|api_key)", re.IGNORECASE)
_LINE: Final = re.compile(r"""^(?P<indent>\s*)(?P<key>"?[\w.\- "]+?"?)\s*=(?!=)""", re.ASCII)
_FILE: Final = re.compile(r".*_file")


def without_secrets(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The text with each secret's line made a comment, and the secrets' keys; None where that can't be done safely."""
    try:
        keys = tuple(_secrets(tomllib.loads(text), ""))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    if not keys:
        return text, ()
    cleaned = "".join(_cleaned(line) for line in text.splitlines(keepends=True))
    try:
        left = tuple(_secrets(tomllib.loads(cleaned), ""))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return None if left else (cleaned, keys)


def named_files(text: str) -> tuple[str, ...]:
    """The files that settings name (`password_file`, `ca_file`, …): secrets of their own, which lie elsewhere."""
    try:
        return tuple(
            value for key, value in _leaves(tomllib.loads(text), "") if _FILE.fullmatch(key.rpartition(".")[2])
        )
    except (tomllib.TOMLDecodeError, RecursionError):
        return ()


def _secrets(document: Any, at: str) -> Iterator[str]:
    return (key for key, _ in _leaves(document, at) if is_secret(key.rpartition(".")[2]))


def _leaves(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, at)
    else:
        yield at, str(value)


def is_secret(key: str) -> bool:
    """Whether what has such a name is one."""
    return _SECRET.fullmatch(key) is not None


def _cleaned(line: str) -> str:
    found = _LINE.match(line)
    if found is None:
        return line
    key = found["key"].replace('"', "").replace(" ", "").rpartition(".")[2]
    if not is_secret(key):
        return line
    return f"{found['indent']}# {found['key']}: left out, as this backup is not encrypted\n"
