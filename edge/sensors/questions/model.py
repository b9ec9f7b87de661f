"""What can be asked of the history, and what comes back: figures with their times, never words."""

from dataclasses import dataclass
from enum import StrEnum

from edge.sensors.history.model import Point, Sensor, Sort


class What(StrEnum):
    """The figure that is asked for, of one sensor in one stretch of time."""

    VALUE = "value"
    """At a moment, or the last."""
    LOWEST = "lowest"
    HIGHEST = "highest"
    RANGE = "range"
    AVERAGE = "average"
    TOTAL = "total"
    """What a counter went up, or what a power or a flow came to."""
    CHANGE = "change"
    """By how much it fell, rose or changed."""
    COUNT = "count"
    """How often the test began to hold."""
    DAYS = "days"
    """On how many days the test held."""
    DURATION = "duration"
    """How long the test held."""
    LONGEST = "longest"
    """How long the test held at a stretch."""
    WHEN = "when"
    """When the test last (or first) began to hold, or ended."""
    SINCE = "since"
    """How long ago that was."""
    LASTING = "lasting"
    """How long the test has held by now."""
    EVER = "ever"
    """Whether the test held at all."""
    ALWAYS = "always"
    """Whether it held all the time."""
    TREND = "trend"
    NORMAL = "normal"
    """Whether the figure of `Question.of` is as it usually is."""


class Form(StrEnum):
    """What is done with the figures."""

    PLAIN = "plain"
    COMPARE = "compare"
    """One with another: two sensors, or two stretches of time."""
    WHICH = "which"
    """The sensor with the highest or lowest."""
    WHICH_DAY = "which_day"
    """The day with the highest or lowest."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_s` to before `end_s`, both the same for a moment, in seconds since 1970; `said`: how one says it.

    `given`: somebody named it; otherwise it was taken for them.
    """

    start_s: float
    end_s: float
    said: str
    given: bool = True

    @property
    def moment(self) -> bool:
        """Whether it is a point in time."""
        return self.start_s == self.end_s

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Test:
    """What is asked about: being in one of some states, or above or below a number in the sensor's unit."""

    states: frozenset[str] = frozenset()
    above: float | None = None
    below: float | None = None
    said: str = ""
    """ "open", "above 30 degrees": after "was"."""
    ends: bool = False
    """Whether its end is asked for: "when did the machine finish"."""
    inverted: bool = False
    """Any other state than these."""
    ended: bool = False
    """With `SINCE`: how long ago it ended, not how long ago it began."""
    least_s: float = 0.0
    """What held for less does not count."""
    rises: bool = False
    """Whether going up at all is meant: rain in a gauge, water through a meter."""

    def holds(self, value: float | str) -> bool:
        """Whether a value passes it."""
        if isinstance(value, str):
            return (value in self.states) != self.inverted
        return (self.above is None or value > self.above) and (self.below is None or value < self.below)


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `spans` has the stretch of time asked about and, to compare, the other one."""

    what: What
    subjects: tuple[Sensor, ...]
    spans: tuple[Span, ...]
    form: Form = Form.PLAIN
    test: Test | None = None
    of: What | None = None
    """With `NORMAL`: the figure that is judged."""
    direction: str = ""
    """`high` or `low`: which end is asked for where things are compared, or which way it changes."""
    first: bool = False
    """The first time, not the last."""
    unit: str = ""
    """The unit the answer is wanted in."""
    measure: str = ""
    """The device class asked about, where one was named."""
    asked: str = ""
    """The sentence."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nothing was heard."""

    since_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Figure:
    """What came out for one sensor and one stretch of time, in `unit`; what does not apply is None.

    `at_s`: when the value was, or when what is asked for began, `until_s` when that ended (None: it lasts). `low` and
    `high` are the extremes with their times, `normal` what is usual from and to. `about`: times are no finer than the
    figures that are kept of so long ago.
    """

    sensor: Sensor
    span: Span
    unit: str = ""
    value: float | str | None = None
    at_s: float | None = None
    until_s: float | None = None
    low: Point | None = None
    high: Point | None = None
    mean: float | None = None
    seconds: float | None = None
    times: int | None = None
    holds: bool | None = None
    normal: tuple[float, float] | None = None
    middle: float | None = None
    about: bool = False
    places: int = 1
    """Decimals that the sensor itself tells."""
    gaps: tuple[Gap, ...] = ()
    begins_s: float | None = None
    """Since when something is remembered of it; None: nothing is."""
    last: Point | None = None
    """The last that was heard of it, where there is nothing in the stretch of time."""

    @property
    def empty(self) -> bool:
        """Whether nothing is known of it."""
        known = (self.value, self.mean, self.seconds, self.times, self.holds, self.at_s)
        return all(one is None for one in known)


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures in the order of the question's sensors, or of its stretches of time; `best` is the one chosen."""

    question: Question
    figures: tuple[Figure, ...]
    now_s: float
    best: int | None = None


def is_number(sensor: Sensor) -> bool:
    """Whether it says numbers."""
    return sensor.sort is Sort.NUMBER
