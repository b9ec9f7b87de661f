"""Sampled phrases for the open slots: messages, conditions, items, media, labels, lists, days and times, without end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from edge.router.training import values
from edge.router.training.grammar import GrammarError, Node, Piece, Sampler, parse_line, read_rule
from edge.router.training.homes import AREAS, PEOPLE

PHRASES: Final = Path(__file__).with_name("phrases.txt")
SLOTS: Final = frozenset({"condition", "message", "item", "media", "label", "list", "time"})
_TIMES: Final = ("clock", "clock", "day", "when", "recurring", "clockday")


@dataclass(frozen=True, slots=True)
class _Sampled:
    """A node of the grammar whose words a function makes."""

    words: Callable[[Random], str]

    def sample(self, random: Random, slots: Sampler) -> Iterator[Piece]:  # noqa: ARG002  # as every node
        yield Piece(self.words(random))


class Phrases:
    """Samples phrases; `strange` are ordinary words that people use where no list foresees them."""

    def __init__(self, strange: Sequence[str]) -> None:
        self._kinds = _parsed(tuple(strange))

    def sample(self, random: Random, slot: str, kind: str) -> str:
        """The words of one slot; `kind` is that of a time."""
        if slot != "time":
            return self._of(random, slot)
        match kind or random.choice(_TIMES):
            case "clock":
                return values.clock(random) + (f" {self._of(random, 'day')}" if random.random() < 0.15 else "")
            case "clockday":
                return f"{self._of(random, 'day')} at {values.clock(random)}"
            case other:
                return self._of(random, other)

    def _of(self, random: Random, kind: str) -> str:
        node = random.choice(self._kinds[kind])
        return "".join(piece.text for piece in node.sample(random, _no_slots)).strip()


@cache
def _parsed(strange: tuple[str, ...]) -> dict[str, list[Node]]:
    rules: dict[str, Node] = {
        "word": _Sampled(lambda random: random.choice(strange)),
        "number": _Sampled(lambda random: values.number(random, 2, 40)),
        "clock": _Sampled(values.clock),
        "person": _Sampled(lambda random: random.choice(PEOPLE)),
        "area": _Sampled(lambda random: random.choice(AREAS)),
    }
    kinds: dict[str, list[Node]] = {}
    sentences: list[tuple[str, str, str]] = []
    kind = ""
    for number, line in enumerate(PHRASES.read_text("utf-8").splitlines(), 1):
        where, text = f"{PHRASES.name}:{number}", line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("== "):
            kind = text[3:]
        elif not read_rule(text, rules, where):
            sentences.append((kind, text, where))
    for kind, text, where in sentences:
        kinds.setdefault(kind, []).append(parse_line(text, rules, where))
    return kinds


def _no_slots(random: Random, slot: str, kind: str) -> list[Piece]:  # noqa: ARG001  # as every sampler
    raise GrammarError(f"{PHRASES.name}: «{{{slot}}}» in a phrase: there are no slots inside a slot")
