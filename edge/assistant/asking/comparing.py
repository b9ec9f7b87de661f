"""Words for one figure against another, and for which was the most or the least."""

from dataclasses import replace
from typing import Final

from edge.assistant.asking.naming import Namer, amount, bare, length, times
from edge.assistant.asking.stating import said_of
from edge.assistant.phrases import sentence
from edge.sensors.history.model import Sort
from edge.sensors.questions import Answer, Figure, Form, Question, What

_WORDS: Final = {
    "temperature": ("colder", "warmer"), "humidity": ("drier", "more humid"), "moisture": ("drier", "wetter"),
    "illuminance": ("darker", "brighter"), "wind_speed": ("calmer", "windier"),
}  # fmt: skip
_MOST: Final = {"temperature": ("coldest", "warmest"), "humidity": ("driest", "most humid"),
                "moisture": ("driest", "wettest"), "illuminance": ("darkest", "brightest")}  # fmt: skip
_HOW: Final = {What.AVERAGE: " on average", What.LOWEST: " at the lowest", What.HIGHEST: " at the highest"}


def compared(answer: Answer, namer: Namer) -> str:
    """One with another; says yes or no where that was asked."""
    question = answer.question
    if len(answer.figures) < 2 or any(one.empty for one in answer.figures[:2]):
        known = next((one for one in answer.figures if not one.empty), answer.figures[0])
        lacking = next((one for one in answer.figures if one.empty), known)
        return (
            f"I can't compare them: I know nothing of {namer.thing(lacking.sensor)} {lacking.span.said}, "
            f"only {_amount(question, known)} of {namer.thing(known.sensor)} {known.span.said}"
        )
    places = max(figure.places for figure in answer.figures[:2])
    one, other = (replace(figure, places=places) for figure in answer.figures[:2])
    first, second = _value(question, one), _value(question, other)
    difference = abs(_rounded(question, one, first) - _rounded(question, one, second))
    sensors = one.sensor.key != other.sensor.key
    left, right = (namer.thing(one.sensor), namer.thing(other.sensor)) if sensors else (one.span.said, other.span.said)
    was = "is" if not one.span.given else "was"
    shown = _difference(question, one, difference)
    figures = f"{_bare(question, one)} against {_amount(question, other)}{_HOW.get(question.what, '')}"
    word = _relation(question, one, low=first < second)
    verdict = _verdict(question, first, second)
    if _same(question, one, difference):
        what = f"{left} and {right} {'are' if was == 'is' else 'were'} the same"
        span = f" {one.span.said}" if sensors and one.span.given else ""
        return f"{'No, ' if verdict is not None else ''}{what}{span}: {_amount(question, one)}"
    yes = {True: "Yes, ", False: "No, ", None: ""}[verdict]
    if sensors:
        span = f" {one.span.said}" if one.span.given else ""
        return f"{yes}{left} {was} {word} than {right}{span}: {figures}, {shown} {_less(low=first < second)}"
    return (
        f"{yes}{namer.thing(one.sensor)} {was} {word} {left} than {right}: {figures}, "
        f"{shown} {_less(low=first < second)}"
    )


def best_of(answer: Answer, namer: Namer) -> str:
    """Which had the most or the least, and what came next."""
    question = answer.question
    if answer.best is None:
        return "I can't tell: I know too little of them"
    best = answer.figures[answer.best]
    order = sorted(
        (one for one in answer.figures if not one.empty),
        key=lambda one: _value(question, one),
        reverse=question.direction != "low",
    )
    span = best.span.said if best.span.given else ""
    if question.form is Form.WHICH_DAY:
        at = f" {namer.at(best.at_s, best.span)}" if best.at_s is not None else ""
        return sentence(f"{namer.day(best.span.start_s)}: {namer.thing(best.sensor)} {_day_words(question, best)}{at}")
    place = namer.name if best.sensor.sort is Sort.STATE else namer.place
    names = {place(one.sensor) for one in answer.figures}
    if len(names) < len(answer.figures):
        place = namer.name
    was = "was" if span else "is"
    at = f" {namer.at(best.at_s, best.span)}" if best.at_s is not None and question.what in (
        What.LOWEST, What.HIGHEST) else ""  # fmt: skip
    when = f" {span}" if span else ""
    how = f"{_amount(question, best)}{_HOW.get(question.what, '')}{at}"
    text = f"{place(best.sensor)} {was} {_most(question, best)}{when}: {how}"
    if question.test is not None:
        said = said_of(question, best)
        if question.what is What.COUNT:
            text = f"{place(best.sensor)} {said.came} most often {span}: {times(best.times or 0)}"
        else:
            text = f"{place(best.sensor)} was {said.be} longest {span}: {length(best.seconds or 0)}"
    if len(order) > 1:
        text += f"; then {place(order[1].sensor)} with {_amount(question, order[1])}"
    return text


def _day_words(question: Question, figure: Figure) -> str:
    if question.what is What.TOTAL:
        return f"came to {_amount(question, figure)}"
    return f"was {_most(question, figure)} with {_amount(question, figure)}"


def _value(question: Question, figure: Figure) -> float:
    if question.what in (What.COUNT, What.DAYS):
        return float(figure.times or 0)
    if question.what in (What.DURATION, What.LONGEST):
        return figure.seconds or 0.0
    value = figure.value if isinstance(figure.value, int | float) else figure.mean
    return float(value) if value is not None else 0.0


def _amount(question: Question, figure: Figure) -> str:
    if question.what in (What.COUNT, What.DAYS):
        return times(figure.times or 0)
    if question.what in (What.DURATION, What.LONGEST):
        return length(figure.seconds or 0.0)
    return amount(_value(question, figure), figure, mean=question.what is What.AVERAGE)


def _bare(question: Question, figure: Figure) -> str:
    if question.what in (What.COUNT, What.DAYS, What.DURATION, What.LONGEST):
        return _amount(question, figure)
    return bare(_value(question, figure), figure, mean=question.what is What.AVERAGE)


def _difference(question: Question, figure: Figure, difference: float) -> str:
    if question.what in (What.COUNT, What.DAYS):
        return str(round(difference))
    if question.what in (What.DURATION, What.LONGEST):
        return length(difference)
    return amount(difference, figure, mean=question.what is What.AVERAGE)


def _rounded(question: Question, figure: Figure, value: float) -> float:
    """As it is said, so that what is said adds up."""
    if question.what in (What.DURATION, What.LONGEST):
        return value
    return round(value, max(1, figure.places) if question.what is What.AVERAGE else figure.places)


def _same(question: Question, figure: Figure, difference: float) -> bool:
    if question.what in (What.DURATION, What.LONGEST):
        return difference < 1
    return difference == 0 or round(difference, figure.places + 1) == 0


def _verdict(question: Question, first: float, second: float) -> bool | None:
    asked = question.asked.lower().split()
    if not question.direction or not asked or asked[0] not in _WHETHER or "or" in asked:
        return None  # "in the bedroom or the hall" is answered by one of them
    return first > second if question.direction == "high" else first < second


_WHETHER: Final = frozenset({"is", "was", "are", "were", "did", "do", "does", "has", "have", "had"})


def _relation(question: Question, figure: Figure, *, low: bool) -> str:
    if question.what is What.COUNT:
        return "less often so" if low else "more often so"
    if question.what in (What.DURATION, What.LONGEST):
        return "so for less time" if low else "so for longer"
    if question.what is What.TOTAL:
        return "less" if low else "more"
    return _WORDS.get(figure.sensor.device_class, ("lower", "higher"))[0 if low else 1]


def _less(*, low: bool) -> str:
    return "less" if low else "more"


def _most(question: Question, figure: Figure) -> str:
    low = question.direction == "low"
    return _MOST.get(figure.sensor.device_class, ("lowest", "highest"))[0 if low else 1]
