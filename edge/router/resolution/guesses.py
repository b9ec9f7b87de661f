"""Devices by names that were misheard, misspelt or said with a word too many; what is as like as another is a tie."""

from typing import Final

from edge.devices.nouns import NOUNS, Kind
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens
from edge.router.resolution.candidates import NARROW, Candidates
from edge.router.resolution.phrase import RELATIONS, VAGUE, Noun, Phrase, read_noun
from edge.router.resolution.places import LIKE_ENOUGH, MARGIN, Places, Scope
from edge.router.resolution.wanted import Found, Wanted

_FEW_WORDS: Final = 5
_JOINING: Final = listed("and, or, except, but, not, plus, without")
_GUARDED: Final = frozenset({"lock", "cover", "alarm_control_panel"})
"""Domains in which a guess must suit the verb itself, not its translation."""
_DEFAULTS: Final = listed("light, lighting, switch, fan, door, window")
"""Nouns too common for the only one of a room to be meant by a strange name."""


class Guesses:
    """Guesses what was meant, of the devices of one home."""

    def __init__(self, registry: Registry, places: Places, pool: Candidates) -> None:
        self._registry = registry
        self._places = places
        self._pool = pool

    def alike(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        """By the whole phrase, or by what stands before a common noun among devices of its kinds."""
        noun = read_noun(phrase.said)
        found = self._alike(phrase.said, phrase, scope, wish, ())
        if found is not None or noun is None or not noun.before:
            return found
        return self._alike(noun.before, phrase, scope, wish, noun.kinds)

    def _alike(
        self, said: tuple[str, ...], phrase: Phrase, scope: Scope | None, wish: Wanted, kinds: tuple[Kind, ...]
    ) -> Found | None:
        """Devices (of some kinds) whose names sound or are spelt like this; what is about as like is a tie."""
        if len("".join(said)) < 4:
            return None
        alike = [like for like in self._registry.device_names.like(said)[:NARROW] if like.score >= LIKE_ENOUGH]
        scores = {like.id: like.score for like in alike}
        found = [
            one for one in self._pool.allowed(list(scores), scope, wish) if not kinds or self._pool.is_of(one, kinds)
        ]
        if not found:
            return None
        near = [device for device in found if scores[found[0]] - scores[device] < MARGIN]
        return self._pool.several(near, scope, wish, phrase, "like")

    def by_known_words(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        """The only name with all the words that any name here has: "going out thingy", "gas intake"."""
        names = self._registry.device_names
        said = tuple(word for word in phrase.said if word not in RELATIONS)
        if phrase.every or not 1 < len(said) <= _FEW_WORDS:
            return None
        known = tuple(word for word in said if names.partial((word,)))
        strange = tuple(word for word in said if word not in known)
        if not 0 < len(strange) <= len(known) or any(map(self._is_telling, strange)):
            return None
        if all((word,) in NOUNS or word in VAGUE or self._places.knows(word) for word in known):
            return self._only_one(known, scope, wish)
        found = [one for one in self._pool.allowed(names.partial(known), scope, wish) if self._willing(one, wish)]
        return self._pool.one_of(found, scope, wish, "like") if found and (len(found) == 1 or not wish.every) else None

    def _is_telling(self, word: str) -> bool:
        """Whether a word means something though no device has it in its name."""
        return word in _JOINING or (word,) in NOUNS or self._places.knows(word)

    def _willing(self, one: str, wish: Wanted) -> bool:
        device = self._registry.devices[one]
        return wish.query or device.domain not in _GUARDED or (wish.rank(device) or 0) < 2

    def _only_one(self, known: tuple[str, ...], scope: Scope | None, wish: Wanted) -> Found | None:
        """The one lamp of the room, asked about where it was given a name that nobody knows."""
        if scope is None and self._places.speaker is not None:
            scope = self._places.of_area(self._places.speaker)
        if scope is None or wish.query or " ".join(known) in _DEFAULTS or (known[-1],) not in NOUNS:
            return None
        found = list(self._pool.allowed(self._registry.device_names.partial(known), scope, wish))
        return Found(choices=tuple(found), how="part") if len(found) == 1 else None

    def plugged(self, noun: Noun, scope: Scope | None, wish: Wanted) -> Found | None:
        """The only plug that is called for what is plugged in: "arch lights" for the plug Garden Arch."""
        if not any(kind.domain == "switch" for kind in noun.kinds) or all(map(self._places.knows, noun.before)):
            return None
        parts = self._registry.device_names.partial(noun.before)[:NARROW]
        plugs = [
            one
            for one in self._pool.allowed(parts, scope, wish)
            if one.startswith("switch.")
            and any(tokens(name)[-1:] == noun.before[-1:] for name in self._pool.names_of(one))
        ]
        return self._pool.one_of(plugs, scope, wish, "part") if len(plugs) == 1 else None
