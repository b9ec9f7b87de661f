"""Explains a movement of a sensor from the history: what changed around it, and what that was followed by before."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from edge.sensors.errors import SensorError
from edge.sensors.explaining.association import Past, Weighed, shared_out
from edge.sensors.explaining.candidates import Found, candidates, company
from edge.sensors.explaining.model import MENTIONED, Cause, Explanation, Inquiry, Movement, Places
from edge.sensors.explaining.movement import DAY, find, ordinary, smoothed, usual_level, usual_size
from edge.sensors.history.grids import STEP_S, Grids, held
from edge.sensors.history.model import Sort
from edge.sensors.history.reader import Reader

DAYS: Final = 30
"""How much history is learnt from."""
_MOST: Final = 8
_AROUND: Final = 6
_SILENT_S: Final = 3 * 3600.0


def explain(reader: Reader, places: Places, inquiry: Inquiry) -> Explanation:
    """Blocks for some tens of milliseconds. Raises `SensorError` where nothing is known of such numbers."""
    grids = Grids(reader.database)
    sensor = grids.sensors.get(inquiry.key)
    if sensor is None:
        raise SensorError(f"nothing is remembered of {inquiry.key}: `edge sensors list` shows what is")
    if sensor.sort is not Sort.NUMBER:
        raise SensorError(f"{inquiry.key} has no numbers to explain: it is a {sensor.sort}")
    end = int(inquiry.until_s // STEP_S)
    first = end - DAYS * DAY
    said = grids.grid(inquiry.key, first, DAYS * DAY + 1)
    values = held(said)
    smooth = smoothed(values)
    last = reader.last(inquiry.key, inquiry.until_s)
    now = last.value if last is not None and isinstance(last.value, float | int) else None
    silent_s = last.at_s if last is not None and inquiry.until_s - last.at_s > _SILENT_S else None
    usual = ordinary(values, smooth, DAYS * DAY)
    since = None if inquiry.since_s is None else max(0, int(inquiry.since_s // STEP_S) - first)
    moved = find(smooth, DAYS * DAY, usual, inquiry.direction, since)
    known = np.flatnonzero(~np.isnan(said))
    days = float(len(said) - known[0]) / DAY if len(known) else 0.0
    level = usual_level(smooth, moved.peak if moved else DAYS * DAY)
    low, high = level or (None, None)
    if moved is None:
        return Explanation(sensor, inquiry, now, None, silent_s=silent_s, days=days, low=low, high=high)
    size = usual_size(smooth, DAYS * DAY, moved.reached - moved.start, moved.direction)
    movement = Movement(
        moved.direction,
        (first + moved.start) * STEP_S,
        (first + moved.reached) * STEP_S,
        moved.before,
        moved.after,
        size,
        moved.size / size if size else None,
        low,
        high,
    )
    past = Past(smooth, moved)
    found = list(candidates(grids, sensor, places, moved, first, inquiry.until_s))
    causes = list(_causes(past, found))
    return Explanation(
        sensor,
        inquiry,
        now,
        movement,
        tuple(one for one in causes if one.share >= MENTIONED)[:_MOST],
        tuple(sorted((one for one in causes if one.share < MENTIONED), key=_nearness))[:_AROUND],
        tuple(company(grids, sensor, places, moved, first)),
        silent_s,
        days,
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
