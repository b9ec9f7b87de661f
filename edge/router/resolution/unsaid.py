"""Words that the network left out of its spans though they say where, or what not: "in there", "except this, that"."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from edge.devices.words import listed
from edge.router.model import Slot, Span

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|,")
_BREAKS: Final = listed("and, then, but, also, or") | {","}
_BEFORE: Final = listed("in, over, around, inside")
_WAYS: Final = listed("out, up, down")
"""Words that make another place of "there"."""
_HERE: Final = re.compile(r"\s+(?:here|there)\b", re.IGNORECASE)
_AFTER: Final = listed(", please, now, and, then, too, as, at, to, for, by, when, until, if")
_NOT_BEFORE: Final = listed("is, are, was, were, hi, hello, hey, be, isn't, aren't, will, hang, if, how's, what's")
_AND: Final = re.compile(r"\s*(?:,\s*(?:and\s+)?|(?:and|or|nor)\s+)(?:(?:the|my|our)\s+)?", re.IGNORECASE)
_LONGEST: Final = 4
_MOST_CHARS: Final = 400


def pointed(spans: Sequence[Span], text: str, reach: tuple[int, int], *, asks: bool) -> Span | None:
    """The "here" or "there" of a call that names no place; `reach` is from where to where its clause may stand.

    `asks`: it is a question, where "there" alone points nowhere ("is anyone there").
    """
    if any(span.slot in {Slot.PLACE, Slot.EXCEPT} for span in spans):
        return None
    said = [(found.start(), found.group().lower()) for found in _WORD.finditer(text[:_MOST_CHARS])]
    for at, (start, word) in enumerate(said):
        if word not in {"here", "there"} or not reach[0] <= start < reach[1]:
            continue
        if any(span.start <= start < span.end for span in spans) or _breaks(spans, said, at):
            continue
        before = said[at - 1][1] if at else ""
        after = said[at + 1][1] if at + 1 < len(said) else ""
        if before in _WAYS:
            start = said[at - 1][0]
            end = said[at][0] + len(word)
            return Span(Slot.PLACE, text[start:end], start, end)
        ends = bool(at) and not asks and before not in _NOT_BEFORE and (not after or after in _AFTER)
        if before in _BEFORE or ends:
            return Span(Slot.PLACE, text[start : start + len(word)], start, start + len(word))
    return None


def whole_place(span: Span, text: str) -> Span:
    """ "Out" with the "here" after it that the network left away."""
    copied = span.slot is Slot.PLACE and text[span.start : span.end] == span.text
    rest = _HERE.match(text, span.end) if copied and span.text.lower() in _WAYS else None
    return replace(span, text=text[span.start : rest.end()], end=rest.end()) if rest is not None else span


def _breaks(spans: Sequence[Span], said: Sequence[tuple[int, str]], at: int) -> bool:
    """Whether a word that begins another clause stands between a word and all that the call copied."""
    if not spans:
        return False
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    place = said[at][0]
    return any(word in _BREAKS and (last <= where < place or place < where < first) for where, word in said)


def excepted(spans: Sequence[Span], text: str, end: int, known: Callable[[str], bool]) -> list[Span]:
    """What goes on after the last exception and names something: "except the lamp, the TV and the hall"."""
    spared = [span for span in spans if span.slot is Slot.EXCEPT]
    if not spared or text[spared[-1].start : spared[-1].end] != spared[-1].text:
        return []
    at, more = spared[-1].end, []
    taken = sorted(span.start for span in spans if span.start >= at)
    end = min([end, _MOST_CHARS, *taken])
    while (joint := _AND.match(text, at, end)) is not None:
        words = list(_WORD.finditer(text, joint.end(), end))[:_LONGEST]
        ends = [word.end() for word in words if word.group() != ","]
        found = next((last for last in reversed(ends) if known(text[joint.end() : last])), None)
        if found is None:
            break
        more.append(Span(Slot.EXCEPT, text[joint.end() : found], joint.end(), found))
        at = found
    return more
