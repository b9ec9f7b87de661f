"""Scores a table of `timestamp,value` rows, one after another."""

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from edge.sensors.errors import SensorError
from edge.sensors.scoring.scorer import Scorer


@dataclass(slots=True)
class Unread:
    """Rows whose time or value could not be used: they keep their place, with score 0."""

    count: int = 0
    first_line: int = 0


def scored(lines: Iterable[str], unread: Unread) -> Iterator[tuple[str, str, float]]:
    """Timestamp and value as they were written, and the score; a heading is passed over.

    Times are ISO 8601 (UTC unless they say otherwise) or seconds since 1970. Raise SensorError for a row of one column.
    """
    scorer = Scorer()
    for number, row in enumerate(csv.reader(lines), 1):
        if not row or (number == 1 and row[0].strip().lower() == "timestamp"):
            continue
        if len(row) < 2:
            raise SensorError(f"line {number}: expected timestamp,value and found {row[0]!r}")
        moment, value = seconds(row[0]), number_in(row[1])
        score = 0.0
        if moment is None or value is None:
            unread.count += 1
            unread.first_line = unread.first_line or number
        else:
            score = scorer.score(moment, value)
        yield row[0], row[1], score


def seconds(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 time or of a number; None where it is neither."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return number_in(text)


def number_in(text: str) -> float | None:
    """A finite number; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e300 and math.isfinite(value) else None
