"""What "except …" leaves out; all of it must be known, lest something is moved that was to be left alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.resolution.conjuncts import conjuncts
from edge.router.resolution.phrase import read_noun
from edge.router.resolution.places import WHOLE_HOME, Places, Scope
from edge.router.resolution.targets import Targets
from edge.router.resolution.wanted import Wanted

_JOINT_LEFT: Final = re.compile(r"(?:\s*(?:,|\b(?:and|or|nor)))+\s*$", re.IGNORECASE)
"""What joins the next exception, copied with this one."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The devices that stay as they are, and the phrases that name nothing in this home."""

    devices: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()


class Exceptions:
    """Finds what is left out of the devices of one call."""

    def __init__(self, registry: Registry, places: Places, targets: Targets) -> None:
        self._registry = registry
        self._places = places
        self._targets = targets

    def find(self, text: str, scope: Scope | None, wish: Wanted, chosen: Sequence[str]) -> LeftOut:
        """Which of the chosen devices a phrase leaves out, and which parts of it name nothing."""
        text = _JOINT_LEFT.sub("", text)
        whole = self._one(text, scope, wish, chosen)
        if whole is not None:
            return LeftOut(whole)
        parts = conjuncts(text, lambda part: bool(self._registry.device_names.exact(tokens(part))))
        if not parts:
            return LeftOut(unknown=(text,))
        noun = read_noun(tokens(parts[-1]))
        devices: frozenset[str] = frozenset()
        unknown: list[str] = []
        for part in parts:
            more = " ".join(noun.noun) if noun is not None and read_noun(tokens(part)) is None else ""
            found = self._part(part, more, scope, wish, chosen)
            if found is None:
                unknown.append(part)
            else:
                devices |= found
        return LeftOut(devices, tuple(unknown))

    def _part(
        self, part: str, noun: str, scope: Scope | None, wish: Wanted, chosen: Sequence[str]
    ) -> frozenset[str] | None:
        """One of several; the noun of the last may be theirs too: "Anna and Tom's lamp"."""
        if noun and not self._registry.device_names.exact(tokens(part)):
            found = self._device(f"{part} {noun}", scope, wish, chosen)
            if found:
                return found
        return self._one(part, scope, wish, chosen)

    def _one(self, text: str, scope: Scope | None, wish: Wanted, chosen: Sequence[str]) -> frozenset[str] | None:
        """None where the phrase names nothing at all; empty where what it names is none of the chosen."""
        place = None if read_noun(tokens(text)) else self._places.sure(text)
        if place is None and (found := self._device(text, scope, wish, chosen)) is not None:
            return found
        place = place or self._places.find(_without_one(text))
        if place is None or place.areas is None:
            return None
        return frozenset(one for one in chosen if self._registry.devices[one].area in place.areas)

    def _device(self, text: str, scope: Scope | None, wish: Wanted, chosen: Sequence[str]) -> frozenset[str] | None:
        wish = replace(wish, every=True)
        found = self._targets.find(text, scope or WHOLE_HOME, wish) or self._targets.find(text, None, wish)
        return None if found is None else frozenset(found.devices) & frozenset(chosen)


def _without_one(text: str) -> str:
    """ "The ones in the hall" and "the hall one" are the hall."""
    said = text.lower().split()
    while said and said[0] in {"the", "one", "ones", "those", "that", "for", "what", "whats", "what's", "is", "are"}:
        said.pop(0)
    while len(said) > 1 and said[-1] in {"one", "ones"}:
        said.pop()
    return " ".join(said)
