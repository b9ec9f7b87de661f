"""Draws a series: as braille in a terminal, as SVG for everything else. Pure: text in, text out."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from edge.sensors.history.model import Bucket

_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Unicode's braille patterns: the dots of a cell, row by row."""
_BLANK: Final = 0x2800
_WIDTH: Final = 900
_HEIGHT: Final = 320
_LEFT: Final = 70
_BOTTOM: Final = 40
_TOP: Final = 34
_RIGHT: Final = 16
_TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn: slices of a span, their unit, and what local time a moment is."""

    title: str
    unit: str
    since_s: float
    until_s: float
    slices: Sequence[Bucket]
    local: Callable[[float], datetime]

    def range(self) -> tuple[float, float]:
        """The lowest and the highest value, a little apart where they are the same."""
        lows = [one.stats.low for one in self.slices if one.stats.low is not None]
        highs = [one.stats.high for one in self.slices if one.stats.high is not None]
        low, high = min(lows, default=0.0), max(highs, default=1.0)
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def moment(self, at_s: float) -> str:
        """A time for an axis: of the day where the span is short."""
        span_s = self.until_s - self.since_s
        form = "%H:%M" if span_s <= 86_400 else "%d %b %H:%M" if span_s <= 14 * 86_400 else "%d %b %Y"
        return self.local(at_s).strftime(form)


def braille(drawing: Drawing, width: int = 72, height: int = 12) -> list[str]:
    """Lines for a terminal: the title, the plot with its lowest and highest value, and when it begins and ends.

    A column is two dots wide and shows from the lowest to the highest of what it stands for.
    """
    low, high = drawing.range()
    cells = [[0] * width for _ in range(height)]
    rows = height * 4
    span_s = drawing.until_s - drawing.since_s or 1.0
    for one in drawing.slices:
        if one.stats.low is None or one.stats.high is None:
            continue
        column = min(width * 2 - 1, int((one.at_s + one.width_s / 2 - drawing.since_s) / span_s * width * 2))
        top, bottom = (
            rows - 1 - round((value - low) / (high - low) * (rows - 1)) for value in (one.stats.high, one.stats.low)
        )
        for row in range(top, bottom + 1):
            cells[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
    labels = [number(high), *[""] * (height - 2), number(low)]
    margin = max(len(label) for label in labels)
    lines = [
        f"{label:>{margin}} ┤" + "".join(chr(_BLANK + cell) for cell in row).rstrip(chr(_BLANK))
        for label, row in zip(labels, cells, strict=True)
    ]
    begin, end = drawing.moment(drawing.since_s), drawing.moment(drawing.until_s)
    axis = " " * (margin + 2) + begin + end.rjust(max(len(end) + 1, width - len(begin)))
    return [f"{drawing.title}{f', {drawing.unit}' if drawing.unit else ''}", *lines, axis]


def svg(drawing: Drawing) -> str:
    """A picture of 900 by 320: the mean as a line, from lowest to highest as a band; it ends where nothing was read."""
    low, high = drawing.range()
    margin = (high - low) * 0.05
    low, high = low - margin, high + margin
    span_s = drawing.until_s - drawing.since_s or 1.0

    def x(at_s: float) -> float:
        return round(_LEFT + (at_s - drawing.since_s) / span_s * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        return round(_TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _BOTTOM), 1)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
            'font-size="12" fill="#333">'
        ),
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" font-size="14">{escape(drawing.title)}</text>',
    ]
    for tick in range(_TICKS):
        value = low + (high - low) * tick / (_TICKS - 1)
        parts.append(f'<path d="M{_LEFT} {y(value)}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        label = escape(f"{number(value)} {drawing.unit}".strip())
        parts.append(f'<text x="{_LEFT - 6}" y="{y(value) + 4}" text-anchor="end">{label}</text>')
        at_s = drawing.since_s + span_s * tick / (_TICKS - 1)
        anchor = "start" if tick == 0 else "end" if tick == _TICKS - 1 else "middle"
        parts.append(
            f'<text x="{x(at_s)}" y="{_HEIGHT - 14}" text-anchor="{anchor}">{escape(drawing.moment(at_s))}</text>'
        )
    for run in _runs(drawing.slices):
        points = [(x(one.at_s + one.width_s / 2), one.stats) for one in run]
        tops = [f"{at},{y(stats.high)}" for at, stats in points if stats.high is not None]
        bottoms = [f"{at},{y(stats.low)}" for at, stats in reversed(points) if stats.low is not None]
        line = " ".join(f"{at},{y(stats.mean)}" for at, stats in points if stats.mean is not None)
        parts.append(f'<polygon points="{" ".join(tops + bottoms)}" fill="#2a78b8" fill-opacity="0.2"/>')
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="#2a78b8" stroke-width="1.5" stroke-linecap="round"/>'
        )
    return "\n".join([*parts, "</svg>", ""])


def number(value: float) -> str:
    """A number as people read it: four digits, more where it is large."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _runs(slices: Sequence[Bucket]) -> list[list[Bucket]]:
    """Slices in rows without a long gap: one of more than thrice the usual distance."""
    gaps = sorted(later.at_s - one.at_s for one, later in itertools.pairwise(slices))
    usual = gaps[len(gaps) // 2] if gaps else 0.0
    runs: list[list[Bucket]] = []
    for one in slices:
        if not runs or one.at_s - runs[-1][-1].at_s > 3 * usual:
            runs.append([])
        runs[-1].append(one)
    return runs
