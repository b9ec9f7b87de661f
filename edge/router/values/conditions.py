"""Spoken conditions: "the greenhouse goes above thirty for ten minutes", "the door is left open at night"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from edge.devices.words import fold_all
from edge.router.contractions import WRITTEN_OUT
from edge.router.values import condition_words as said
from edge.router.values.durations import read_duration
from edge.router.values.hours import Hours, read_hours
from edge.router.values.numbers import mended, split
from edge.router.values.quantities import quantity
from edge.router.values.reworded import reworded
from edge.router.values.states import measures_of
from edge.router.values.thresholds import range_of, threshold

MOST_WORDS: Final = 40


class Relation(StrEnum):
    """How a value, or a state, is compared."""

    ABOVE = "above"
    BELOW = "below"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    REACHES = "reaches"
    """From whichever side it is on now."""
    OUTSIDE = "outside"
    """Of the range from `value` to `high`."""
    WITHIN = "within"
    IS = "is"
    """In a state of this name."""
    IS_NOT = "is_not"
    CHANGES = "changes"
    SILENT = "silent"
    """Nothing is heard of it."""
    RISES_BY = "rises_by"
    FALLS_BY = "falls_by"
    MOVES_BY = "moves_by"
    """Either way."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as it was said; what its subject is, and what its unit is there, only the home knows."""

    subject: str
    """The words for what it is about; empty where nothing is named ("it freezes")."""
    relation: Relation
    value: float | None = None
    high: float | None = None
    unit: str = ""
    """As Home Assistant writes it, `°` for degrees of the home's scale; empty where none was said."""
    measure: str = ""
    """The device class that the words are about ("warmer": temperature)."""
    state: str = ""
    """`open`, `closed`, `on`, `off`, `locked`, `unlocked`, `detected`, `clear`, `wet`, `dry`, `empty`, `full`, …"""
    too: bool = False
    """How much is too much was not said: "gets too hot"."""
    plain: bool = False
    """Whether it only says what is: "the door is open", which may be asked about now."""
    hold_s: int = 0
    """For how long it must hold."""
    over_s: int = 0
    """Within what a rise or a fall counts."""
    hours: Hours | None = None
    besides: tuple["Condition", ...] = ()
    """What must hold, too."""


def condition(text: str) -> Condition | None:
    """The condition that a whole text says; None where it says anything else. Never raises."""
    tokens = reworded(_written_out(text))
    if not 0 < len(tokens) <= MOST_WORDS:
        return None
    return _single(tokens) or _several(tokens)


def _written_out(text: str) -> list[str]:
    tokens: list[str] = []
    for word in mended(split(said.IS_AFTER_NOUN.sub(" is", said.HAS_AFTER_NOUN.sub(" has", text)))):
        tokens += ("it", "is") if word == "its" and not tokens else WRITTEN_OUT.get(word, (word,))
    return [word for word in tokens if word not in said.FILLERS]


# Several in one ----------------------------------------------------------------------------------------------------


def _several(tokens: Sequence[str]) -> Condition | None:
    """Two conditions, or one with two bounds: "… while the pump is off", "… below one bar or over two"."""
    for at, size, joint in _joints(tokens):
        first, rest = tokens[:at], tokens[at + size :]
        main, other = _single(first), _single(rest)
        if main is None and at == 0:
            continue
        if joint == "or":
            either = _either(first, rest)
            if either is not None:
                return either
            continue
        if main is None:
            continue
        if other is None and joint in said.ASIDE:
            return main
        if other is None or other.too:
            continue
        if joint == "unless" and (other := _opposite(other)) is None:
            continue
        if other.hold_s or other.besides:
            continue
        return replace(main, besides=(replace(other, subject=_named(other.subject, main.subject)),))
    return None


def _joints(tokens: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for at in range(1, len(tokens)):
        for words, joint in said.JOINTS:
            if tuple(tokens[at : at + len(words)]) == words:
                yield at, len(words), joint
                break


def _either(first: Sequence[str], rest: Sequence[str]) -> Condition | None:
    """Two bounds of one thing, as the range that is left."""
    one, other = _single(first), _single(rest)
    if one is None or other is None or not _same_subject(one, other):
        return None
    upper = {Relation.ABOVE, Relation.AT_LEAST}
    lower = {Relation.BELOW, Relation.AT_MOST}
    if one.relation in upper and other.relation in lower:
        one, other = other, one
    elif one.relation not in lower or other.relation not in upper:
        return None
    if one.value is None or other.value is None or one.value >= other.value or (one.too or other.too):
        return None
    subject = one.subject or other.subject
    return replace(
        one,
        subject=subject,
        relation=Relation.OUTSIDE,
        high=other.value,
        unit=one.unit or other.unit,
        measure=one.measure or other.measure,
        hold_s=max(one.hold_s, other.hold_s),
        hours=one.hours or other.hours,
    )


def _same_subject(one: Condition, other: Condition) -> bool:
    return other.subject in {"", "it", one.subject} or one.subject in {"", "it"}


def _named(subject: str, before: str) -> str:
    return before if subject in {"", "it", "that"} else subject


def _opposite(one: Condition) -> Condition | None:
    turned = {Relation.IS: Relation.IS_NOT, Relation.IS_NOT: Relation.IS}
    bounds = {Relation.ABOVE: Relation.AT_MOST, Relation.BELOW: Relation.AT_LEAST}
    bounds |= {Relation.AT_LEAST: Relation.BELOW, Relation.AT_MOST: Relation.ABOVE}
    relation = (turned | bounds).get(one.relation)
    return None if relation is None else replace(one, relation=relation)


# One condition -----------------------------------------------------------------------------------------------------


def _single(tokens: Sequence[str]) -> Condition | None:
    """A condition with how long and when, or without."""
    for rest, hours in _hours(tokens):
        for core, hold_s, over_s in _lengths(rest):
            made = _core(core, over_s)
            if made is not None and made.relation is Relation.SILENT:
                hold_s, over_s = hold_s or over_s, 0
            if made is None or (over_s and made.relation not in _MOVES):
                continue
            if hold_s and made.relation in _MOVES:
                made, hold_s = replace(made, over_s=hold_s), 0
            if made.relation in _MOVES:
                made = replace(made, over_s=over_s or made.over_s)
            return replace(made, hold_s=hold_s or made.hold_s, hours=hours)
    return None


_MOVES: Final = frozenset({Relation.RISES_BY, Relation.FALLS_BY, Relation.MOVES_BY})


def _hours(tokens: Sequence[str]) -> Iterator[tuple[Sequence[str], Hours | None]]:
    """The tokens without the hours they end or begin with, the longest first; then as they are."""
    for at in range(1, len(tokens)):
        if (hours := read_hours(tokens[at:])) is not None:
            yield tokens[:at], hours
    for at in range(len(tokens) - 1, 0, -1):
        if (hours := read_hours(tokens[:at])) is not None:
            yield tokens[at:], hours
    yield tokens, None


def _lengths(tokens: Sequence[str]) -> Iterator[tuple[Sequence[str], int, int]]:
    """The tokens without how long it must hold, or within what it must happen; then as they are."""
    for at in range(len(tokens)):
        for lead in said.HOLDS:
            if tuple(tokens[at : at + len(lead)]) != lead:
                continue
            found = _length(tokens, at + len(lead))
            if found is not None:
                yield [*tokens[:at], *tokens[found[1] :]], found[0], 0
        for lead in said.WITHINS:
            if tuple(tokens[at : at + len(lead)]) != lead:
                continue
            found = _length(tokens, at + len(lead))
            if found is not None:
                yield [*tokens[:at], *tokens[found[1] :]], 0, found[0]
    yield tokens, 0, 0


def _length(tokens: Sequence[str], at: int) -> tuple[int, int] | None:
    """A length of time from a token on, in seconds, and where it ends."""
    while at < len(tokens) and tokens[at] in said.ABOUT:
        at += 1
    if tokens[at : at + 1] and tokens[at] in {"minute", "hour", "day"}:
        tokens = [*tokens[:at], "a", *tokens[at:]]
        found = read_duration(tokens, at)
        found = None if found is None else (found[0], found[1] - 1)
    else:
        found = read_duration(tokens, at)
    if found is None:
        return None
    end = found[1]
    for tail in said.HOLD_TAILS:
        if tuple(tokens[end : end + len(tail)]) == tail:
            return found[0].total_s, end + len(tail)
    return found[0].total_s, end


def _core(tokens: Sequence[str], over_s: int) -> Condition | None:
    return _measured(tokens, over_s) or _told_after(tokens) or _stated(tokens)


def _told_after(tokens: Sequence[str]) -> Condition | None:
    """How much is too much, said after it: "gets too strong at forty kilometres an hour"."""
    for at in range(len(tokens) - 1, 0, -1):
        read = threshold(tokens[at + 1 :]) if tokens[at] in said.THRESHOLD_LEADS else None
        stated = _stated(tokens[:at]) if read is not None and not read[3] else None
        if read is not None and stated is not None and stated.too:
            return replace(stated, value=read[0], unit=read[2], too=False)
    return None


def _measured(tokens: Sequence[str], over_s: int) -> Condition | None:
    """A comparison with a number, or one that leaves the number open."""
    for at in range(len(tokens)):
        for words, relation, measure in said.COMPARISONS_BY_FIRST.get(tokens[at], ()):
            if tuple(tokens[at : at + len(words)]) != words:
                continue
            made = _compared(tokens, at, at + len(words), Relation(relation), measure, over_s)
            if made is not None:
                return made
    return None


def _compared(
    tokens: Sequence[str], at: int, end: int, relation: Relation, measure: str, over_s: int
) -> Condition | None:
    before, after = list(tokens[:at]), list(tokens[end:])
    if relation is Relation.SILENT:
        if tokens[end - 1] == "from":
            before, after = after, [word for word in before if word not in said.SPEAKERS]
        return _about(before, after, Condition("", relation))
    is_range = relation in {Relation.OUTSIDE, Relation.WITHIN}
    read = range_of(after) if is_range else threshold(after)
    if read is None:
        return None
    value, high, unit, rest = read
    moves = [word for word in before[-3:] if word in said.MOVES]
    if relation is Relation.ABOVE and over_s and moves and not is_range:
        relation = Relation.RISES_BY if said.MOVES[moves[-1]] > 0 else Relation.FALLS_BY
    if relation in _MOVES and value is not None and value < 0:
        return None
    if tokens[at - 1 : at] == ["not"] and not is_range:
        before = before[:-1]
        turned = _opposite(Condition("", relation))
        if turned is None:
            return None
        relation = turned.relation
    measure, rest = _of_what(measure, rest)
    if unit and not measure and (known := quantity(unit)) is not None and len(known.measures) == 1:
        measure = known.measures[0]
    if relation is Relation.REACHES and tokens[at:end] in (["is"], ["are"]) and not unit:
        return None
    if tuple(rest[:2]) in said.OR_MORE:
        relation, rest = Relation(said.OR_MORE[tuple(rest[:2])]), rest[2:]
    return _about(before, rest, Condition("", relation, value, high, unit, measure))


def _of_what(measure: str, rest: list[str]) -> tuple[str, list[str]]:
    """What a number is of, where that is said after it: "eighty percent humidity"."""
    for size in (2, 1):
        named = measures_of(fold_all(tuple(rest[:size]))) if len(rest) >= size else None
        if named is not None and not measure:
            return named, rest[size:]
    return measure, rest


def _about(before: Sequence[str], after: Sequence[str], made: Condition) -> Condition | None:
    """The condition with its subject; None where a word is left that nobody understood."""
    subject = _subject(before)
    place = _place(after)
    if subject is None or place is None:
        return None
    words = " ".join(part for part in (subject, place) if part)
    return replace(made, subject=words)


def _subject(tokens: Sequence[str]) -> str | None:
    """The words before a relation without the verbs; None for a question about the past or what is to come."""
    words = list(tokens)
    if "going to" in " ".join(words):  # what will be, no sensor says
        return None
    while words and words[-1] in said.VERBS:
        words.pop()
    while words and words[0] in said.LEADS:
        words.pop(0)
    if words and words[0] in said.SOME:
        words[0] = "any"
    if not said.NO_SUBJECT.isdisjoint(words):
        return None
    return " ".join(words)


def _place(tokens: Sequence[str]) -> str | None:
    """What may follow a relation: where, and nothing else."""
    words = [word for word in tokens if word not in said.AFTERTHOUGHTS]
    if not words:
        return ""
    if words[0] in said.PLACE_LEADS and said.NO_SUBJECT.isdisjoint(words) and len(words) <= _LONGEST_PLACE:
        return " ".join(words)
    return None


_LONGEST_PLACE: Final = 6


def _stated(tokens: Sequence[str]) -> Condition | None:
    """A state, or a comparison with what is usual: "gets too hot", "is left open", "starts leaking"."""
    text = " ".join(tokens)
    for pattern, what in said.states():
        found = pattern.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        before, after = (parts.get("s") or "").split(), (parts.get("p") or "").split()
        made = Condition("", Relation(what.relation), what.value, None, what.unit, what.measure, what.state)
        if parts.get("n") or parts.get("m"):
            opposite = _opposite(made)
            if opposite is None:
                return None
            made = opposite
        plain = what.state != "" and bool(parts.get("v")) and parts["v"].split()[-1] in said.BEING
        made = replace(made, too=what.too, plain=plain and not what.too, hold_s=what.hold_s)
        whole = _about(before, after, made)
        if whole is not None:
            return whole
    return None
