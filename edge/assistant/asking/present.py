"""Answers from the registry what is asked of now: comparisons, which is the most, whether it is beyond a bound."""

from dataclasses import replace
from typing import Final

from edge.assistant.phrases import finite
from edge.devices.registry import Registry
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.history.units import convert, convertible, quantity_of
from edge.sensors.questions import Answer, Figure, Form, Question, What

_ASKED: Final = frozenset({What.VALUE, What.EVER, What.ALWAYS})


def of_now(question: Question) -> bool:
    """Whether no history is needed for it."""
    return question.what in _ASKED and not any(span.given for span in question.spans)


def answered_now(question: Question, registry: Registry, now_s: float, temperature_unit: str) -> Answer:
    """The figures as the registry has them."""
    figures: list[Figure] = []
    for sensor in question.subjects:
        figure = _figure(sensor, question, registry, temperature_unit)
        if figures and not question.unit:
            figure = _in_unit(figure, figures[0].unit)
        figures.append(figure)
    best = None
    known = [(one.value, at) for at, one in enumerate(figures) if isinstance(one.value, int | float)]
    if question.direction and known and question.form in (Form.WHICH, Form.COMPARE):
        best = (min if question.direction == "low" else max)(known)[1]
    return Answer(question, tuple(figures), now_s, best)


def _figure(sensor: Sensor, question: Question, registry: Registry, temperature_unit: str) -> Figure:
    span = question.spans[0]
    state = registry.state(sensor.device)
    attribute = sensor.key.partition(":")[2]
    given = state.attributes.get(attribute) if attribute else state.state
    if not state.available or given is None:
        return Figure(sensor, span)
    if sensor.sort is Sort.STATE:
        holds = question.test.holds(str(given)) if question.test is not None else None
        return Figure(sensor, span, value=str(given), holds=holds)
    value = finite(given)
    if value is None:
        return Figure(sensor, span)
    unit = sensor.unit
    if question.unit and convertible(unit, question.unit):
        unit = question.unit
    elif quantity_of(unit) == "temperature":
        unit = temperature_unit
    holds = question.test.holds(value) if question.test is not None else None
    told = value if unit == sensor.unit else convert(value, sensor.unit, unit)
    return Figure(sensor, span, unit, told, holds=holds, places=_places(str(given)))


def _in_unit(figure: Figure, unit: str) -> Figure:
    if figure.unit == unit or not isinstance(figure.value, int | float) or not convertible(figure.unit, unit):
        return figure
    return replace(figure, unit=unit, value=convert(figure.value, figure.unit, unit))


def _places(given: str) -> int:
    return min(2, len(given.partition(".")[2]))
