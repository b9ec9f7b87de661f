"""A meter that runs without a pause (a leak), runs faster than ever (a burst pipe), or stands still."""

from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import DAY_S, HOUR_S, Condition, WorstOfDays
from edge.sensors.model import Change, Finding, Kind, Severity


@dataclass(frozen=True, slots=True)
class CounterSettings:
    """What counts as a pause, and when running or standing still is too long; a `*_least_s` of None is never.

    Running: no pause of `pause_s` for `times` the longest such run of 14 days, at least `run_least_s`. Fast: more in
    `fast_s` than `times` the most of 14 days. Still: `times` the longest pause of 14 days, at least `still_least_s`.
    """

    times: float = 2.0
    pause_s: float = 900.0
    run_least_s: float | None = 4 * HOUR_S
    fast_s: float = 900.0
    still_least_s: float | None = 3 * DAY_S
    learn_days: int = 5
    key: str = "counter"
    severity: Severity = Severity.WARNING


@dataclass(slots=True)
class Counter:
    """Looks at increments alone: a meter that begins again at zero has not run."""

    kind: ClassVar[Kind] = Kind.COUNTER
    takes: ClassVar[Takes] = Takes.NUMBERS
    ticks: ClassVar[bool] = True

    settings: CounterSettings
    running: Condition = field(default_factory=Condition)
    fast: Condition = field(default_factory=Condition)
    still: Condition = field(default_factory=Condition)
    longest_run: WorstOfDays = field(default_factory=WorstOfDays)
    most_fast: WorstOfDays = field(default_factory=WorstOfDays)
    longest_still: WorstOfDays = field(default_factory=WorstOfDays)
    last: float | None = None
    last_s: float = 0.0
    moved_s: float = 0.0
    run_s: float = 0.0
    """When the present run began."""
    window_s: float = 0.0
    window: float = 0.0

    def update(self, at_s: float, value: float) -> Finding | None:
        last, last_s = self.last, self.last_s
        self.last, self.last_s = value, at_s
        if last is None:
            self.moved_s = self.run_s = self.window_s = at_s
            return None
        used = value - last if value >= last else 0.0
        fast = self._fast(at_s, used)
        if used <= 0.0:
            return fast or self._pauses(at_s)
        return fast or self._runs(at_s, last_s)

    def tick(self, now_s: float) -> Finding | None:
        """A meter that reports changes alone says nothing while it stands still."""
        return self._pauses(now_s) if self.last is not None else None

    def _pauses(self, at_s: float) -> Finding | None:
        settings = self.settings
        still_s = at_s - self.moved_s
        if self.running.active and still_s >= settings.pause_s:
            self.running.ends()
            return finding(self, Change.ENDED, at_s, self.running.over(), self.moved_s - self.run_s, aspect="running")
        if settings.still_least_s is None or self.longest_still.count < settings.learn_days:
            return None
        bound_s = max(settings.times * self.longest_still.most(), settings.still_least_s)
        if still_s <= bound_s or not self.still.begins(self.moved_s, 0.0):
            return None
        times = settings.times * still_s / bound_s
        return finding(self, Change.BEGAN, at_s, self.moved_s, still_s, high=bound_s, times=times, aspect="still")

    def _runs(self, at_s: float, last_s: float) -> Finding | None:
        """Moved since the last report: the pause before it, if there was one, is over."""
        settings = self.settings
        still_s = last_s - self.moved_s
        if not self.still.active:
            self.longest_still.note(at_s, at_s - self.moved_s)
        if still_s >= settings.pause_s:
            self.longest_run.note(at_s, self.moved_s - self.run_s)
            self.run_s = last_s
        self.moved_s = at_s
        if self.still.ends():
            return finding(self, Change.ENDED, at_s, self.still.over(), still_s, aspect="still")
        run_s = at_s - self.run_s
        bound_s = max(settings.times * self.longest_run.most(), settings.run_least_s or 0.0)
        learnt = self.longest_run.count >= settings.learn_days and settings.run_least_s is not None
        if not learnt or run_s <= bound_s or not self.running.begins(self.run_s, 0.0):
            return None
        times = run_s / max(self.longest_run.most(), 1.0)
        return finding(self, Change.BEGAN, at_s, self.run_s, run_s, high=bound_s, times=times, aspect="running")

    def _fast(self, at_s: float, used: float) -> Finding | None:
        """Consumption in windows of `fast_s`."""
        settings = self.settings
        self.window += used
        passed_s = at_s - self.window_s
        if passed_s < settings.fast_s:
            return None
        speed = self.window * settings.fast_s / passed_s
        self.window, self.window_s = 0.0, at_s
        bound = settings.times * self.most_fast.most()
        if settings.run_least_s is None or self.most_fast.count < settings.learn_days or speed <= bound:
            self.most_fast.note(at_s, speed)
            if self.fast.ends():
                return finding(self, Change.ENDED, at_s, self.fast.over(), speed, high=bound, aspect="fast")
            return None
        if not self.fast.begins(at_s - passed_s, 0.0):
            return None
        times = speed / max(self.most_fast.most(), 1e-9)
        return finding(self, Change.BEGAN, at_s, at_s - passed_s, speed, high=bound, times=times, aspect="fast")
