"""Puts an answer into words: what was asked about, the figure with its unit, when it was, and what is not known."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from edge.assistant.asking import stating
from edge.assistant.asking.comparing import best_of, compared
from edge.assistant.asking.naming import Namer, amount, bare, length, point, times
from edge.assistant.phrases import sentence
from edge.devices.registry import Registry
from edge.sensors.history.model import Point, Sort
from edge.sensors.questions import Answer, Figure, Form, Question, What

_ASKED_WHAT: Final = re.compile(r"(?:what|how|tell me what)\b.*\b(?:usual|normal|typical)")
_DOUBTED: Final = re.compile(r"\b(?:un\w+ly|unusual|abnormal\w*|strange|odd|weird|than (?:usual|normal)|unexpected)\b")
_WHETHER: Final = re.compile(r"(?:has|have|had|did|does|do|is|was|were|are)\b")
_GAP: Final = 0.1
"""Of the time asked about; what is less is not worth saying."""


def worded(answer: Answer, registry: Registry, local: Callable[[float], datetime], *, trusted: bool = True) -> str:
    """The answer, a sentence or two; `trusted`: whether the clock is known to be right."""
    namer = Namer(registry, local, answer.now_s)
    question = answer.question
    if all(figure.empty for figure in answer.figures):
        return sentence(_nothing(answer.figures[0], namer)) if answer.figures else "I remember nothing of that."
    if question.form is Form.COMPARE:
        text = compared(answer, namer)
    elif question.form in (Form.WHICH, Form.WHICH_DAY):
        text = best_of(answer, namer)
    else:
        chosen = [one for one in answer.figures if not one.empty]
        merged = question.what in (What.LOWEST, What.HIGHEST) and answer.best is not None
        figures = [answer.figures[answer.best or 0]] if merged else chosen
        text = " ".join(sentence(plain(question, figure, namer)) for figure in figures)
    notes = "".join(_notes(figure, namer) for figure in answer.figures[:2])
    doubt = "" if trusted else " That is if my clock is right: nothing has set it since I started."
    return f"{sentence(text)}{notes}{doubt}"


def plain(question: Question, figure: Figure, namer: Namer) -> str:
    """One figure of one sensor."""
    if figure.empty:
        return _nothing(figure, namer)
    if question.what is What.NORMAL:
        return _normal(question, figure, namer)
    if figure.sensor.sort is Sort.STATE or question.test is not None:
        return stating.stated(question, figure, namer)
    worder = _WORDERS.get(question.what, _value)
    return worder(question, figure, namer)


def _value(_question: Question, figure: Figure, namer: Namer) -> str:
    thing, span = namer.thing(figure.sensor), figure.span
    if span.moment and span.given:
        return f"{span.said} {thing} was at {'about ' if figure.about else ''}{amount(figure.value, figure)}"
    said = f"{thing} is at {amount(figure.value, figure)}"
    if figure.at_s is not None and span.end_s - figure.at_s > 3 * 3600:
        return f"{thing} was at {amount(figure.value, figure)} {namer.at(figure.at_s)}, which is the last I heard of it"
    return said


def _extreme(question: Question, figure: Figure, namer: Namer) -> str:
    low = question.what is What.LOWEST or (question.what is not What.HIGHEST and question.direction == "low")
    word = ("coldest" if low else "warmest") if namer.is_warmth(figure.sensor) else "lowest" if low else "highest"
    at = "" if figure.at_s is None else namer.at(figure.at_s, figure.span, about=figure.about)
    return f"{figure.span.said} {namer.thing(figure.sensor)} was {word} {at}: {amount(figure.value, figure)}"


def _when(question: Question, figure: Figure, namer: Namer) -> str:
    if question.what is What.SINCE and figure.at_s is not None:
        return f"{length(figure.span.end_s - figure.at_s)} ago: {_extreme(question, figure, namer)}"
    return _extreme(question, figure, namer)


def _average(_question: Question, figure: Figure, namer: Namer) -> str:
    span, thing = figure.span.said, namer.thing(figure.sensor)
    said = f"{span} {thing} was at {amount(figure.mean, figure, mean=True)} on average"
    if figure.low is None or figure.high is None or figure.low.value == figure.high.value:
        return said
    return f"{said}, between {bare(figure.low.value, figure)} and {bare(figure.high.value, figure)}"


def _range(question: Question, figure: Figure, namer: Namer) -> str:
    if figure.low is None or figure.high is None:
        return _average(question, figure, namer)
    low, high = (f"{point(one, figure)} {namer.at(one.at_s, figure.span)}" for one in (figure.low, figure.high))
    spread = ""
    if isinstance(figure.low.value, int | float) and isinstance(figure.high.value, int | float):
        spread = f", a range of {amount(figure.high.value - figure.low.value, figure)}"
    return f"{figure.span.said} {namer.thing(figure.sensor)} was between {low} and {high}{spread}"


def _total(_question: Question, figure: Figure, namer: Namer) -> str:
    return f"{figure.span.said} {namer.thing(figure.sensor)} came to {amount(figure.value, figure)}"


def _change(question: Question, figure: Figure, namer: Namer) -> str:
    thing, value = namer.quantity(figure.sensor), figure.value
    if not isinstance(value, int | float) or figure.low is None or figure.high is None:
        return _nothing(figure, namer)
    ends = f"from {bare(figure.low.value, figure)} to {point(figure.high, figure)}"
    if round(value, figure.places) == 0:
        way = {"low": "did not fall", "high": "did not rise"}.get(question.direction, "did not change")
        no = "No, " if _WHETHER.match(question.asked.lower()) else ""
        return f"{no}{figure.span.said} {thing} {way}: it was at {point(figure.high, figure)}"
    way = "rose" if value > 0 else "fell"
    when = f"{namer.at(figure.low.at_s, figure.span)} to {namer.at(figure.high.at_s, figure.span)}".replace(
        " to at ", " to "
    )
    when = f"from {when.removeprefix('at ').removeprefix('on ')}".replace(" to on ", " to ")
    yes = "Yes, " if _WHETHER.match(question.asked.lower()) and question.direction else ""
    return f"{yes}{figure.span.said} {thing} {way} by {amount(abs(value), figure)}, {ends}, {when}"


def _trend(_question: Question, figure: Figure, namer: Namer) -> str:
    thing, span = namer.quantity(figure.sensor), figure.span
    if not isinstance(figure.value, int | float):
        return _nothing(figure, namer)
    lasts = "was" if span.given else "has been"
    now = f"{bare(figure.low.value, figure)} to {point(figure.high, figure)}" if figure.low and figure.high else ""
    if not figure.holds:
        return f"{thing} {lasts} steady {span.said}, at {point(figure.high, figure)}"
    way = "rising" if figure.value > 0 else "falling"
    ends = f", from {now}"
    if not _agree(figure):
        ends = f"; it {'was' if span.given else 'is'} at {point(figure.high, figure)} in the end"
    return f"{thing} {lasts} {way} {span.said}: by {amount(abs(figure.value), figure)}{ends}"


def _agree(figure: Figure) -> bool:
    """Whether the ends lie as the line through all that is between them goes; a last reading may be far from it."""
    ends = [one.value if one is not None else None for one in (figure.low, figure.high)]
    first, last = (one if isinstance(one, int | float) else 0.0 for one in ends)
    return isinstance(figure.value, int | float) and (last - first) * figure.value > 0


def _normal(question: Question, figure: Figure, namer: Namer) -> str:
    thing, span = namer.thing(figure.sensor), figure.span
    value = figure.value if figure.value is not None else figure.mean
    shown = amount(value, figure)
    if figure.value is None and figure.mean is None:
        shown = length(figure.seconds) if figure.seconds is not None else times(figure.times or 0)
    if figure.normal is None or figure.middle is None:
        return f"I can't tell yet what is normal for {thing}: it takes some days. It is at {shown}"
    usual = f"between {bare(figure.normal[0], figure)} and {amount(figure.normal[1], figure)}"
    if figure.value is None and figure.mean is None and figure.seconds is not None:
        usual = f"between {length(max(0.0, figure.normal[0]))} and {length(figure.normal[1])}"
    when = "at this hour" if not span.given else "in that time"
    if _ASKED_WHAT.match(question.asked.lower()) and span.moment:
        return f"{thing} is usually {usual} {when}; it {'was' if span.given else 'is'} at {shown}"
    doubted = _DOUBTED.search(question.asked.lower()) is not None
    if figure.holds:
        yes = "No" if doubted else "Yes"
        return (
            f"{yes}, that is normal: {thing} is usually {usual} {when}, and {'was' if span.given else 'is'} at {shown}"
        )
    higher = isinstance(value, int | float) and value > figure.middle
    what = "higher" if higher else "lower"
    yes = "Yes" if doubted else "No"
    return f"{yes}, that is unusual: {shown} is {what} than usual for {thing}, which is {usual} {when}"


_WORDERS: Final[dict[What, Callable[[Question, Figure, Namer], str]]] = {
    What.LOWEST: _extreme,
    What.HIGHEST: _extreme,
    What.WHEN: _when,
    What.SINCE: _when,
    What.AVERAGE: _average,
    What.RANGE: _range,
    What.TOTAL: _total,
    What.CHANGE: _change,
    What.TREND: _trend,
}


# What is not known ---------------------------------------------------------------------------------------------------


def _nothing(figure: Figure, namer: Namer) -> str:
    thing, span = namer.thing(figure.sensor), figure.span
    if figure.begins_s is None and figure.last is None:
        return f"I remember nothing of {thing} yet"
    if figure.begins_s is not None and figure.begins_s > span.end_s:
        return f"I can't tell: my record of {thing} begins only {namer.at(figure.begins_s)}"
    said = f"I heard nothing from {thing} {span.said}"
    if figure.last is not None and figure.last.value is not None:
        return f"{said}; the last was {_last(figure.last, figure)} {namer.at(figure.last.at_s)}"
    return said


def _last(last: Point, figure: Figure) -> str:
    return amount(last.value, figure)


def _notes(figure: Figure, namer: Namer) -> str:
    """What makes the figure doubtful: silence in the time asked about, or a record that begins within it."""
    if figure.empty:
        return ""
    span, notes = figure.span, ""
    begins_s = figure.begins_s
    if begins_s is not None and span.given and span.start_s + 3600 < begins_s < span.end_s:
        notes += f" My record of it begins only {namer.at(begins_s)}."
    gaps = [gap for gap in figure.gaps if begins_s is None or gap.until_s > begins_s + 3700]
    if gaps and not span.moment and sum(gap.until_s - gap.since_s for gap in gaps) >= _GAP * span.seconds:
        longest = gaps[0]
        more = "" if len(gaps) == 1 else ", nor at some other times"
        until = namer.clock(longest.until_s) if namer.same_day(longest.since_s, longest.until_s) else (
            namer.at(longest.until_s)
        )  # fmt: skip
        since = namer.at(longest.since_s)
        notes += f" I heard nothing from it from {since.removeprefix('at ')} to {until.removeprefix('at ')}{more}."
    return notes
