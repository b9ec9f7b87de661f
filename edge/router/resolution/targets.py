"""Which devices a noun phrase stands for: by name, by place and kind, by part of a name, by what sounds like it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.devices.nouns import NOUNS, Kind
from edge.devices.registry import Registry
from edge.devices.words import fold, listed, tokens, words
from edge.router.resolution.candidates import NARROW, Candidates, all_of, like_kinds
from edge.router.resolution.guesses import Guesses
from edge.router.resolution.phrase import JOINTS, RELATIONS, VAGUE, Noun, Phrase, nouns_like, read, read_noun
from edge.router.resolution.places import Places, Scope
from edge.router.resolution.wanted import Found, Wanted

_SAFE: Final = listed("turn_off, close, lock, stop, pause, mute, return_to_base")
"""Verbs that may reach past the speaker's room without asking."""


class Targets:
    """Finds the devices of one request; `places` knows where the speaker is."""

    def __init__(self, registry: Registry, places: Places) -> None:
        self._registry = registry
        self._places = places
        self._pool = Candidates(registry, places)
        self._guesses = Guesses(registry, places, self._pool)

    def find(self, text: str, scope: Scope | None, wish: Wanted, hint: Noun | None = None) -> Found | None:
        """What a phrase stands for within a named place (None: no place was named); None for nothing that is known.

        `hint`: the noun that the sentence has elsewhere ("the kitchen and the bedroom lights").
        """
        phrase = read(text)
        if not phrase.said and not phrase.every:
            return None
        if phrase.everything:
            kinds = (hint.kinds if hint else ()) or wish.everything or wish.default
            found = self._by_kinds(kinds, scope, wish, replace(phrase, plural=True), None)
            return None if found is None else replace(found, how="class")
        if phrase.pronoun:
            return self.default(scope, wish)
        named = None if phrase.every else self._by_name(phrase, scope, wish)
        if named is not None and (not phrase.plural or self._so_written(named, phrase)):
            return named
        return (
            self._by_class(phrase, scope, wish, hint)
            or named
            or self._by_name(phrase, scope, wish)
            or self._by_part(phrase, scope, wish)
            or self._by_nickname(phrase, wish)
            or self._by_noun_alike(phrase, scope, wish, hint)
            or self._in_place_alike(phrase, scope, wish)
            or self._guesses.alike(phrase, scope, wish)
            or self._guesses.by_known_words(phrase, scope, wish)
        )

    def cools(self, devices: Sequence[str]) -> bool:
        """Whether all of these are air conditioners that would not know by themselves that they are to cool."""
        return self._pool.all_cool(devices)

    def default(self, scope: Scope | None, wish: Wanted) -> Found | None:
        """What is meant where no device is named: the place's, else the speaker's room's, else the only one."""
        if not wish.default:
            return None
        closes = wish.function.verb in _SAFE and wish.function.domain in {"cover", "lock"}
        several = scope is not None or self._places.speaker is not None or closes
        every = Phrase((), (), every=scope is not None, plural=several)
        found = self._by_kinds(wish.default, scope, wish, every, None)
        if found is None and scope is not None and wish.everything != wish.default:
            found = self._by_kinds(wish.everything, scope, wish, every, None)
        return None if found is None else replace(found, how="default")

    def _by_name(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        names = self._registry.device_names
        found = list(self._pool.allowed(names.exact(phrase.said), scope, wish))
        if not found and scope is not None:
            for place in map(tokens, scope.arguments.values()):
                joined = (*names.exact((*place, *phrase.said)), *names.exact((*phrase.said, *place)))
                found += self._pool.allowed(joined, scope, wish)
        return self._pool.one_of(found, scope, wish, "name") if found else None

    def _so_written(self, found: Found, phrase: Phrase) -> bool:
        """Whether a device bears the very words, plural and all: "Kitchen Lights", not "Kitchen Light"."""
        written = "".join(word for word in phrase.written if word != "the")
        return any(
            "".join(words(name)) == written
            for device in (found.devices or found.choices)
            for name in self._pool.names_of(device)
        )

    def _by_class(self, phrase: Phrase, scope: Scope | None, wish: Wanted, hint: Noun | None) -> Found | None:
        noun = read_noun(phrase.said)
        if noun is not None and not noun.before and (found := self._by_kinds(noun.kinds, scope, wish, phrase, noun)):
            return found
        within = self._places.within(phrase.said)
        if within is not None:
            inner, start, end = within
            rest = _without_joints((*phrase.said[:start], *phrase.said[end:]), at_start=start == 0)
            if scope is not None and scope.areas is not None and inner.areas is not None and scope.areas & inner.areas:
                inner = replace(inner, areas=scope.areas & inner.areas)
            if not rest:
                kinds = hint.kinds if hint is not None else wish.default
                every = replace(phrase, plural=True)
                return self._by_kinds(kinds, inner, wish, every, hint) or self._by_kinds(
                    wish.everything, inner, wish, every, None
                )
            plural = any(word != rest[-1] and fold(word) == rest[-1] for word in phrase.written)
            if (found := self._by_noun(replace(phrase, said=rest, plural=plural), inner, wish)) is not None:
                return found
        return self._by_noun(phrase, scope, wish)

    def _by_noun(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        """Words before a noun, in a place: they must be part of the device's name."""
        noun = read_noun(phrase.said)
        if noun is None:
            return self._by_part(phrase, scope, wish) if scope is not None else None
        if not noun.before:
            return self._by_kinds(noun.kinds, scope, wish, phrase, noun)
        for said in (phrase.said, noun.before):
            parts = self._registry.device_names.partial(said)
            fitting = [
                one
                for one in self._pool.allowed(parts, scope, all_of(phrase, wish))
                if self._pool.is_of(one, noun.kinds)
            ]
            if fitting:
                return self._pool.several(fitting, scope, wish, phrase, "part")
        if (plug := self._guesses.plugged(noun, scope, wish)) is not None:
            return plug
        if VAGUE.issuperset(noun.before):
            found = self._by_kinds(noun.kinds, scope, wish, phrase, noun)
            if found is None or phrase.plural or len(found.devices) < 2:
                return found
            return self._pool.choice(found.devices, phrase, noun.kinds)
        return None

    def _by_kinds(
        self, kinds: tuple[Kind, ...], scope: Scope | None, wish: Wanted, phrase: Phrase, noun: Noun | None
    ) -> Found | None:
        """Devices of these kinds, else of those that people call so too: "the curtains" where there are blinds only."""
        found = self._of_kinds(kinds, scope, wish, phrase, noun)
        if found is None and noun is not None and (others := like_kinds(kinds)):
            found = self._of_kinds(others, scope, wish, phrase, noun)
        return found

    def _of_kinds(
        self, kinds: tuple[Kind, ...], scope: Scope | None, wish: Wanted, phrase: Phrase, noun: Noun | None
    ) -> Found | None:
        """Devices of these kinds in the place, else in the speaker's room, else anywhere."""
        if scope is not None and scope.choices:
            return Found(choices=scope.choices, how="area", kinds=kinds)
        arguments = dict(scope.arguments) if scope is not None else {}
        several = phrase.every or phrase.plural or wish.every or (noun is not None and noun.pervasive)
        if scope is not None and scope.areas is not None:
            devices = self._pool.of_kinds(kinds, sorted(scope.areas), wish)
            several = several or (noun is not None and noun.mass)
            if not devices:
                devices, several = self._pool.unplaced(kinds, wish), wish.every
                if wish.query and len(devices) > 1:
                    return None
        elif scope is None and not phrase.every and self._places.speaker is not None:
            speaker = self._places.of_area(self._places.speaker)
            devices = self._pool.of_kinds(kinds, [self._places.speaker], wish)
            if devices:
                arguments |= speaker.arguments
                several = several or (noun is not None and noun.mass)
            else:
                devices = self._pool.of_kinds(kinds, None, wish)
                safe = noun is not None and wish.function.verb in _SAFE
                several = wish.every or (several and (safe or self._pool.in_one_area(devices)))
        else:
            devices = self._pool.of_kinds(kinds, None, wish)
        if noun is not None:
            devices = self._pool.suited(devices, noun)
            devices = devices if noun.generic else self._pool.named_so(devices, noun)
        if not devices:
            return None
        if not several and len(devices) > 1:
            devices = devices[:NARROW]
            best = self._pool.best(devices, wish)
            if len(best) > 1:
                return self._pool.choice(devices, phrase, kinds)
            devices = best
        return Found(
            tuple(devices), self._pool.class_arguments(arguments, devices, kinds, phrase), "class", kinds=kinds
        )

    def _by_part(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        """Names with all the said words in them, or all but the prepositions: "the lamp on the desk"."""
        for said in dict.fromkeys((phrase.said, tuple(word for word in phrase.said if word not in RELATIONS))):
            found = list(self._pool.allowed(self._registry.device_names.partial(said), scope, all_of(phrase, wish)))
            if found:
                return self._pool.several(found, scope, wish, phrase, "part")
        return None

    def _by_nickname(self, phrase: Phrase, wish: Wanted) -> Found | None:
        """A place said in short before the rest: "kid's lamp" for the lamp in the kids room."""
        if len(phrase.said) < 2 or (place := self._places.short(phrase.said[:1])) is None:
            return None
        rest = replace(phrase, said=phrase.said[1:])
        return self._by_name(rest, place, wish) or self._by_noun(rest, place, wish)

    def _in_place_alike(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        """Before a common noun the name of a room, misheard: "kichen lights"."""
        noun = read_noun(phrase.said)
        place = None if noun is None or not noun.before or scope is not None else self._places.like(noun.before)
        return None if noun is None or place is None else self._by_kinds(noun.kinds, place, wish, phrase, noun)

    def _by_noun_alike(self, phrase: Phrase, scope: Scope | None, wish: Wanted, hint: Noun | None) -> Found | None:
        """A common noun misheard at the end, of the sort the verb is for: "hall lihgt"."""
        if not phrase.said or read_noun(phrase.said) or self._registry.device_names.partial(phrase.said[-1:]):
            return None
        for noun in nouns_like(phrase.said[-1]):
            if any(kind.domain == wish.function.domain for kind in NOUNS[noun,]):
                written = f"{noun}s" if phrase.plural else noun
                meant = replace(phrase, said=(*phrase.said[:-1], noun), written=(*phrase.written[:-1], written))
                found = self._by_name(meant, scope, wish) or self._by_class(meant, scope, wish, hint)
                if found is not None:
                    return found
        return None


def _without_joints(said: tuple[str, ...], *, at_start: bool) -> tuple[str, ...]:
    """What is left of a phrase once its place is taken out: no preposition where the place was."""
    while said and said[0 if at_start else -1] in JOINTS:
        said = said[1:] if at_start else said[:-1]
    return said
