"""Values that were said twice in one order: each its own call, parts of one value, or a question which is meant."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from edge.devices.words import tokens, words
from edge.errors import EdgeError
from edge.router.model import Slot, Span
from edge.router.resolution.conjuncts import conjuncts
from edge.router.values import states
from edge.router.values.clock import read_clock
from edge.router.values.durations import duration
from edge.router.values.numbers import split
from edge.router.vocabulary import Function

_ONCE: Final = (
    *(Slot.LEVEL, Slot.STEP, Slot.COLOR, Slot.MODE, Slot.STATE, Slot.MEASURE, Slot.AGGREGATE, Slot.DURATION),
    *(Slot.DELAY, Slot.TIME, Slot.LABEL, Slot.LIST, Slot.MESSAGE, Slot.MEDIA, Slot.CONDITION),
)
"""Slots of which a call has one value."""
_PAIRED: Final = (Slot.TARGET, Slot.PLACE, Slot.ITEM)
_AND: Final = frozenset({"and", "plus", "then", ",", "also"})
_ASIDE: Final = frozenset({Slot.STATE, Slot.MEASURE, Slot.AGGREGATE})
"""Slots of questions, of which a second value counts only where it is joined to the first."""
_LOOSE: Final = frozenset({"which", "any", "all", "sum", None})
_UNITS: Final = (("second", "sec"), ("minute", "min"), ("hour", "hr"), ("day",), ("week",))
_HALF_OF_DAY: Final = re.compile(
    r"\b(am|pm|a\.m\.|p\.m\.|(?:in the |tomorrow )?(?:morning|afternoon|evening)|tonight)\s*$", re.IGNORECASE
)


class UnclearError(EdgeError):
    """Two values for one thing; says both."""


def calls(function: Function, spans: Sequence[Span], text: str) -> list[tuple[Span, ...]]:
    """The spans of each call that one raw call stands for. Raises `UnclearError` where nothing tells which is meant."""
    groups: dict[Slot, list[Span]] = {}
    for span in _timed(function, spans):
        groups.setdefault(span.slot, []).append(span)
    if not any(len(groups.get(slot, ())) > 1 for slot in _ONCE):
        return [tuple(spans)]
    for slot in _ONCE:
        if len(groups.get(slot, ())) > 1:
            groups[slot] = _merged(slot, groups[slot], text)
    many = {slot: groups[slot] for slot in _ONCE if len(groups.get(slot, ())) > 1}
    if not many:
        return [_flat(groups)]
    count = max(map(len, many.values()))
    for slot in _PAIRED:
        if len(groups.get(slot, ())) == count:
            many[slot] = groups[slot]
    values = [group for slot, group in many.items() if slot not in _PAIRED]
    if Slot.TARGET in function.slots and function.kind != "query" and len(many) == len(values):
        raise UnclearError(f"{values[0][0].text} or {values[0][1].text}?".capitalize())
    return [
        _flat(groups | {slot: group[min(at, len(group) - 1) :][:1] for slot, group in many.items()})
        for at in range(count)
    ]


def by_place(spans: Sequence[Span]) -> list[tuple[Span, ...]]:
    """A call for each thing with its own place: "the curtains in the den and the blinds in the hall"."""
    ordered = sorted((span for span in spans if span.slot in {Slot.TARGET, Slot.PLACE}), key=lambda span: span.start)
    pairs = list(zip(ordered[::2], ordered[1::2], strict=False))
    slots = {(one.slot, other.slot) for one, other in pairs}
    apart = len({span.start for span in ordered}) == len(ordered)
    turns = slots in ({(Slot.TARGET, Slot.PLACE)}, {(Slot.PLACE, Slot.TARGET)})
    if len(pairs) < 2 or len(ordered) % 2 or not turns or not apart:
        return [tuple(spans)]
    return [tuple(span for span in spans if span not in ordered or span in pair) for pair in pairs]


def _timed(function: Function, spans: Sequence[Span]) -> list[Span]:
    """The spans, several clock times that were left in one piece parted: "six and seven in the morning"."""
    apart: list[Span] = []
    for span in spans:
        parts = conjuncts(span.text, lambda _: False) if span.slot is Slot.TIME and function.kind != "query" else []
        if len(parts) < 2 or any(read_clock(split(part)) is None for part in parts):
            apart.append(span)
            continue
        half = _HALF_OF_DAY.search(parts[-1])
        for part in parts:
            told = half is None or _HALF_OF_DAY.search(part) is not None
            apart.append(Span(Slot.TIME, part if told else f"{part} {half.group(1) if half else ''}", -1, -1))
    return apart


def _flat(groups: Mapping[Slot, Sequence[Span]]) -> tuple[Span, ...]:
    return tuple(sorted((span for group in groups.values() for span in group), key=lambda span: span.start))


def _merged(slot: Slot, group: Sequence[Span], text: str) -> list[Span]:
    """The different values of one slot; what are parts of one value put together."""
    merged: list[Span] = []
    for span in group:
        if not merged:
            merged.append(span)
            continue
        last = merged[-1]
        if tokens(last.text) == tokens(span.text):
            continue
        between = _between(last, span, text)
        if slot in _ASIDE:
            if slot is Slot.STATE and states.state(last.text) is None:
                merged[-1] = span
                continue
            if between is not None and not _is_and(between):
                merged[-1] = span if slot is Slot.AGGREGATE and states.aggregate(last.text) in _LOOSE else last
                continue
        elif between is not None and _is_one(slot, last, span, between):
            whole = last.text + " " + span.text
            if slot in {Slot.DURATION, Slot.MEDIA, Slot.MODE, Slot.COLOR} or _is_and(between):
                whole = text[last.start : span.end]
            merged[-1] = replace(last, text=whole, end=span.end)
            continue
        elif slot is Slot.DURATION and _unit(last) is None and _unit(span) is not None:
            merged[-1] = replace(last, text=f"{last.text} {words(span.text)[-1]}")
        merged.append(span)
    return merged


def _between(one: Span, other: Span, text: str) -> str | None:
    """The words between two spans; None where the spans were not copied from the text."""
    if one.start < 0 or other.start < 0:
        return None
    if text[one.start : one.end] == one.text and text[other.start : other.end] == other.text and one.end <= other.start:
        return text[one.end : other.start].lower()
    return None


def _is_and(between: str) -> bool:
    return not _AND.isdisjoint(between.replace(",", " , ").split())


def _is_one(slot: Slot, one: Span, other: Span, between: str) -> bool:
    """Whether two spans are parts of one value: "tomorrow … at five", "an hour and … twenty minutes"."""
    if slot is Slot.TIME:
        return read_clock(split(one.text)) is None or read_clock(split(other.text)) is None
    if slot in {Slot.DURATION, Slot.DELAY}:
        larger, smaller = _unit(one), _unit(other)
        if smaller is None:
            return larger is not None and duration(f"{one.text} {between} {other.text}") is not None
        return larger is not None and larger > smaller
    if slot in {Slot.COLOR, Slot.MODE}:
        return not between.strip()
    return slot in {Slot.MESSAGE, Slot.MEDIA, Slot.CONDITION} and not _is_and(between)


def _unit(span: Span) -> int | None:
    said = words(span.text)
    return next(
        (size for size, names in enumerate(_UNITS) if any(word.startswith(names) for word in said)),
        None,
    )
