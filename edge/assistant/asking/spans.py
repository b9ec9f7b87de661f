"""Stretches of local time as moments since 1970: those that are said, and those that are taken where none is."""

from datetime import datetime, timedelta
from typing import Final

from edge.assistant.asking.sentence import Sentence
from edge.router.values.stretch import Past
from edge.schedule.clock import Clock
from edge.sensors.history.model import Sensor
from edge.sensors.questions import Span, What

_UNLIMITED: Final = frozenset({What.WHEN, What.SINCE, What.LASTING, What.VALUE, What.NORMAL})
_TODAY: Final = frozenset({What.TOTAL, What.COUNT, What.DURATION, What.LONGEST, What.EVER, What.ALWAYS})
_DAY_S: Final = 86400
_TRENDS: Final = {"battery": (30 * _DAY_S, "in the past 30 days"), "moisture": (_DAY_S, "in the past 24 hours")}
_TREND: Final = (3 * 3600, "in the past three hours")
"""Over how long something is rising or falling, where nobody says it."""
_IS: Final = ("is ", "are ", "does ", "do ")


class Spans:
    """By one home's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now_s(self) -> float:
        """Now, by the wall clock."""
        return self._clock.epoch_s(self._clock.now())

    def local(self, at_s: float) -> datetime:
        """A moment in local time, without a zone."""
        return self._clock.local(at_s).replace(tzinfo=None)

    def named(self, sentence: Sentence) -> tuple[Span, ...]:
        """What a sentence names."""
        return tuple(self.of(one) for one in sentence.times)

    def of(self, past: Past) -> Span:
        """One stretch; what counts back from now does so whatever was done to the clocks in between."""
        now_s = self.now_s()
        if past.back_s is not None:
            start_s = now_s - past.back_s
            return Span(start_s, start_s if past.moment else now_s, past.said)
        return Span(self._clock.epoch_s(past.start), self._clock.epoch_s(past.end), past.said)

    def beside(self, span: Span) -> Span:
        """What "than yesterday" and "than last week" are compared with: today, this week."""
        now_s, now = self.now_s(), self._clock.now().replace(tzinfo=None)
        if span.moment:
            return self.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if span.seconds > 20 * _DAY_S:
            return Span(self._clock.epoch_s(midnight.replace(day=1)), now_s, "this month")
        if span.seconds > 2 * _DAY_S:
            return Span(self._clock.epoch_s(midnight - timedelta(days=now.weekday())), now_s, "this week")
        return Span(self._clock.epoch_s(midnight), now_s, "today")

    def now(self) -> Span:
        """The present."""
        return Span(self.now_s(), self.now_s(), "now", given=False)

    def usual(self, what: What, sensor: Sensor, sentence: Sentence) -> Span:
        """Where none is named."""
        now_s = self.now_s()
        if what in _UNLIMITED or (what in (What.EVER, What.ALWAYS) and sentence.said.startswith(_IS)):
            return self.now()
        if "ever" in sentence.rest or "record" in sentence.rest:
            return Span(0.0, now_s, "as far as I remember")
        if what is What.TREND:
            seconds, said = _TRENDS.get(sensor.device_class, _TREND)
            return Span(now_s - seconds, now_s, said, given=False)
        if what in _TODAY:
            midnight = self._clock.now().replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
            return Span(self._clock.epoch_s(midnight), now_s, "today", given=False)
        return Span(now_s - _DAY_S, now_s, "in the past 24 hours", given=False)
