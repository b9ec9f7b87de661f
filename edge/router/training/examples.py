"""Labelled sentences by the hundred thousand: families sampled, dressed, joined into several calls, worn by noise."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from edge.router.text import split_words
from edge.router.training import hassil_templates, phrases, values
from edge.router.training.grammar import Family, Piece
from edge.router.training.homes import Names
from edge.router.training.noise import Example, Labelled, dressed, insert, misheard, mistyped

SPECIALS: Final = ("chat", "ignore")
_JOINS: Final = (
    "and",
    "and",
    "and",
    "and",
    "then",
    "and then",
    "also",
    "and also",
    "",
    "after that",
    "plus",
    "and please",
    "and could you",
    "and after that",
    "but",
    "as well as",
    "next",
    "oh and",
    "and while you're at it",
    "and when that's done",
    "and finally",
    "and at the same time",
    "and don't forget to",
    "and you can",
    "and i also want you to",
    "and afterwards",
    "followed by",
    "and secondly",
)
_OPENINGS: Final = ("first", "first of all", "firstly", "to start", "two things", "okay so", "do this")
_DETERMINED: Final = re.compile(r"\b(the|my|our|that|this|these|those) +$")
_DETERMINER: Final = re.compile(r"(the|my|our|that|this|these|those) ")
HELD_OUT_SHARE: Final = 0.05


def held_out(family: Family) -> bool:
    """Whether a family is kept for measuring: decided by its name alone, so that it stays so as the corpus grows."""
    digest = hashlib.blake2s(family.id.encode(), digest_size=4).digest()
    return int.from_bytes(digest) / 2**32 < HELD_OUT_SHARE


@dataclass(slots=True)
class Recipe:
    """How sentences are mixed."""

    chat_share: float = 0.30
    ignore_share: float = 0.05
    several_share: float = 0.18
    misheard_share: float = 0.14
    mistyped_share: float = 0.06
    preamble_share: float = 0.05
    aside_share: float = 0.03


class Sampler:
    """Samples examples of some families; `strange` are ordinary words that may become names."""

    def __init__(
        self, families: Iterable[Family], strange: Sequence[str], seed: int, recipe: Recipe | None = None
    ) -> None:
        self.random = Random(seed)
        self.recipe = recipe or Recipe()
        self._names = Names(tuple(strange))
        self._phrases = phrases.Phrases(strange)
        self._by_function: dict[str, list[Family]] = defaultdict(list)
        for family in families:
            self._by_function[family.function].append(family)
        self._functions = [name for name in self._by_function if name not in SPECIALS]
        # A function said in many manners is one people use much: sampled more, though less than in proportion.
        self._weights = [
            sum(len(family.lines) ** 0.5 for family in self._by_function[name]) ** 0.85 for name in self._functions
        ]
        self._acting = [
            (name, weight)
            for name, weight in zip(self._functions, self._weights, strict=True)
            if not name.endswith((".get", ".query", ".status", ".get_temperature", ".get_items"))
            and name != "assistant.nevermind"
        ]

    def slots(self, random: Random, slot: str, kind: str) -> list[Piece]:
        """The grammar's `Sampler`."""
        match slot:
            case "target":
                return self._names.target(random, kind or "any")
            case "place":
                return self._names.place(random, kind or random.choice(("in", "at")))
            case "except":
                return self._names.exception(random)
            case _ if slot in phrases.SLOTS:
                return [Piece(self._phrases.sample(random, slot, kind), slot)]
            case _:
                return [Piece(values.sample(random, slot, kind), slot)]

    def example(self) -> Example:
        """One sentence of the mixture."""
        roll = self.random.random()
        if roll < self.recipe.chat_share and self._by_function["chat"]:
            example = self.one("chat")
        elif roll < self.recipe.chat_share + self.recipe.ignore_share and self._by_function["ignore"]:
            example = self.one("ignore")
        elif self.random.random() < self.recipe.several_share:
            example = self.several(self.random.choice((2, 2, 3)))
        else:
            example = self.one(self.random.choices(self._functions, self._weights)[0])
        return self.worn(self.around(dressed(example, self.random)))

    def around(self, example: Example) -> Example:
        """With something said before or after that means nothing, for a share of the sentences."""
        roll = self.random.random()
        if roll < self.recipe.preamble_share:
            return insert(example, 0, self._words("preamble"))
        if roll < self.recipe.preamble_share + self.recipe.aside_share:
            return insert(example, len(example.words), self._words("aside"))
        return example

    def _words(self, kind: str) -> tuple[str, ...]:
        return tuple(word.text for word in split_words(self._phrases.sample(self.random, kind, "")))

    def one(self, function: str) -> Example:
        """A bare sentence of one function, every family of which is as likely as its size's root."""
        families = self._by_function[function]
        family = self.random.choices(families, [len(family.lines) ** 0.5 for family in families])[0]
        return self.of_family(family)

    def of_family(self, family: Family) -> Example:
        """A bare sentence of one family."""
        while True:
            pieces = list(self.random.choice(family.lines).sample(self.random, self.slots))
            example = labelled(pieces, family)
            if example.words:
                return example

    def several(self, count: int) -> Example:
        """Two or three sentences spoken as one."""
        names, weights = zip(*self._acting, strict=True)
        parts = [self.one(name) for name in self.random.choices(names, weights, k=count)]
        parts = [part for part in parts if len(part.words) <= 14] or parts[:1]
        joined = parts[0]
        if self.random.random() < 0.08:
            joined = insert(joined, 0, tuple(self.random.choice(_OPENINGS).split()))
        for part in parts[1:]:
            join = tuple(word.text for word in split_words(self.random.choice(_JOINS)))
            worn = dressed(part, self.random) if self.random.random() < 0.15 else part
            joined = _joined(insert(joined, len(joined.words), join), worn)
        return joined

    def worn(self, example: Example) -> Example:
        """With noise, for a share of the sentences."""
        roll = self.random.random()
        if roll < self.recipe.misheard_share:
            return misheard(example, self.random, self.random.choice((0.08, 0.12, 0.2)))
        if roll < self.recipe.misheard_share + self.recipe.mistyped_share:
            return mistyped(example, self.random)
        return example


def labelled(pieces: Sequence[Piece], family: Family) -> Example:
    """Words and tags from pieces; chat and ignore have no spans."""
    text, marks = "", []
    for piece in pieces:
        if _DETERMINED.search(text) and (twice := _DETERMINER.match(piece.text)):
            piece = Piece(piece.text[twice.end() :], piece.slot)
        start = len(text)
        text += piece.text
        if piece.slot:
            marks.append((start, len(text), piece.slot))
    words = split_words(text)
    tags = []
    for word in words:
        slot = next((m for m in marks if m[0] <= word.start < m[1]), None)
        first = slot is not None and not text[slot[0] : word.start].strip()
        tags.append("" if slot is None or family.function in SPECIALS else f"{'B' if first else 'I'}-{slot[2]}")
    if "/home-assistant/" in family.id:
        tags = hassil_templates.with_nouns([word.text for word in words], tags, family.function)
    call = Labelled(family.function, tuple(tags), (0, len(words)))
    return Example(tuple(word.text for word in words), (call,), family.id)


def _joined(first: Example, second: Example) -> Example:
    before, after = len(first.words), len(second.words)
    calls = [replace(call, tags=call.tags + ("",) * after) for call in first.calls]
    calls += [
        replace(call, tags=("",) * before + call.tags, segment=(call.segment[0] + before, call.segment[1] + before))
        for call in second.calls
    ]
    return Example(first.words + second.words, tuple(calls), f"{first.family}+{second.family}")
