"""Patterns of what people say: parsed from the phrase file, and put together with the words of a house."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from edge.speech.sound import SpeechError

Words = tuple[str, ...]
Classes = Mapping[str, Mapping[Words, float]]
"""Class name to the phrases of this house that are of it, with their weights."""

_PIECE: Final = re.compile(r"\s*(\[|\]|\(|\)|\||\{[^}]*\}|<[^>]*>|[\d.]+:|[^\s\[\]()|{}<>]+)")
_SECTION: Final = re.compile(r"== (\w+) ([\d.]+)$")
_MACRO: Final = re.compile(r"(<\w+>) = (.+)$")


@dataclass(frozen=True, slots=True)
class Word:
    """One word."""

    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A macro (`<…>`), a class (`{…}`) or a condition (`{?…}`), by its name with the brackets."""

    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """One after the other."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, with weights that sum to one."""

    options: tuple[tuple[float, "Node"], ...]


Node = Word | Named | Row | Choice


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrase file."""

    macros: Mapping[str, Node]
    sections: tuple[tuple[float, Choice], ...]
    """Each with its share."""


@lru_cache(maxsize=1)
def load_phrases() -> Phrases:
    """The phrases that come with the package; raises `SpeechError` where they can't be read."""
    return parse(Path(__file__).with_name("phrases.txt").read_text("utf-8"))


def parse(text: str) -> Phrases:
    """The phrases of a file's text; raises `SpeechError` that names the line."""
    macros: dict[str, Node] = {}
    sections: list[tuple[float, list[tuple[float, Node]]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            if found := _SECTION.match(line):
                sections.append((float(found[2]), []))
            elif found := _MACRO.match(line):
                macros[found[1]] = _parsed(found[2])[1]
            elif sections:
                sections[-1][1].append(_parsed(line))
            else:
                raise SpeechError(f"phrases, line {number}: a pattern before the first section")
        except ValueError as error:
            raise SpeechError(f"phrases, line {number}: {error}") from error
    return Phrases(macros, tuple((share, Choice(_shares(options))) for share, options in sections))


def _parsed(text: str) -> tuple[float, Node]:
    pieces = _PIECE.findall(text)
    if "".join(pieces) != re.sub(r"\s+", "", text):
        raise ValueError(f"stray brackets in {text!r}")
    reader = _Reader(pieces)
    weight = reader.weight()
    node = reader.choice("")
    return weight, node


class _Reader:
    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = pieces
        self._at = 0

    def weight(self) -> float:
        piece = self._peek()
        if len(piece) > 1 and piece.endswith(":"):
            self._at += 1
            return float(piece[:-1])
        return 1.0

    def choice(self, closing: str) -> Node:
        options = []
        while True:
            weight = self.weight()
            options.append((weight, self._sequence()))
            piece = self._peek()
            self._at += 1
            if piece == closing:
                break
            if piece != "|":
                raise ValueError(f"expected {closing or 'the end'} or |, found {piece or 'the end'}")
        return options[0][1] if len(options) == 1 else Choice(_shares(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while (piece := self._peek()) not in ("", "|", ")", "]"):
            self._at += 1
            if piece == "(":
                parts.append(self.choice(")"))
            elif piece == "[":
                parts.append(Choice(((0.5, Row(())), (0.5, self.choice("]")))))
            elif piece[0] in "<{":
                parts.append(Named(piece))
            else:
                parts.append(Word(piece))
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _peek(self) -> str:
        return self._pieces[self._at] if self._at < len(self._pieces) else ""


def _shares(options: Sequence[tuple[float, Node]]) -> tuple[tuple[float, Node], ...]:
    total = sum(weight for weight, _ in options)
    return tuple((weight / total, node) for weight, node in options)


def words_of(node: Node) -> Iterator[str]:
    """Every word that stands in a node itself."""
    match node:
        case Word(text):
            yield text
        case Row(parts):
            for part in parts:
                yield from words_of(part)
        case Choice(options):
            for _, option in options:
                yield from words_of(option)
        case Named():
            return
