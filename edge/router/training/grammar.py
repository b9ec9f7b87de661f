"""The corpus format: parses the sentence grammars of `corpus/` and samples labelled sentences from them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, Protocol

from edge.errors import EdgeError

CORPUS: Final = Path(__file__).with_name("corpus")
_COMMON: Final = {
    "the": "(the|my|our)",
    "want": "(i want|i'd like|i need|i would like)",
    "can": "(can you|could you|would you|will you)",
    "please": "please",
}


class GrammarError(EdgeError):
    """A corpus file that can't be read."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words, and the slot they are copied for (None: plain words)."""

    text: str
    slot: str | None = None


Sampler = Callable[[Random, str, str], list[Piece]]
"""(random, slot, kind) → pieces; determiners come as plain pieces before the span."""


class Node(Protocol):
    """A part of a pattern."""

    def sample(self, random: Random, slots: Sampler) -> Iterator[Piece]: ...


@dataclass(frozen=True, slots=True)
class Words:
    text: str

    def sample(self, random: Random, slots: Sampler) -> Iterator[Piece]:  # noqa: ARG002  # as every node
        yield Piece(self.text)


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Node, ...]

    def sample(self, random: Random, slots: Sampler) -> Iterator[Piece]:
        for part in self.parts:
            yield from part.sample(random, slots)


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[Node, ...]

    def sample(self, random: Random, slots: Sampler) -> Iterator[Piece]:
        yield from random.choice(self.options).sample(random, slots)


@dataclass(frozen=True, slots=True)
class Slotted:
    slot: str
    kind: str
    words: Node | None = None

    def sample(self, random: Random, slots: Sampler) -> Iterator[Piece]:
        if self.words is None:
            yield from slots(random, self.slot, self.kind)
            return
        text = "".join(piece.text for piece in self.words.sample(random, slots))
        yield Piece(text, self.slot)


@dataclass(frozen=True, slots=True)
class Family:
    """One manner of saying one function: the unit that is held out."""

    function: str
    name: str
    lines: tuple[Node, ...]

    @property
    def id(self) -> str:
        return f"{self.function}/{self.name}"


@dataclass(slots=True)
class _Reader:
    """A recursive-descent parser over one line."""

    text: str
    rules: Mapping[str, Node]
    where: str
    at: int = 0

    def fail(self, what: str) -> GrammarError:
        return GrammarError(f"{self.where}: {what} in «{self.text}» at column {self.at + 1}")

    def sequence(self, stop: str) -> Node:
        options: list[Node] = []
        parts: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in stop:
            char = self.text[self.at]
            if char == "|" and ")" not in stop and "]" not in stop and "}" not in stop:
                raise self.fail("«|» outside brackets")
            if char == "|":
                options.append(Sequence(tuple(parts)))
                parts = []
                self.at += 1
                continue
            parts.append(self.part(char))
        options.append(Sequence(tuple(parts)))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def part(self, char: str) -> Node:
        if char == "(":
            return self.bracket(")")
        if char == "[":
            return Choice((self.bracket("]"), Words("")))
        if char == "{":
            return self.slot()
        if char == "<":
            return self.rule()
        if char in ")]}>":
            raise self.fail(f"stray «{char}»")
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in "()[]{}<>|":
            self.at += 1
        return Words(self.text[start : self.at])

    def bracket(self, close: str) -> Node:
        self.at += 1
        inner = self.sequence(close)
        self.expect(close)
        return inner

    def expect(self, char: str) -> None:
        if self.text[self.at : self.at + 1] != char:
            raise self.fail(f"missing «{char}»")
        self.at += 1

    def slot(self) -> Node:
        match = re.compile(r"\{([a-z]+)(?::([a-z_]+))?(=)?").match(self.text, self.at)
        if match is None:
            raise self.fail("not a slot")
        self.at = match.end()
        words = self.sequence("}") if match[3] else None
        self.expect("}")
        return Slotted(match[1], match[2] or "", words)

    def rule(self) -> Node:
        match = re.compile(r"<([a-z_0-9]+)>").match(self.text, self.at)
        if match is None or match[1] not in self.rules:
            raise self.fail("unknown rule")
        self.at = match.end()
        return self.rules[match[1]]


def parse_line(text: str, rules: Mapping[str, Node], where: str) -> Node:
    """One sentence pattern; raises `GrammarError`."""
    return _Reader(text, rules, where).sequence("")


def read_rule(line: str, rules: dict[str, Node], where: str) -> bool:
    """Whether the line defines a rule, which is then added; raises `GrammarError`."""
    match = re.match(r"<([a-z_0-9]+)>\s*=\s*(.+)$", line)
    if match:
        rules[match[1]] = parse_line(match[2], rules, where)
    return match is not None


def common_rules() -> dict[str, Node]:
    """The rules every corpus file may use."""
    rules: dict[str, Node] = {}
    for name, text in _COMMON.items():
        rules[name] = parse_line(text, rules, "common")
    return rules


@dataclass(slots=True)
class _File:
    path: Path
    rules: dict[str, Node] = field(default_factory=common_rules)
    families: dict[tuple[str, str], list[Node]] = field(default_factory=dict)
    function: str = ""
    family: str = ""

    def take(self, number: int, line: str) -> None:
        where = f"{self.path.name}:{number}"
        if line.startswith("== "):
            self.function, self.family = line[3:].strip(), "plain"
        elif line.startswith("-- "):
            self.family = line[3:].strip()
        elif read_rule(line, self.rules, where):
            return
        elif not self.function:
            raise GrammarError(f"{where}: a sentence before the first «== function»")
        else:
            node = parse_line(line, self.rules, where)
            self.families.setdefault((self.function, self.family), []).append(node)


def read_families(folder: Path = CORPUS) -> list[Family]:
    """Every family of every corpus file, in file order; raises `GrammarError` with file and line."""
    families: list[Family] = []
    for path in sorted(folder.glob("*.txt")):
        file = _File(path)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            stripped = line.strip()
            if stripped and not stripped.startswith("#"):
                file.take(number, stripped)
        families += [
            Family(function, f"{path.stem}/{name}", tuple(lines)) for (function, name), lines in file.families.items()
        ]
    return families
