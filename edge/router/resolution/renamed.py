"""Spans put right by the names of this home: "blue lagoon green" is green, for the lamp that is called Blue Lagoon."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from edge.devices.names import NameIndex
from edge.devices.words import listed, tokens
from edge.router.model import Slot, Span
from edge.router.resolution.phrase import read_noun
from edge.router.values.colors import color

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_VALUES: Final = frozenset({Slot.COLOR, Slot.MODE})
_YIELDING: Final = _VALUES | {Slot.TARGET, Slot.PLACE}
"""Slots whose words a device's full name may claim."""
_JOINTS: Final = listed("to, in, into, at, on, the, a, with, and, of, as, for, is, be, turn, set, make")
_LONGEST: Final = 6
_MOST: Final = 3
_VERBS: Final = listed("turn, switch, put, flip, power, set, leave, keep, be, turned, switched")
_ENDING: Final = listed("deactivate, disable, stop, end, exit, quit, cancel, finish, kill, leave")
_ENDS: Final = listed(", please, in, at, and, now, again, for, then, until, when, if, too")


def renamed(spans: Sequence[Span], text: str, names: NameIndex, fits: Callable[[str], bool]) -> tuple[Span, ...]:
    """The spans, with a colour or mode that is part of a device's full name made a target; the rest keeps its slot.

    `fits` tells whether the call may be for a device. Spans that were not copied from `text` stay as they are.
    """
    claimed = tuple(spans)
    for _ in range(_MOST):
        if not any(span.slot in _VALUES for span in claimed):
            break
        run = _run(claimed, text, names, fits)
        if run is None:
            break
        start, end = run
        kept = [rest for span in claimed for rest in _without(span, text, start, end)]
        kept.append(Span(Slot.TARGET, text[start:end], start, end))
        claimed = tuple(sorted(kept, key=lambda span: span.start))
    return claimed


def _run(spans: Sequence[Span], text: str, names: NameIndex, fits: Callable[[str], bool]) -> tuple[int, int] | None:
    """From where to where the longest name stands that takes words of a colour or mode."""
    if any(text[span.start : span.end] != span.text for span in spans if span.slot in _YIELDING):
        return None
    named = [span for span in spans if span.slot is Slot.TARGET]
    if any(names.exact(tokens(span.text)) for span in named):
        return None
    words = [(found.start(), found.end()) for found in _WORD.finditer(text[:400])]
    for size in range(min(_LONGEST, names.longest, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            start, end = words[at][0], words[at + size - 1][1]
            met = [span for span in spans if span.start < end and start < span.end]
            slots = {span.slot for span in met}
            if not slots & _VALUES or not slots <= _YIELDING or (named and Slot.TARGET not in slots):
                continue
            if size == 1 and color(text[start:end]) is not None:
                continue
            if any(fits(device) for device in names.exact(tokens(text[start:end]))):
                return start, end
    return None


def _without(span: Span, text: str, start: int, end: int) -> list[Span]:
    """What a name leaves of a span, before and after it."""
    if span.end <= start or end <= span.start:
        return [span]
    rests = []
    for first, last in ((span.start, min(span.end, start)), (max(span.start, end), span.end)):
        words = [(first + found.start(), first + found.end()) for found in _WORD.finditer(text[first:last])]
        while words and text[words[0][0] : words[0][1]].lower() in _JOINTS:
            words.pop(0)
        while words and text[words[-1][0] : words[-1][1]].lower() in _JOINTS:
            words.pop()
        if not words:
            continue
        rest = replace(span, text=text[words[0][0] : words[-1][1]], start=words[0][0], end=words[-1][1])
        noun = read_noun(tokens(rest.text))
        if span.slot is not Slot.TARGET or noun is None or noun.before:
            rests.append(rest)
    return rests


def completed(spans: Sequence[Span], text: str, names: NameIndex, fits: Callable[[str], bool]) -> tuple[Span, ...]:
    """The spans, a part of a device's full name grown to the whole of it: "movie" of "turn off movie mode"."""
    return tuple(_grown(span, spans, text, names, fits) if span.slot is Slot.TARGET else span for span in spans)


def _grown(span: Span, spans: Sequence[Span], text: str, names: NameIndex, fits: Callable[[str], bool]) -> Span:
    if text[span.start : span.end] != span.text or names.exact(tokens(span.text)):
        return span
    before = max((one.end for one in spans if one.end <= span.start), default=0)
    after = min((one.start for one in spans if one.start >= span.end), default=len(text))
    words = [(found.start(), found.end()) for found in _WORD.finditer(text[: min(after, 400)], before)]
    first = next((at for at, (start, _) in enumerate(words) if start >= span.start), 0)
    last = next((at for at, (_, end) in enumerate(words) if end >= span.end), len(words) - 1)
    longest = min(_LONGEST, names.longest)
    for size in range(longest, last - first + 1, -1):
        for at in range(max(0, last - size + 1), min(first, len(words) - size) + 1):
            start, end = words[at][0], words[at + size - 1][1]
            if any(map(fits, names.exact(tokens(text[start:end])))):
                return replace(span, text=text[start:end], start=start, end=end)
    return span


def ended(spans: Sequence[Span], text: str, start: int, end: int) -> bool:
    """Whether an order between two places of the text is one to end something: "off", or "disable" before its name."""
    if switched(spans, text, start, end) == "off":
        return True
    first = min((span.start for span in spans), default=end)
    return any(found.group().lower() in _ENDING for found in _WORD.finditer(text[:400], start, min(first, end, 400)))


def switched(spans: Sequence[Span], text: str, start: int, end: int) -> str | None:
    """`on` or `off`, where an order that gives no value says so between two places of the text; None for both."""
    said = [(found.start(), found.group().lower()) for found in _WORD.finditer(text[:400], start, min(end, 400))]
    found = set()
    for at, (place, word) in enumerate(said):
        inside = next((span for span in spans if span.start <= place < span.end), None)
        if word not in {"on", "off"} or (inside is not None and inside.text.lower() != word):
            continue
        before = said[at - 1][1] if at else ""
        after = said[at + 1][1] if at + 1 < len(said) else ""
        if word == "off" or inside is not None or before in _VERBS or after in _ENDS:
            found.add(word)
    return found.pop() if len(found) == 1 else None
