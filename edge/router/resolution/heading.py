"""What stands at the head or the end of a sentence holds for all its orders: "at sunset, close the blinds and light
the lamp", "lights off and fan on in the bathroom"."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.devices.words import listed, words
from edge.router.model import RawCall, Slot, Span
from edge.router.vocabulary import Vocabulary

_WHEN: Final = (Slot.TIME, Slot.DELAY, Slot.CONDITION)
_BEFORE: Final = listed(
    "please, hey, ok, okay, could, can, would, will, you, i, want, need, to, at, in, on, after, within, by, then, and, "
    "so, the, edge, computer, every, from, just"
)
"""Words that may stand before the head."""
_POLITE: Final = listed("please, thanks, now, too, as, well, would, you, will, thank, for, me")


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


def last_place(calls: Sequence[RawCall], text: str) -> Span | None:
    """The only place that is said in a sentence of several orders, where it ends in it."""
    places = [span for call in calls for span in call.spans if span.slot is Slot.PLACE]
    if len(calls) < 2 or len(places) != 1 or places[0] not in calls[-1].spans:
        return None
    copied = text[places[0].start : places[0].end] == places[0].text
    return places[0] if copied and set(words(text[places[0].end :])) <= _POLITE else None
