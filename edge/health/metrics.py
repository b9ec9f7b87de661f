"""Counts what happens, for whoever scrapes: durations by stage, requests, calls on devices; a few kilobytes."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Final, TypeVar

from edge.assistant.record import Record
from edge.tracing import Mark, Stage

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the buckets, in seconds: from the router's milliseconds to a model's half minute."""
_Key = TypeVar("_Key")
_MOST: Final = 200
"""Combinations of labels that are kept apart; what comes later is not counted, for labels are meant to be few."""


class Histogram:
    """How often something took how long."""

    __slots__ = ("buckets", "sum_s")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS_S) + 1)
        self.sum_s = 0.0

    @property
    def count(self) -> int:
        """How often in all."""
        return sum(self.buckets)

    def add(self, seconds: float) -> None:
        """Once more."""
        self.buckets[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_s += max(0.0, seconds)


class Metrics:
    """What was counted since the service started."""

    def __init__(self) -> None:
        self.stages: dict[Stage, Histogram] = {}
        self._requests: dict[tuple[str, str, str], int] = {}
        self._commands: dict[tuple[str, str], int] = {}

    @property
    def requests(self) -> Mapping[tuple[str, str, str], int]:
        """By source, decision and who answered; `unanswered` where nobody waited for the answer."""
        return self._requests

    @property
    def commands(self) -> Mapping[tuple[str, str], int]:
        """By domain of the device and outcome."""
        return self._commands

    def observe(self, mark: Mark) -> None:
        """A stage is over; costs a microsecond."""
        histogram = self.stages.get(mark.stage)
        if histogram is None:
            histogram = self.stages[mark.stage] = Histogram()
        histogram.add(mark.length_s)
        if mark.stage is Stage.COMMAND:
            domain = str(mark.facts.get("device", "")).partition(".")[0]
            _count(self._commands, (domain, str(mark.facts.get("outcome", ""))))

    def answered(self, record: Record) -> None:
        """A request was answered, or given up."""
        _count(self._requests, (record.source, record.decision or "unanswered", record.answered_by or "nobody"))


def _count(counts: dict[_Key, int], key: _Key) -> None:
    if key in counts or len(counts) < _MOST:
        counts[key] = counts.get(key, 0) + 1
