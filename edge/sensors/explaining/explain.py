"""Explains a movement of a sensor from the history: what changed around it, and what that was followed by before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.sensors.errors import SensorError
from edge.sensors.explaining.association import Past, Weighed, shared_out
from edge.sensors.explaining.candidates import Found, candidates, company
from edge.sensors.explaining.model import MENTIONED, Cause, Explanation, Inquiry, Movement, Places
from edge.sensors.explaining.movement import DAY, Moved, Values, find, ordinary, smoothed, usual_level, usual_size
from edge.sensors.history.grids import STEP_S, Grids, held
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.history.reader import Reader

DAYS: Final = 30
"""How much history is learnt from."""
_MOST: Final = 8
_AROUND: Final = 6
_SILENT_S: Final = 3 * 3600.0


def explain(reader: Reader, places: Places, inquiry: Inquiry) -> Explanation:
    """Blocks for a tenth of a second or two. Raises `SensorError` where nothing is known of such numbers."""
    grids = Grids(reader.database)
    return _explained(grids, places, _look(grids, reader, inquiry))


def explain_most_moved(reader: Reader, places: Places, inquiries: Sequence[Inquiry]) -> Explanation | None:
    """Of several sensors the one that moved most, by what is usual for each; None where none is known."""
    grids = Grids(reader.database)
    looked = []
    for inquiry in inquiries:
        sensor = grids.sensors.get(inquiry.key)
        if sensor is not None and sensor.sort is Sort.NUMBER:
            looked.append(_look(grids, reader, inquiry))
    return _explained(grids, places, max(looked, key=_how_odd)) if looked else None


@dataclass(frozen=True, slots=True)
class _Look:
    """A sensor, what it did on the grid that begins at `first`, and how it moved."""

    sensor: Sensor
    inquiry: Inquiry
    first: int
    smooth: Values
    moved: Moved | None
    movement: Movement | None
    now: float | None
    silent_s: float | None
    days: float
    level: tuple[float, float] | None


def _look(grids: Grids, reader: Reader, inquiry: Inquiry) -> _Look:
    sensor = grids.sensors.get(inquiry.key)
    if sensor is None:
        raise SensorError(f"nothing is remembered of {inquiry.key}: `edge sensors list` shows what is")
    if sensor.sort is not Sort.NUMBER:
        raise SensorError(f"{inquiry.key} has no numbers to explain: it is a {sensor.sort}")
    end = DAYS * DAY
    first = int(inquiry.until_s // STEP_S) - end
    said = grids.grid(inquiry.key, first, end + 1)
    values = held(said)
    smooth = smoothed(values)
    last = reader.last(inquiry.key, inquiry.until_s)
    now = last.value if last is not None and isinstance(last.value, float | int) else None
    silent_s = last.at_s if last is not None and inquiry.until_s - last.at_s > _SILENT_S else None
    since = None if inquiry.since_s is None else max(0, int(inquiry.since_s // STEP_S) - first)
    moved = find(smooth, end, ordinary(values, smooth, end), inquiry.direction, since)
    known = np.flatnonzero(~np.isnan(said))
    days = float(len(said) - known[0]) / DAY if len(known) else 0.0
    level = usual_level(smooth, moved.peak if moved else end)
    movement = _movement(moved, smooth, first, level) if moved else None
    return _Look(sensor, inquiry, first, smooth, moved, movement, now, silent_s, days, level)


def _movement(moved: Moved, smooth: Values, first: int, level: tuple[float, float] | None) -> Movement:
    size = usual_size(smooth, DAYS * DAY, moved.reached - moved.start, moved.direction)
    since_s, until_s = float((first + moved.start) * STEP_S), float((first + moved.reached) * STEP_S)
    times = moved.size / size if size else None
    return Movement(moved.direction, since_s, until_s, moved.before, moved.after, size, times, *(level or (None, None)))


def _how_odd(look: _Look) -> tuple[bool, float]:
    movement = look.movement
    if movement is None:
        return False, 0.0
    return True, movement.times if movement.times is not None else 1.0


def _explained(grids: Grids, places: Places, look: _Look) -> Explanation:
    about = (look.sensor, look.inquiry, look.now, look.movement)
    low, high = look.level or (None, None)
    if look.moved is None:
        return Explanation(*about, silent_s=look.silent_s, days=look.days, low=low, high=high)
    past = Past(look.smooth, look.moved)
    found = list(candidates(grids, look.sensor, places, look.moved, look.first, look.inquiry.until_s))
    causes = list(_causes(past, found))
    return Explanation(
        *about,
        tuple(one for one in causes if one.share >= MENTIONED)[:_MOST],
        tuple(sorted((one for one in causes if one.share < MENTIONED), key=_nearness))[:_AROUND],
        tuple(company(grids, look.sensor, places, look.moved, look.first)),
        look.silent_s,
        look.days,
    )


def _causes(past: Past, found: list[Found]) -> Iterator[Cause]:
    """Each candidate once: the likeliest of its changes."""
    by_id = {id(one.candidate): one for one in found}
    told: set[str] = set()
    for weighed in shared_out(past, [one.candidate for one in found]):
        one = by_id[id(weighed.candidate)]
        if one.cause.key in told:
            continue
        told.add(one.cause.key)
        yield _with_evidence(one.cause, weighed, past)


def _with_evidence(cause: Cause, weighed: Weighed, past: Past) -> Cause:
    return replace(
        cause,
        lag_s=weighed.lag_s,
        share=weighed.share,
        seen=weighed.seen,
        followed=weighed.followed,
        otherwise=weighed.otherwise,
        within_s=float(past.within * STEP_S),
        typical=weighed.typical,
        chance=weighed.chance,
        earlier=len(weighed.candidate.at),
    )


def _nearness(cause: Cause) -> tuple[int, float]:
    return list(type(cause.relation)).index(cause.relation), abs(cause.lag_s)
