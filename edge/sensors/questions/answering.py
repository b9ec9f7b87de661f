"""Answers a question from the history: a figure for each sensor and stretch of time, compared or chosen from."""

from collections.abc import Callable
from dataclasses import replace

from edge.sensors.errors import SensorError
from edge.sensors.history.model import Sensor
from edge.sensors.history.reader import Reader
from edge.sensors.questions.figures import Figures
from edge.sensors.questions.model import Answer, Figure, Form, Question, Span, What
from edge.sensors.questions.normal import judged


def answered(question: Question, reader: Reader, now_s: float, temperature_unit: str = "°C") -> Answer:
    """What the history says; blocks. What it does not know is an empty figure, never an error.

    `temperature_unit`: the home's; everything else stays in the sensor's unit unless the question names one.
    """
    figures = Figures(reader, now_s, temperature_unit)
    match question.form:
        case Form.COMPARE:
            return _compared(question, figures, now_s)
        case Form.WHICH:
            found = [_one(question, figures, sensor, question.spans[0]) for sensor in question.subjects]
            return Answer(question, tuple(found), now_s, _best(question, found))
        case Form.WHICH_DAY:
            return _by_day(question, Figures(reader, now_s, temperature_unit, brief=True), reader, now_s)
        case _:
            found = [_one(question, figures, sensor, span) for sensor in question.subjects for span in question.spans]
            return Answer(question, tuple(found), now_s, _best(question, found))


def _one(question: Question, figures: Figures, sensor: Sensor, span: Span) -> Figure:
    try:
        if question.what is What.NORMAL:
            return judged(question, figures, sensor, span)
        return figures.of(question, sensor, span)
    except SensorError:
        return Figure(sensor, span)


def _compared(question: Question, figures: Figures, now_s: float) -> Answer:
    """Two sensors in one stretch of time, or one in two; both in the first's unit."""
    spans, subjects = question.spans, question.subjects
    pairs = [(one, spans[0]) for one in subjects] if len(subjects) > 1 else [(subjects[0], one) for one in spans]
    if len(subjects) == len(spans) > 1:
        pairs = list(zip(subjects, spans, strict=True))
    first = _one(question, figures, *pairs[0])
    asked = replace(question, unit=question.unit or first.unit)
    found = [first, *(_one(asked, figures, *pair) for pair in pairs[1:])]
    return Answer(question, tuple(found), now_s, _best(question, found))


def _by_day(question: Question, figures: Figures, reader: Reader, now_s: float) -> Answer:
    span = question.spans[0]
    days = reader.days(span.start_s, span.end_s)[-400:]
    found = [
        _one(question, figures, sensor, Span(since_s, until_s, span.said))
        for sensor in question.subjects
        for since_s, until_s in days
    ]
    known = [one for one in found if not one.empty]
    return Answer(question, tuple(known) or tuple(found[:1]), now_s, _best(question, known))


def _best(question: Question, figures: list[Figure]) -> int | None:
    """Which has the most, or the least; None where nothing is to be chosen."""
    rank = _RANKS.get(question.what)
    known = [at for at, one in enumerate(figures) if not one.empty]
    if rank is None or not known or not question.direction:
        return None
    ranked = [(rank(figures[at]), at) for at in known]
    usable = [(value, at) for value, at in ranked if value is not None]
    if not usable:
        return None
    choose: Callable[..., tuple[float, int]] = min if question.direction == "low" else max
    return choose(usable, key=lambda pair: pair[0])[1]


def _number(figure: Figure) -> float | None:
    return figure.value if isinstance(figure.value, int | float) else None


def _of_mean(figure: Figure) -> float | None:
    return figure.mean


def _of_seconds(figure: Figure) -> float | None:
    return figure.seconds


def _of_times(figure: Figure) -> float | None:
    return None if figure.times is None else float(figure.times)


_RANKS: dict[What, Callable[[Figure], float | None]] = {
    What.VALUE: _number,
    What.LOWEST: _number,
    What.HIGHEST: _number,
    What.TOTAL: _number,
    What.CHANGE: _number,
    What.AVERAGE: _of_mean,
    What.RANGE: _of_mean,
    What.COUNT: _of_times,
    What.DAYS: _of_times,
    What.DURATION: _of_seconds,
    What.LONGEST: _of_seconds,
    What.LASTING: _of_seconds,
}
