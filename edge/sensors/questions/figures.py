"""One figure of one sensor in one stretch of time, from a `Reader`."""

from dataclasses import replace
from typing import Final, Literal

from edge.sensors.errors import SensorError
from edge.sensors.history.course import Slice
from edge.sensors.history.model import Counter, Point, Sensor
from edge.sensors.history.reader import Reader
from edge.sensors.history.spans import Level
from edge.sensors.history.units import convert, convertible, quantity_of
from edge.sensors.questions import course
from edge.sensors.questions.course import Piece
from edge.sensors.questions.model import Figure, Question, Span, Test, What, is_number
from edge.sensors.questions.states import StateFigures

_DAY_S: Final = 86400.0
_FAR_S: Final = (_DAY_S, 8 * _DAY_S, 32 * _DAY_S, 40_000 * _DAY_S)
"""How far back the last time of something is looked for, step by step."""
_INTEGRALS: Final = {"power": ("W", "kWh", 1 / 3_600_000), "flow": ("L/min", "L", 1 / 60),
                     "precipitation_intensity": ("mm/h", "mm", 1 / 3600)}  # fmt: skip
"""By quantity: the unit it is taken in, what it comes to over time, and how much that is of each second."""


class Figures:
    """Everything is converted to the unit that is asked for, or the home's."""

    def __init__(self, reader: Reader, now_s: float, temperature_unit: str, *, brief: bool = False) -> None:
        """`brief`: without gaps, for figures of which many are made to choose one."""
        self.reader = reader
        self.now_s = now_s
        self._temperature_unit = temperature_unit
        self._brief = brief
        self._states = StateFigures(reader, now_s)

    def of(self, question: Question, sensor: Sensor, span: Span) -> Figure:
        """The figure; empty where nothing is known. Raises `SensorError` where nothing ever was."""
        known = self.reader.sensor(sensor.key)
        sensor = replace(known, name=sensor.name, area=sensor.area, device_class=sensor.device_class)
        figure = self._number(question, sensor, span) if is_number(sensor) else self._states.of(question, sensor, span)
        if not figure.empty:
            return figure
        last = self.reader.last(sensor.key)
        last = self._point(last, sensor, figure.unit) if is_number(sensor) else last
        return replace(figure, begins_s=self.reader.begins(sensor.key), last=last)

    # Numbers -------------------------------------------------------------------------------------------------------

    def _number(self, question: Question, sensor: Sensor, span: Span) -> Figure:
        unit = self._unit(sensor, question.unit)
        blank = Figure(sensor, span, unit)
        match question.what:
            case What.VALUE:
                return self._value(blank, span)
            case What.LOWEST | What.HIGHEST:
                return self._extreme(blank, question.what)
            case What.RANGE | What.AVERAGE:
                return self._average(blank)
            case What.TOTAL:
                return self._total(blank, question.unit)
            case What.CHANGE:
                return self._change(blank, question.direction)
            case What.TREND:
                return self._trend(blank)
            case What.WHEN | What.SINCE if question.test is None:
                which = What.LOWEST if question.direction == "low" else What.HIGHEST
                return self._extreme(blank, which)
            case _:
                return self._tested(blank, question)

    def _value(self, blank: Figure, span: Span) -> Figure:
        key = blank.sensor.key
        if not span.given:
            return self._with_point(blank, self.reader.last(key, span.end_s))
        if not span.moment:
            average = self._average(blank)
            return replace(average, value=average.mean)
        slices = self.reader.course(key, span.start_s - 2 * 3600, span.start_s + 1)
        for one in reversed(course.pieces(slices, span.start_s - 7 * 3600, span.start_s + 1)):
            if one.at_s <= span.start_s < one.until_s + 1:
                figure = self._with_point(blank, Point(one.at_s, one.mean))
                return replace(figure, about=one.coarse)
        return blank

    def _extreme(self, blank: Figure, what: What) -> Figure:
        which: Literal["low", "high"] = "low" if what is What.LOWEST else "high"
        span = blank.span
        if span.moment:
            return self._value(blank, span)
        point = self.reader.extreme(blank.sensor.key, span.start_s, span.end_s, which)
        figure = self._with_point(blank, point)
        if figure.empty:
            return figure
        return self._heard(figure)

    def _average(self, blank: Figure) -> Figure:
        span, key = blank.span, blank.sensor.key
        slices = self.reader.course(key, span.start_s, span.end_s, _finest(span))
        parts = course.pieces(slices, span.start_s, min(span.end_s, self.now_s))
        middle = course.mean(parts)
        if middle is None:
            return blank
        ends = [self.reader.extreme(key, span.start_s, span.end_s, one) for one in ("low", "high")]
        low, high = (self._point(one, blank.sensor, blank.unit) for one in ends)
        gaps = course.gaps(parts, span.start_s, min(span.end_s, self.now_s))
        mean = self.told(middle, blank.sensor, blank.unit)
        return replace(
            blank, mean=mean, low=low, high=high, gaps=gaps, places=_places(slices), begins_s=self._begins(blank)
        )

    def _total(self, blank: Figure, wanted: str) -> Figure:
        """What a counter went up; of a power or a flow, what it came to."""
        sensor, span = blank.sensor, blank.span
        integral = _INTEGRALS.get(quantity_of(sensor.unit) or "")
        slices: list[Slice] | None = None
        if integral is not None:
            base, unit, factor = integral
            slices = self.reader.course(sensor.key, span.start_s, span.end_s, _finest(span))
            parts = course.pieces(slices, span.start_s, min(span.end_s, self.now_s))
            amount = sum(convert(one.mean, sensor.unit, base) * (one.until_s - one.at_s) for one in parts) * factor
            if not parts:
                return blank
            gaps = course.gaps(parts, span.start_s, min(span.end_s, self.now_s))
            unit, amount = _in_unit(amount, unit, wanted)
            return replace(blank, value=amount, unit=unit, places=2, gaps=gaps, begins_s=self._begins(blank))
        if sensor.counter is not Counter.NO:
            stats = self.reader.stats(sensor.key, span.start_s, span.end_s)
            gain = stats.gain if stats.count else self._still(sensor, span)
        else:
            slices = self.reader.course(sensor.key, span.start_s, span.end_s)
            gain = course.steps_up(slices) if len(slices) > 1 else None
        if gain is None:
            return blank
        value = convert(gain, sensor.unit, blank.unit, difference=True) if sensor.unit else gain
        places = next((one for one in range(2) if round(value, one) == round(value, 2)), 2)
        return self._heard(replace(blank, value=value, places=places))

    def _still(self, sensor: Sensor, span: Span) -> float | None:
        """Nothing was counted by a counter that says nothing when nothing goes through it."""
        last = self.reader.last(sensor.key, span.end_s)
        recent = last is not None and last.value is not None and span.start_s - last.at_s < _DAY_S
        return 0.0 if recent else None

    def _change(self, blank: Figure, direction: str) -> Figure:
        span = blank.span
        slices = self.reader.course(blank.sensor.key, span.start_s, span.end_s, _finest(span))
        parts = course.pieces(slices, span.start_s, min(span.end_s, self.now_s))
        if not parts:
            return blank
        move = course.largest_move(parts, direction) if direction else None
        one, other = move or ((parts[0], parts[0]) if direction else (parts[0], parts[-1]))
        sensor, unit = blank.sensor, blank.unit
        value = convert(other.mean - one.mean, sensor.unit, unit, difference=True) if sensor.unit else (
            other.mean - one.mean
        )  # fmt: skip
        ends = [Point(piece.at_s, self.told(piece.mean, sensor, unit)) for piece in (one, other)]
        return replace(blank, value=value, low=ends[0], high=ends[1], places=_places(slices), at_s=other.at_s)

    def _trend(self, blank: Figure) -> Figure:
        """`value`: by how much it went up along the line through the stretch of time; `holds`: whether that is more
        than its noise; `low` and `high`: where it was at the ends."""
        span, sensor = blank.span, blank.sensor
        slices = self.reader.course(sensor.key, span.start_s, span.end_s, _finest(span))
        parts = course.pieces(slices, span.start_s, min(span.end_s, self.now_s))
        slope = course.slope(parts)
        if slope is None:
            return self._with_point(replace(blank, places=_places(slices)), None)
        length_s = parts[-1].until_s - parts[0].at_s
        change = slope * length_s
        line = [one.mean - slope * (one.at_s - parts[0].at_s) for one in parts]
        middle = sorted(line)[len(line) // 2]
        noise = sorted(abs(one - middle) for one in line)[len(line) // 2]
        places = _places(slices)
        least = max(1.5 * 10**-places, 2 * noise, _LEAST.get(sensor.device_class, 0.0))
        ends = [Point(piece.at_s, self.told(piece.mean, sensor, blank.unit)) for piece in (parts[0], parts[-1])]
        value = convert(change, sensor.unit, blank.unit, difference=True) if sensor.unit else change
        return replace(
            blank, value=value, holds=abs(change) >= least, low=ends[0], high=ends[1], seconds=length_s, places=places
        )

    # Bounds --------------------------------------------------------------------------------------------------------

    def _tested(self, blank: Figure, question: Question) -> Figure:
        test, span = question.test, blank.span
        if test is None:
            return blank
        if question.what in (What.WHEN, What.SINCE, What.LASTING) and not span.given:
            figure = blank
            for far_s in _FAR_S:
                wider = replace(span, start_s=span.end_s - far_s)
                figure = self._in_span(replace(blank, span=wider), question, test)
                if figure.at_s is not None and figure.at_s > wider.start_s + 60:
                    break
            return replace(figure, span=span)
        return self._in_span(blank, question, test)

    def _in_span(self, blank: Figure, question: Question, test: Test) -> Figure:
        span, sensor = blank.span, blank.sensor
        until_s = min(span.end_s, self.now_s)
        slices = self.reader.course(sensor.key, span.start_s, span.end_s)
        if test.rises:
            return self._risen(blank, question, slices)
        parts = course.pieces(slices, span.start_s, until_s)
        if not parts:
            return blank
        found = course.spells(parts, test, span.start_s, until_s)
        began = [one for one in found if not one.from_before]
        low, high = _ends(parts)
        blank = replace(
            blank,
            low=self._point(low, sensor, blank.unit),
            high=self._point(high, sensor, blank.unit),
            places=_places(slices),
            gaps=course.gaps(parts, span.start_s, until_s),
            begins_s=self._begins(blank),
        )
        match question.what:
            case What.COUNT:
                at_s = began[-1].at_s if began else None
                return replace(blank, times=len(began), holds=bool(found), at_s=at_s)
            case What.DURATION:
                about = any(one.about for one in found)
                return replace(blank, seconds=course.held_s(parts, test), times=len(found), about=about)
            case What.LONGEST:
                longest = max(found, key=lambda one: one.seconds, default=None)
                if longest is None:
                    return replace(blank, seconds=0.0, times=0)
                return replace(blank, seconds=longest.seconds, at_s=longest.at_s, until_s=longest.until_s)
            case What.EVER | What.ALWAYS:
                return self._ever(blank, question.what, parts, test)
            case What.DAYS:
                days = self.reader.days(span.start_s, until_s)
                touched = sum(
                    any(one.at_s < end_s and one.until_s > start_s for one in found) for start_s, end_s in days
                )
                return replace(blank, times=touched, holds=bool(touched))
            case What.LASTING:
                last = found[-1] if found and found[-1].lasts else None
                if last is None:
                    last = found[-1] if found else None
                    return replace(blank, holds=False, at_s=last.at_s if last else None,
                                   until_s=last.until_s if last else None)  # fmt: skip
                return replace(blank, holds=True, at_s=last.at_s, seconds=self.now_s - last.at_s)
            case _:
                ended = [one for one in found if not one.lasts]
                choice = (ended if test.ends else began or found) or found
                if not choice:
                    return replace(blank, times=0)
                one = choice[0] if question.first else choice[-1]
                until = None if one.lasts else one.until_s
                at_s = one.until_s if test.ends or (test.ended and not one.lasts) else one.at_s
                return replace(blank, at_s=at_s, until_s=until, times=len(choice), holds=one.lasts, about=one.about)

    def _ever(self, blank: Figure, what: What, parts: list[Piece], test: Test) -> Figure:
        span = blank.span
        found = course.spells(parts, test, span.start_s, min(span.end_s, self.now_s))
        if what is What.EVER:
            first = found[0] if found else None
            return replace(
                blank,
                holds=bool(found),
                times=len(found),
                at_s=first.at_s if first else None,
                until_s=found[-1].until_s if found else None,
                seconds=course.held_s(parts, test),
            )
        over_s = course.covered_s(parts) - course.held_s(parts, test)
        out = [one for one in parts if not test.holds(one.high if test.below is not None else one.low)]
        return replace(blank, holds=not out, seconds=over_s, at_s=out[0].at_s if out else None)

    def _risen(self, blank: Figure, question: Question, slices: list[Slice]) -> Figure:
        moments = [at_s for at_s in course.rises(slices) if at_s >= blank.span.start_s]
        if not any(one.mean is not None for one in slices):
            return blank
        if question.what is What.DAYS:
            days = self.reader.days(blank.span.start_s, min(blank.span.end_s, self.now_s))
            touched = sum(any(start_s <= at_s < end_s for at_s in moments) for start_s, end_s in days)
            return replace(blank, times=touched, holds=bool(touched))
        if question.what in (What.EVER, What.COUNT):
            return replace(blank, holds=bool(moments), times=len(moments), at_s=moments[0] if moments else None)
        if not moments:
            return replace(blank, times=0)
        at_s = moments[0] if question.first else moments[-1]
        return replace(blank, at_s=at_s, until_s=at_s, holds=False, about=slices[-1].width_s > 0)

    # Units ---------------------------------------------------------------------------------------------------------

    def _unit(self, sensor: Sensor, wanted: str) -> str:
        if wanted and convertible(sensor.unit, wanted):
            return wanted
        return self._temperature_unit if quantity_of(sensor.unit) == "temperature" else sensor.unit

    def told(self, value: float, sensor: Sensor, unit: str) -> float:
        """A value in the unit it is told in."""
        return convert(value, sensor.unit, unit) if sensor.unit != unit else value

    def _point(self, point: Point | None, sensor: Sensor, unit: str) -> Point | None:
        if point is None or not isinstance(point.value, int | float):
            return point
        return Point(point.at_s, self.told(point.value, sensor, unit or sensor.unit))

    def _with_point(self, blank: Figure, point: Point | None) -> Figure:
        told = self._point(point, blank.sensor, blank.unit)
        if told is None or told.value is None:
            return blank
        places = 1 if self._brief else self._places(blank.sensor, Span(told.at_s - 3600, told.at_s + 1, ""))
        return replace(blank, value=told.value, at_s=told.at_s, places=places)

    def _places(self, sensor: Sensor, span: Span) -> int:
        until_s = min(span.end_s, span.start_s + 6 * 3600)
        return _places(self.reader.course(sensor.key, span.start_s, until_s))

    def _heard(self, figure: Figure) -> Figure:
        """With where in the stretch of time nothing was known, and since when anything is."""
        if self._brief:
            return figure
        span = figure.span
        until_s = min(span.end_s, self.now_s)
        slices = self.reader.course(figure.sensor.key, span.start_s, span.end_s, _finest(span))
        parts = course.pieces(slices, span.start_s, until_s)
        return replace(figure, gaps=course.gaps(parts, span.start_s, until_s), begins_s=self._begins(figure))

    def _begins(self, blank: Figure) -> float | None:
        try:
            return self.reader.begins(blank.sensor.key)
        except SensorError:
            return None


_LEAST: Final = {
    "temperature": 0.3, "humidity": 2.0, "atmospheric_pressure": 0.5, "pressure": 0.5, "carbon_dioxide": 40.0,
    "moisture": 1.0, "battery": 1.0,
}  # fmt: skip
"""A change that a person would call one, in the usual unit."""


def _finest(span: Span) -> Level:
    """How fine figures must be for a mean, a move or a gap in so long a time."""
    return Level.RAW if span.seconds <= 3 * _DAY_S else Level.FIVE if span.seconds <= 8 * _DAY_S else Level.HOUR


def _ends(parts: list[Piece]) -> tuple[Point, Point]:
    low, high = min(parts, key=lambda one: one.low), max(parts, key=lambda one: one.high)
    return Point(low.at_s, low.low), Point(high.at_s, high.high)


def _in_unit(amount: float, unit: str, wanted: str) -> tuple[str, float]:
    if wanted and convertible(unit, wanted):
        return wanted, convert(amount, unit, wanted)
    return unit, amount


def _places(slices: list[Slice]) -> int:
    """How many decimals a sensor tells, as its readings show."""
    values = [one.mean for one in slices[-60:] if one.mean is not None and not one.width_s]
    return next((places for places in range(3) if all(round(one, places) == one for one in values)), 3) if values else 1
