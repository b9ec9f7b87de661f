"""Cuts a span of time into what the coarsest figures can tell, and the rest at its ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from edge.sensors.history.rollup import Zone
from edge.sensors.history.schema import FIVE_MS, HOUR_MS

_NEVER: Final = 1 << 62


class Level(IntEnum):
    """How fine figures are."""

    RAW = 0
    FIVE = 1
    HOUR = 2
    DAY = 3


TABLES: Final = {Level.RAW: "raw", Level.FIVE: "five", Level.HOUR: "hour", Level.DAY: "day"}


@dataclass(frozen=True, slots=True)
class Span:
    """Rows of one table whose `at` is in [first, until): milliseconds of readings, numbers of buckets otherwise."""

    level: Level
    first: int
    until: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Since when (milliseconds) readings and five-minute figures are there; before, only hours and days are."""

    raw_ms: int = -_NEVER
    five_ms: int = -_NEVER

    def finest(self, at_ms: int) -> Level:
        """The finest figures of a moment."""
        return Level.RAW if at_ms >= self.raw_ms else Level.FIVE if at_ms >= self.five_ms else Level.HOUR


@dataclass(frozen=True, slots=True)
class Cutting:
    """Cuts spans for one sensor; `zone` says where its days begin."""

    zone: Zone
    kept: Kept

    def cut(self, since_ms: int, until_ms: int) -> Iterator[Span]:
        """What together is the whole span; an end where no reading is kept any more moves to the nearest bucket's."""
        yield from self._cut(self._rounded(since_ms), self._rounded(until_ms), Level.DAY)

    def bucket_at(self, level: Level, at_ms: int) -> int:
        """The bucket that a moment is in."""
        if level is Level.DAY:
            return self.zone.day(at_ms)
        return at_ms if level is Level.RAW else at_ms // (HOUR_MS if level is Level.HOUR else FIVE_MS)

    def start_ms(self, level: Level, bucket: int) -> int:
        """When a bucket begins."""
        if level is Level.DAY:
            return self.zone.start_ms(bucket)
        return bucket if level is Level.RAW else bucket * (HOUR_MS if level is Level.HOUR else FIVE_MS)

    def _rounded(self, at_ms: int) -> int:
        level = self.kept.finest(at_ms)
        if level is Level.RAW:
            return at_ms
        bucket = self.bucket_at(level, at_ms)
        start, end = self.start_ms(level, bucket), self.start_ms(level, bucket + 1)
        return start if at_ms - start < end - at_ms else end

    def _cut(self, since_ms: int, until_ms: int, level: Level) -> Iterator[Span]:
        if since_ms >= until_ms:
            return
        if level is Level.RAW:
            yield Span(level, since_ms, until_ms)
            return
        finer = Level(level - 1)
        first, last = self._ceiling(level, since_ms), self.bucket_at(level, until_ms)
        if first >= last:
            yield from self._cut(since_ms, until_ms, finer)
            return
        yield from self._cut(since_ms, self.start_ms(level, first), finer)
        yield Span(level, first, last)
        yield from self._cut(self.start_ms(level, last), until_ms, finer)

    def _ceiling(self, level: Level, at_ms: int) -> int:
        bucket = self.bucket_at(level, at_ms)
        return bucket if self.start_ms(level, bucket) == at_ms else bucket + 1
