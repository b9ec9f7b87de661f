"""Whether a figure is as it usually is: against the same hours of the past weeks, robustly."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.sensors.errors import SensorError
from edge.sensors.history.model import Sensor
from edge.sensors.history.spans import Level
from edge.sensors.questions.figures import Figures
from edge.sensors.questions.model import Figure, Question, Span, What, is_number

_DAY_S: Final = 86400.0
_DAYS: Final = 28
_LEAST: Final = 4
"""So many days must be known before anything is usual."""


def judged(question: Question, figures: Figures, sensor: Sensor, span: Span) -> Figure:
    """The figure with what is `normal` (from and to) and the `middle` of it; `holds`: whether it is within.

    The value now is judged by the same hour of the past four weeks, weekdays and weekends apart where enough is known;
    a figure of a stretch of time by the same stretch of the days (or weeks) before.
    """
    of = question.of or What.VALUE
    asked = replace(question, what=of)
    found = figures.of(asked, sensor, span)
    value = _figure(found)
    if value is None:
        return found
    if of is What.VALUE and is_number(found.sensor) and (span.moment or not span.given):
        usual = _same_hours(figures, found, found.at_s or figures.now_s)
    else:
        usual = _same_spans(figures, asked, found, span)
    if len(usual) < _LEAST:
        return found
    low, middle, high = _range(usual, 10**-found.places)
    return replace(found, normal=(low, high), middle=middle, holds=low <= value <= high)


def _figure(found: Figure) -> float | None:
    if isinstance(found.value, int | float):
        return float(found.value)
    candidates = (found.mean, found.seconds, None if found.times is None else float(found.times))
    return next((one for one in candidates if one is not None), None)


def _same_hours(figures: Figures, found: Figure, at_s: float) -> list[float]:
    """Means of this hour, and of the ones beside it, on each of the past days; of days like this where there are
    enough of those."""
    days = [at_s - back * _DAY_S for back in range(1, _DAYS + 1)]
    slices = figures.reader.course(found.sensor.key, days[-1] - 7200, at_s - _DAY_S / 2, Level.HOUR)
    by_hour = {int(one.at_s // 3600): one.mean for one in slices if one.mean is not None and one.width_s}
    alike: list[float] = []
    every: list[float] = []
    weekend = _weekend(at_s)
    for day_s in days:
        hour = int(day_s // 3600)
        means = [mean for near in (hour - 1, hour, hour + 1) if (mean := by_hour.get(near)) is not None]
        if not means:
            continue
        told = [figures.told(one, found.sensor, found.unit) for one in means]
        every += told
        if _weekend(day_s) == weekend:
            alike += told
    return alike if len(alike) >= 3 * _LEAST else every if len(every) >= _LEAST else []


def _same_spans(figures: Figures, asked: Question, found: Figure, span: Span) -> list[float]:
    step_s = _DAY_S if span.seconds <= 1.5 * _DAY_S else 7 * _DAY_S
    values = []
    for back in range(1, (_DAYS if step_s == _DAY_S else 8) + 1):
        earlier = Span(span.start_s - back * step_s, span.end_s - back * step_s, span.said)
        try:
            value = _figure(figures.of(replace(asked, unit=found.unit), found.sensor, earlier))
        except SensorError:
            break
        if value is not None:
            values.append(value)
    return values


def _weekend(at_s: float) -> bool:
    """By UTC days: what matters is that days of one sort are compared with one another."""
    return int(at_s // _DAY_S + 3) % 7 >= 5


def _range(values: Sequence[float], resolution: float) -> tuple[float, float, float]:
    """The middle eight tenths, widened by half on each side; a few odd days change nothing."""
    ordered = sorted(values)
    low, high = _quantile(ordered, 0.1), _quantile(ordered, 0.9)
    middle = _quantile(ordered, 0.5)
    slack = max(0.5 * (high - low), 2 * resolution, 0.02 * abs(middle))
    return low - slack, middle, high + slack


def _quantile(ordered: Sequence[float], share: float) -> float:
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)
