"""What a question is after that the network has no slot for: who is there, what is set, what plays, what is left."""

import re
from typing import Final

from edge.devices.nouns import NOUNS
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens, words
from edge.router.model import Slot, Span
from edge.router.resolution.places import Places
from edge.router.vocabulary import Function, Vocabulary

Asked = tuple[Function, tuple[Span, ...]]
_SOMEBODY: Final = listed("anyone, anybody, someone, somebody, nobody, noone, everyone, everybody, people")
_WHAT: Final = listed("what, whats")
_TARGET: Final = re.compile(r"\b(?:set|turned|put) (?:to|at|on)\b|\btarget\b|\bset ?point\b", re.IGNORECASE)
_OF_A_PLACE: Final = frozenset({Slot.PLACE, Slot.TIME, Slot.AGGREGATE})
_LEFT: Final = (("left",), ("remaining",))
"""What sensors of how long something still takes have in their names."""
_STEM: Final = 4
"""Letters that make two words one: "wash" and "washing"."""


def asked(
    function: Function, spans: tuple[Span, ...], text: str, vocabulary: Vocabulary, registry: Registry, places: Places
) -> Asked:
    """The function and the spans of a question, with what its other words tell."""
    match function.name:
        case "state.get":
            return function, _played(_present(spans, text, registry, places), text)
        case "climate.get_temperature" if _TARGET.search(text) is not None:
            named = any(span.slot is Slot.TARGET for span in spans)
            thermostat = () if named else (Span(Slot.TARGET, "thermostat", -1, -1),)
            return vocabulary.functions["state.get"], (*spans, *thermostat)
        case "timer.status" if "timer" not in words(text) and (sensor := _left(spans, registry)) is not None:
            return vocabulary.functions["sensor.query"], (Span(Slot.TARGET, sensor, -1, -1),)
    return function, spans


def _present(spans: tuple[Span, ...], text: str, registry: Registry, places: Places) -> tuple[Span, ...]:
    """ "Is anyone in the hall" asks what tells whether somebody is, where anything there does."""
    slots = {span.slot for span in spans}
    if Slot.PLACE not in slots or not slots <= _OF_A_PLACE or _SOMEBODY.isdisjoint(words(text)):
        return spans
    if not any(_watched(span.text, registry, places) for span in spans if span.slot is Slot.PLACE):
        return spans
    return (*spans, Span(Slot.TARGET, "presence", -1, -1), Span(Slot.STATE, "occupied", -1, -1))


def _watched(place: str, registry: Registry, places: Places) -> bool:
    scope = places.sure(place)
    return any(
        True
        for area in (scope.areas or () if scope is not None else ())
        for kind in NOUNS["presence",]
        for _ in registry.of_kind(kind.domain, kind.device_class, area)
    )


def _played(spans: tuple[Span, ...], text: str) -> tuple[Span, ...]:
    """ "What is playing" is no question of yes or no."""
    if words(text)[:1] and words(text)[0] in _WHAT and not any(span.slot is Slot.AGGREGATE for span in spans):
        return tuple(span for span in spans if span.slot is not Slot.STATE or words(span.text) != ("playing",))
    return spans


def _left(spans: tuple[Span, ...], registry: Registry) -> str | None:
    """The name of the only sensor that tells how long what was named still takes: "the wash"."""
    said = {word for span in spans if span.slot is Slot.LABEL for word in tokens(span.text) if len(word) >= _STEM}
    names = {
        registry.devices[one].name
        for left in _LEFT
        for one in registry.device_names.partial(left)
        if one.startswith("sensor.")
    }
    meant = [
        name
        for name in names
        if any(
            one.startswith(word) or word.startswith(one) for word in said for one in tokens(name) if len(one) >= _STEM
        )
    ]
    return meant[0] if len(meant) == 1 else None
