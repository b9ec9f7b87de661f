"""What stands at the head of a sentence holds for all its orders: "at sunset, close the blinds and light the lamp"."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.devices.words import listed, words
from edge.router.model import RawCall, Slot
from edge.router.vocabulary import Vocabulary

_WHEN: Final = (Slot.TIME, Slot.DELAY, Slot.CONDITION)
_BEFORE: Final = listed(
    "please, hey, ok, okay, could, can, would, will, you, i, want, need, to, at, in, on, after, within, by, then, and, "
    "so, the, edge, computer, every, from, just"
)
"""Words that may stand before the head."""


def headed(raw: Sequence[RawCall], text: str, vocabulary: Vocabulary) -> list[RawCall]:
    """The calls, each with the time or the condition of the sentence's head where it has none of its own."""
    calls = list(raw)
    if len(calls) < 2:
        return calls
    head = [span for span in calls[0].spans if span.slot in _WHEN]
    first = min((span.start for span in calls[0].spans if span not in head), default=-1)
    head = [span for span in head if 0 <= span.start < first]
    if not head or not set(words(text[: min(span.start for span in head)])) <= _BEFORE:
        return calls
    between = words(text[max(span.end for span in head) : first])
    if not between:
        return calls  # "at seven the blinds": it may as well be the thing's own
    for at, call in enumerate(calls[1:], 1):
        function = vocabulary.functions.get(call.function)
        own = any(span.slot in _WHEN for span in call.spans)
        if function is not None and function.kind != "query" and not own:
            calls[at] = replace(call, spans=(*call.spans, *(span for span in head if span.slot in function.slots)))
    return calls
