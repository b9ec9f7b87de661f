"""Sentences of functions that the network has no token for, by their templates: the whole sentence or nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Final

from edge.devices.words import listed
from edge.router.model import Call, Decision, RawCall, Routing, Value
from edge.router.phrases.declared import PhraseFunction, phrases_file, read_phrases
from edge.router.phrases.filled import Filled, Where
from edge.router.phrases.pattern import Found, Template
from edge.router.phrases.slots import FILLERS, Fill
from edge.router.phrases.spoken import Spoken, bared, spoken
from edge.router.resolution.wording import which
from edge.router.vocabulary import load_vocabulary

LONGEST: Final = 40
"""Words. Nobody says a longer one of these sentences."""
WARN: Final = "alarms.add_rule"
"""The function that warns of a condition."""
CONDITIONS: Final = frozenset({"condition", "event"})
_ORDER: Final = {"own_scene": 0, "scene": 0, "orders": 0, "sensor": 2, "sensors": 2, "condition": 2, "event": 2}
_LEADS: Final = listed("when, if, once, whenever, as, soon, every, time, the, moment, in, case")
_TRIED: Final = 24
"""Ways to read one sentence that are tried at most."""

Context = Callable[[], Iterable[str]]
"""What is so at present ("alarm": one has not been seen): some sentences mean something then alone."""


_Entry = tuple[PhraseFunction, str, Template]


class _Entries:
    """Templates in their order, those that need a certain word looked at only where it is said."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self._entries = tuple(entries)
        self._always: list[int] = []
        self._by_word: dict[str, list[int]] = {}
        for at, (_, _, template) in enumerate(entries):
            # What it may begin with is said already where its like was looked up.
            needed = [one for one in template.needed if one != template.first]
            for word in min(needed, key=len) if needed else ():
                self._by_word.setdefault(word, []).append(at)
            if not needed:
                self._always.append(at)

    def among(self, said: frozenset[str]) -> list[_Entry]:
        """Those that a sentence of these words may be."""
        found = set(self._always)
        for word in said:
            if word in self._by_word:
                found.update(self._by_word[word])
        return [self._entries[at] for at in sorted(found)]


class Phrases:
    """Templates by the word they may begin with; holds no state between sentences."""

    def __init__(self, functions: Mapping[str, PhraseFunction], fillers: Mapping[str, Fill] = FILLERS) -> None:
        self.functions = functions
        self._fillers = fillers
        by_first: dict[str, list[_Entry]] = {}
        anyhow: list[_Entry] = []
        for function in functions.values():
            for context, template in function.templates:
                entry = function, context, template
                for word in template.first or ():
                    by_first.setdefault(word, []).append(entry)
                if template.first is None:
                    anyhow.append(entry)
        self._by_first = {word: _Entries(entries) for word, entries in by_first.items()}
        self._anyhow = _Entries(anyhow)
        self._none = _Entries(())

    def recognise(self, text: str, where: Where, context: Iterable[str] = ()) -> Routing | None:
        """What a sentence means; None where it is none of these. Never raises for any text."""
        said = spoken(text)
        if not 0 < len(said.words) <= LONGEST:
            return None
        # As it was said before politeness is taken off it: "could you" may be a part of what is meant.
        spans = dict.fromkeys((bared(said.words), (0, len(said.words))))
        for start, end in spans:
            readings = self._readings(said, start, end, frozenset(context))
            for function, found in sorted(readings, key=lambda one: sum(to - at for _, at, to in one[1])):
                made = self._made(function, found, said, where)
                if made is not None:
                    return made
        return None

    def _readings(
        self, said: Spoken, start: int, end: int, context: frozenset[str]
    ) -> list[tuple[PhraseFunction, Found]]:
        return list(islice(self._all_readings(said, start, end, context), _TRIED))

    def _all_readings(
        self, said: Spoken, start: int, end: int, context: frozenset[str]
    ) -> Iterator[tuple[PhraseFunction, Found]]:
        words = said.words
        spoken_words = frozenset(words[start:end])
        for entries in (self._by_first.get(words[start], self._none), self._anyhow):
            for function, needs, template in entries.among(spoken_words):
                if template.fewest > end - start or (needs and needs not in context):
                    continue
                for needed in template.needed:
                    if spoken_words.isdisjoint(needed):
                        break
                else:
                    for found in template.matches(words, start, end):
                        yield function, found

    def _made(self, function: PhraseFunction, found: Found, said: Spoken, where: Where) -> Routing | None:
        filled: list[Filled] = []
        # What is counted and measured before sensors, which may be meant by the unit of a number; first of all what
        # is soon seen to be none.
        for slot, start, end in sorted(found, key=lambda one: _ORDER.get(function.slots[one[0]], 1)):
            one = self._fillers[function.slots[slot]](slot, said.said(start, end), where)
            if one is None:
                return None
            filled.append(one)
            where = replace(where, told={**where.told, **one.arguments})
        conditional = any(function.slots[slot] in CONDITIONS for slot, _, _ in found)
        return _routing(function, filled, said.text, where, {"said": said.text} if conditional else {})

    def conditional(self, text: str, condition: str, where: Where) -> Routing | None:
        """The warning that is asked for where only its condition was understood: "the freezer gets too warm"."""
        words = condition.split()
        while words and words[0].lower() in _LEADS:
            words.pop(0)
        filled = self._fillers["condition"]("rule", " ".join(words), where)
        if filled is None:
            return None
        return _routing(self.functions[WARN], [filled], text, where, {"said": text})


def _routing(
    function: PhraseFunction, filled: Sequence[Filled], text: str, where: Where, more: Mapping[str, Value]
) -> Routing:
    arguments: dict[str, Value] = {key: value for one in filled for key, value in one.arguments.items()}
    arguments.update(more)
    targets = tuple(target for one in filled for target in one.targets)
    choices = next((one.choices for one in filled if one.choices), ())
    question = next((one.question for one in filled if one.question), None)
    decision = Decision.QUERY if function.kind == "query" else Decision.ACT
    if choices or question:
        decision, targets = Decision.CLARIFY, ()
        question = question or which(where.registry, choices, "sensor")
    call = Call(function.name, arguments, targets)
    return Routing(text, decision, (call,), 1.0, question=question, candidates=choices, raw=(RawCall(function.name),))


@cache
def load_phrases() -> Phrases:
    """The phrases that ship with the package. Raises `TemplateError`."""
    file = phrases_file()
    functions = read_phrases(file.read_text("utf-8"), file.name, tuple(FILLERS), tuple(load_vocabulary().functions))
    return Phrases(functions)
