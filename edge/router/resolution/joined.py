"""A room joined to what is named in the next one: "the bedroom and bathroom lights" are the lights of both; pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from edge.devices.words import tokens
from edge.router.model import Slot, Span
from edge.router.resolution.phrase import read_noun

_AND: Final = re.compile(r"\s*(?:,\s*(?:and\s+)?|&\s*|\b(?:and|plus)\s+)(?:the\s+)?", re.IGNORECASE)
_IN: Final = re.compile(r"\b(?:in|at|inside|on|for)\s+(?:the\s+)?$", re.IGNORECASE)


def joined(spans: Sequence[Span], text: str, is_place: Callable[[str], bool]) -> tuple[Span, ...]:
    """The spans, with a room that shares the noun after the next room read as named itself."""
    ordered = sorted(spans, key=lambda span: span.start)
    made = list(spans)
    for place, named in pairwise(ordered):
        if (place.slot, named.slot) != (Slot.PLACE, Slot.TARGET) or text[place.start : place.end] != place.text:
            continue
        joint = _AND.fullmatch(text, place.end, named.start)
        noun = read_noun(tokens(named.text)) if joint is not None else None
        if noun is None or not noun.before or _IN.search(text, 0, place.start) is not None:
            continue
        if is_place(" ".join(noun.before)):
            made[made.index(place)] = replace(place, slot=Slot.TARGET)
    return tuple(made)
