"""Figures of something that has states: how long, how often, when."""

from dataclasses import dataclass, replace
from typing import Final

from edge.sensors.history.model import Sensor
from edge.sensors.history.reader import Reader
from edge.sensors.questions.model import Figure, Gap, Question, Span, Test, What

_DAY_S: Final = 86400.0
_FAR_S: Final = (_DAY_S, 8 * _DAY_S, 40_000 * _DAY_S)


Spells = list[tuple[float, str | None, float]]
"""Since when, in which state (None: not known), until when."""


@dataclass(frozen=True, slots=True)
class _Spell:
    at_s: float
    until_s: float
    from_before: bool
    lasts: bool


class StateFigures:
    """Asks a `Reader` for states."""

    def __init__(self, reader: Reader, now_s: float) -> None:
        self._reader = reader
        self._now_s = now_s

    def of(self, question: Question, sensor: Sensor, span: Span) -> Figure:
        """The figure; empty where nothing is known."""
        blank = Figure(sensor, span)
        if question.what is What.VALUE or (question.test is None and question.what is not What.NORMAL):
            return self._value(blank)
        test = question.test or Test()
        if not span.given and question.what in (What.WHEN, What.SINCE, What.LASTING):
            figure = blank
            for far_s in _FAR_S:
                start_s = max(span.end_s - far_s, 0.0)
                figure = self._in_span(blank, question, test, Span(start_s, span.end_s, "", given=False))
                if figure.at_s is not None and figure.at_s > start_s:
                    break
            return figure
        if question.what is What.DURATION:
            return self._duration(blank, test)
        if question.what is What.COUNT:
            return self._count(blank, test)
        return self._in_span(blank, question, test, span)

    def _value(self, blank: Figure) -> Figure:
        span = blank.span
        known = self._reader.spells(blank.sensor.key, span.start_s - _DAY_S, max(span.end_s, span.start_s + 1))
        for at_s, state, until_s in reversed(known):
            if at_s <= span.start_s or not span.moment:
                return replace(blank, value=state, at_s=at_s, until_s=until_s) if state is not None else blank
        last = self._reader.last(blank.sensor.key, span.end_s)
        return blank if last is None or last.value is None else replace(blank, value=last.value, at_s=last.at_s)

    def _duration(self, blank: Figure, test: Test) -> Figure:
        span, key = blank.span, blank.sensor.key
        found = self._reader.time_in_state(key, span.start_s, span.end_s)
        if not found:
            return blank
        seconds = sum(length for state, length in found.items() if test.holds(state))
        known = self._reader.spells(key, span.start_s, span.end_s)
        times = sum(state is not None and test.holds(state) for _, state, _ in known)
        return replace(blank, seconds=seconds, times=times, begins_s=self._reader.begins(key), gaps=_gaps(known, span))

    def _count(self, blank: Figure, test: Test) -> Figure:
        """How often it began; of so long ago that changes are not kept any more, as often as the most frequent of the
        states began."""
        span, key = blank.span, blank.sensor.key
        known = self._reader.spells(key, span.start_s, span.end_s)
        counted = self._reader.times(key, span.start_s, span.end_s)
        if not counted and not any(state is not None for _, state, _ in known):
            return blank
        found = self._spells(known, test, span)
        began = [one for one in found if not one.from_before]
        times = len(began)
        if known and known[0][1] is None:
            times = max(times, max((count for state, count in counted.items() if test.holds(state)), default=0))
        last = began[-1] if began else None
        return replace(blank, times=times, at_s=last.at_s if last else None, holds=bool(found), gaps=_gaps(known, span))

    def _in_span(self, blank: Figure, question: Question, test: Test, span: Span) -> Figure:
        known = self._reader.spells(blank.sensor.key, span.start_s, max(span.end_s, span.start_s + 1))
        if not any(state is not None for _, state, _ in known):
            return blank
        found = self._spells(known, test, span)
        gaps = _gaps(known, span)
        match question.what:
            case What.EVER:
                first = found[0] if found else None
                seconds = sum(one.until_s - one.at_s for one in found)
                return replace(blank, holds=bool(found), times=len(found), at_s=first.at_s if first else None,
                               until_s=found[-1].until_s if found else None, seconds=seconds, gaps=gaps)  # fmt: skip
            case What.ALWAYS:
                out = [(at_s, until_s) for at_s, state, until_s in known if state is not None and not test.holds(state)]
                return replace(blank, holds=not out, at_s=out[0][0] if out else None,
                               seconds=sum(until_s - at_s for at_s, until_s in out), gaps=gaps)  # fmt: skip
            case What.LONGEST:
                longest = max(found, key=lambda one: one.until_s - one.at_s, default=None)
                if longest is None:
                    return replace(blank, seconds=0.0, times=0)
                return replace(blank, seconds=longest.until_s - longest.at_s, at_s=longest.at_s,
                               until_s=longest.until_s)  # fmt: skip
            case What.DAYS:
                days = self._reader.days(span.start_s, min(span.end_s, self._now_s))
                touched = sum(any(one.at_s < end_s and one.until_s > at_s for one in found) for at_s, end_s in days)
                return replace(blank, times=touched, holds=bool(touched))
            case What.LASTING:
                last = found[-1] if found else None
                if last is not None and last.lasts:
                    return replace(blank, holds=True, at_s=last.at_s, seconds=self._now_s - last.at_s)
                return replace(blank, holds=False, times=len(found), value=known[-1][1],
                               at_s=last.at_s if last else None, until_s=last.until_s if last else None)  # fmt: skip
            case _:
                return self._when(blank, question, test, found)

    def _when(self, blank: Figure, question: Question, test: Test, found: list[_Spell]) -> Figure:
        """When it began, or with `ends` when it was over; what lasted before is no beginning."""
        if test.ends:
            ended = [one for one in found if not one.lasts]
            if not ended:
                return replace(blank, times=0, holds=bool(found))
            one = ended[0] if question.first else ended[-1]
            return replace(blank, at_s=one.until_s, until_s=one.until_s, times=len(ended), holds=found[-1].lasts)
        began = [one for one in found if not one.from_before] or found
        if not began:
            return replace(blank, times=0)
        one = began[0] if question.first else began[-1]
        until_s = None if one.lasts else one.until_s
        at_s = one.until_s if test.ended and not one.lasts else one.at_s
        return replace(blank, at_s=at_s, until_s=until_s, times=len(began), holds=one.lasts)

    def _spells(self, known: Spells, test: Test, span: Span) -> list[_Spell]:
        """When the test held; what was not known in between does not end it, if it held before and after."""
        found: list[_Spell] = []
        within, first = False, True
        for at_s, state, until_s in known:
            if state is None:
                continue
            begins, first = first, False
            holds = test.holds(state)
            if holds and within:
                found[-1] = replace(found[-1], until_s=until_s)
            elif holds:
                found.append(_Spell(at_s, until_s, begins, lasts=False))
            within = holds
        now_s = min(span.end_s, self._now_s)
        if found and within and found[-1].until_s >= now_s - 1:
            found[-1] = replace(found[-1], lasts=True)
        return [one for one in found if one.until_s - one.at_s >= test.least_s]


def _gaps(known: Spells, span: Span) -> tuple[Gap, ...]:
    """Where its state was not known, the longest first."""
    least = max(2700.0, span.seconds / 20)
    gaps = [Gap(at_s, until_s) for at_s, state, until_s in known if state is None and until_s - at_s >= least]
    return tuple(sorted(gaps, key=lambda gap: gap.since_s - gap.until_s))
