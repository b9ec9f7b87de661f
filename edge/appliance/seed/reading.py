"""From the bytes of a seed file to a document, and in words for people to what keeps it from being one."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edge.appliance.files import read_bounded

MOST_BYTES: Final = 256 * 1024
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CURLY: Final = "“”„‟«»‘’‚‛"


@dataclass(frozen=True, slots=True)
class SeedText:
    """A seed that could be read."""

    data: bytes
    text: str
    """Without the mark that some editors begin with."""
    encoding: str
    mark: bytes
    document: dict[str, Any] = field(repr=False)

    def encoded(self, text: str) -> bytes:
        """Another text, written as this one was."""
        return self.mark + text.encode(self.encoding)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A seed that could not; nothing of it is used."""

    problem: str


def read_seed(file: Path) -> SeedText | Unreadable | None:
    """The seed; None where there is none."""
    try:
        data = read_bounded(file, MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unreadable(f"it can't be read: {error.strerror or error}")
    return parse_seed(data)


def parse_seed(data: bytes) -> SeedText | Unreadable:
    """What a seed of these bytes says."""
    if len(data) > MOST_BYTES:
        return Unreadable(f"it is longer than {MOST_BYTES // 1024} KiB: expected a few lines of text")
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        at = data.count(b"\n", 0, error.start) + 1
        return Unreadable(f"line {at} is not UTF-8 text: save the file as plain text, in UTF-8")
    if "\0" in text:
        return Unreadable("it is no text: replace it by a text file")
    try:
        return SeedText(data, text, encoding, mark, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return Unreadable(f"expected TOML: {_plain(str(error))}{_hint(text)}")


def _plain(message: str) -> str:
    """The parser's words without what it may have found there, which could be half a password."""
    where = message.rpartition("(at ")
    what = message.partition("(at ")[0].strip()
    return f"{what.split(':')[0][:80]} ({'at ' + where[2] if where[1] else 'somewhere'}".rstrip(")") + ")"


def _hint(text: str) -> str:
    if any(mark in text for mark in _CURLY):
        return '; there are typographic quotes in it: use plain ones ("), as an editor for plain text writes them'
    return '; text stands in quotes (ssid = "My Network"), true and false stand without'
