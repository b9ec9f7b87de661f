"""Gathers what changed around a movement: states, numbers, and many things that fell silent at once; bounded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.sensors.explaining.association import Candidate, Change
from edge.sensors.explaining.model import Cause, Places, Relation
from edge.sensors.explaining.model import Sort as Of
from edge.sensors.explaining.movement import Moved, smoothed
from edge.sensors.explaining.priors import (
    LONGEST_S,
    OUTAGE,
    Kind,
    effect,
    is_outdoors,
    kind_of,
    lag_of,
    relation_of,
    what_of,
)
from edge.sensors.history.grids import STEP_S, Grids, Values, held
from edge.sensors.history.grids import Change as Said
from edge.sensors.history.model import Sensor, Sort

_STATES: Final = 40
_LOOKED_AT: Final = 200
"""States of which it is looked whether they changed; of more the nearest."""
_NUMBERS: Final = 40
_LEARNT: Final = 10
"""Numbers whose past is read."""
_CHANGES: Final = 4
"""Of one state: the latest before the movement and around its beginning."""
_AFTER_S: Final = 900.0
_LOOK_BACK: Final = int(LONGEST_S // STEP_S)
_SPANS: Final = (1, 3, 6, 12)
_MOVED: Final = 0.2
"""Of a day's usual swing: less is no change of a number."""
_LATEST: Final = 200
_ALIKE: Final = 0.5
_ORDINARY: Final = 0.5
"""Of what it goes in as long at the most on nine of ten times: less is no change of a number."""
_SILENT: Final = 3
_TOGETHER_S: Final = 180.0
_COMPANY: Final = 12
_NEVER: Final = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate as it is weighed, and as it is told."""

    candidate: Candidate
    cause: Cause


def candidates(
    grids: Grids, subject: Sensor, places: Places, moved: Moved, first: int, until_s: float
) -> Iterator[Found]:
    """Everything that may have moved the subject; `first` is where its grid begins, in steps since 1970."""
    begin_s = (first + min(moved.starts)) * STEP_S - LONGEST_S
    end_s = (first + max(moved.starts)) * STEP_S + _AFTER_S
    others = [_Other.of(one, subject, places) for one in grids.sensors.values() if one.key != subject.key]
    others.sort(key=lambda one: -one.known)
    states = [one for one in others if one.sensor.sort is Sort.STATE][:_LOOKED_AT]
    changed = set(grids.changed_within([one.sensor.key for one in states], begin_s, end_s))
    for other in [one for one in states if one.sensor.key in changed][:_STATES]:
        yield from _of_state(grids, other, first, begin_s, end_s, until_s)
    yield from _of_outage(grids, subject, places, first, begin_s, end_s)
    numbers = [one for one in others if one.sensor.sort is Sort.NUMBER and one.may_act(subject, places)][:_NUMBERS]
    yield from _of_numbers(grids, numbers, moved, first)


@dataclass(frozen=True, slots=True)
class _Other:
    sensor: Sensor
    kind: Kind
    relation: Relation
    known: float
    lag_s: float

    @classmethod
    def of(cls, sensor: Sensor, subject: Sensor, places: Places) -> "_Other":
        kind, relation = kind_of(sensor, places), relation_of(subject, sensor, places)
        what = what_of(subject, places)
        return cls(sensor, kind, relation, effect(what, kind, relation), lag_of(what, kind))

    def may_act(self, subject: Sensor, places: Places) -> bool:
        """Another thermometer of the house moves with this one, not before it; so does what measures the same air."""
        if self.sensor.device_class in ("battery", "signal_strength", "energy", "timestamp", "duration"):
            return False
        if self.kind is Kind.MEASURED:
            return not self.sensor.device_class
        same = self.sensor.device_class == subject.device_class and bool(subject.device_class)
        return not same or is_outdoors(self.sensor, places) or self.kind is Kind.HEATING

    def told(self, change: Change, first: int, before: float | str | None, after: float | str | None) -> Cause:
        at_s = change.at_s + first * STEP_S
        one = self.sensor
        of = Of.STATE if one.sort is Sort.STATE else Of.NUMBER
        until_s = at_s + change.lasted_s if change.over else None
        return Cause(
            one.key,
            one.name,
            one.area,
            of,
            self.relation,
            one.device_class,
            one.unit,
            before,
            after,
            at_s,
            until_s,
            0,
            0,
        )


# States ------------------------------------------------------------------------------------------------------------


def _of_state(grids: Grids, other: _Other, first: int, begin_s: float, end_s: float, until_s: float) -> Iterator[Found]:
    said = grids.changes(other.sensor.key, first * STEP_S, until_s)
    within = [
        place
        for place, one in enumerate(said)
        if place and begin_s <= one.at_s < end_s and one.state is not None and said[place - 1].state is not None
    ]
    for place in within[-_CHANGES:]:
        one = said[place]
        lasted_s, over = _lasted(said, place, until_s)
        change = Change(one.at_s - first * STEP_S, lasted_s, over)
        like = [
            (at.at_s, _lasted(said, earlier, until_s)[0])
            for earlier, at in enumerate(said[:place])
            if earlier and at.state == one.state and said[earlier - 1].state is not None
        ]
        at_s = np.array([at for at, _ in like])
        places = ((at_s - first * STEP_S) // STEP_S).astype(np.int64)
        candidate = Candidate(
            other.sensor.key, change, other.known, other.lag_s, places, np.array([for_s for _, for_s in like])
        )
        yield Found(candidate, other.told(change, first, said[place - 1].state, one.state))


def _lasted(said: Sequence[Said], place: int, until_s: float) -> tuple[float, bool]:
    if place + 1 < len(said):
        return said[place + 1].at_s - said[place].at_s, True
    return until_s - said[place].at_s, False


# Silence -----------------------------------------------------------------------------------------------------------


def _of_outage(
    grids: Grids, subject: Sensor, places: Places, first: int, begin_s: float, end_s: float
) -> Iterator[Found]:
    """At least three things of different devices that fell silent within minutes of one another."""
    silent = grids.fell_silent(begin_s, end_s)
    best: list[tuple[float, str]] = []
    for start, (at_s, _) in enumerate(silent):
        group = [one for one in silent[start:] if one[0] - at_s <= _TOGETHER_S]
        if len({key.partition(":")[0] for _, key in group}) > len(best):
            best = group
    if len({key.partition(":")[0] for _, key in best}) < _SILENT:
        return
    sensor = Sensor(OUTAGE, Sort.STATE)
    other = _Other.of(sensor, subject, places)
    change = Change(best[0][0] - first * STEP_S, 0.0, over=False)
    cause = Cause(
        OUTAGE, "", "", Of.OUTAGE, Relation.HOUSE, "", "", None, None, best[0][0], None, 0, 0, count=len(best)
    )
    yield Found(Candidate(OUTAGE, change, other.known, other.lag_s, _NEVER, np.empty(0)), cause)


# Numbers -----------------------------------------------------------------------------------------------------------


def _of_numbers(grids: Grids, others: Sequence[_Other], moved: Moved, first: int) -> Iterator[Found]:
    start = first + min(moved.starts) - _LOOK_BACK
    count = first + max(moved.starts) + int(_AFTER_S // STEP_S) + 1 - start
    day = int((first + moved.start) * STEP_S // 86_400) + 719_163
    swings = grids.swings([one.sensor.key for one in others], day, 14)
    found = []
    for other in others:
        window = held(grids.grid(other.sensor.key, start - max(_SPANS), count + max(_SPANS)))
        if np.isnan(window).all():
            continue
        step = float(np.nanmax(window) - np.nanmin(window))
        swing = swings.get(other.sensor.key, 0.0)
        if step > 0 and step >= _MOVED * swing:
            found.append((other.known * min(3.0, step / swing if swing else 3.0), other))
    found.sort(key=lambda one: -one[0])
    for _, other in found[:_LEARNT]:
        yield from _of_number(grids, other, moved, first)


def _of_number(grids: Grids, other: _Other, moved: Moved, first: int) -> Iterator[Found]:
    """Its largest change around the beginning of the movement, and earlier ones at least half as large."""
    count = max(moved.starts) + int(_AFTER_S // STEP_S) + 1
    values = smoothed(held(grids.grid(other.sensor.key, first, count)))
    begin = max(0, min(moved.starts) - _LOOK_BACK)
    best: tuple[float, int, int, Values] | None = None
    for span in _SPANS:
        steps = np.concatenate([np.full(span, np.nan), values[span:] - values[:-span]])
        usual = np.abs(steps[:begin])
        usual = usual[~np.isnan(usual)]
        scale = float(np.quantile(usual, 0.9)) if len(usual) else 0.0
        recent = np.abs(steps[begin:])
        if np.isnan(recent).all():
            continue
        end = begin + int(np.nanargmax(recent))
        size = abs(float(steps[end]))
        if size == 0 or size < _ORDINARY * scale:
            continue
        odd = size / (scale + 0.05 * size)
        if best is None or odd > 1.15 * best[0]:
            best = odd, span, end, steps
    if best is None:
        return
    _, span, end, steps = best
    step = float(steps[end])
    at = _where(values, end - span, end)
    change = Change(float(at * STEP_S), float((count - at) * STEP_S), over=False)
    ends = _upcrossings(steps[:begin] * np.sign(step), _ALIKE * abs(step), span)
    like = np.array([_where(values, one - span, one) for one in ends[-_LATEST:]], np.int64)
    candidate = Candidate(other.sensor.key, change, other.known, other.lag_s, like, np.full(len(like), np.inf))
    yield Found(candidate, other.told(change, first, float(values[end - span]), float(values[end])))


def _where(values: Values, start: int, end: int) -> int:
    """Where within the span most of a change begins."""
    steps = np.abs(values[start + 1 : end + 1] - values[start])
    whole = np.abs(values[end] - values[start])
    beyond = np.flatnonzero(steps >= 0.25 * whole)
    return start + 1 + int(beyond[0]) if len(beyond) else end


def _upcrossings(steps: Values, bound: float, span: int) -> list[int]:
    """Where a run of changes of at least this size begins; runs that nearly touch are one."""
    above = np.flatnonzero(steps >= bound)
    if not len(above):
        return []
    begins = np.concatenate([[True], np.diff(above) > max(span, 2)])
    return [int(one) for one in above[begins]]


# Others of its kind ------------------------------------------------------------------------------------------------


def company(
    grids: Grids, subject: Sensor, places: Places, moved: Moved, first: int
) -> Iterator[tuple[str, str, float]]:
    """Sensors of the same kind in other rooms that moved the same way, at least half as far: key, name, how far."""
    if not subject.device_class:
        return
    kind = what_of(subject, places)
    alike = [
        (relation_of(subject, one, places), one)
        for one in grids.sensors.values()
        if one.key != subject.key and one.device_class == subject.device_class and one.unit == subject.unit
    ]
    alike = [pair for pair in alike if what_of(pair[1], places) is kind and not is_outdoors(pair[1], places)]
    order = list(Relation)
    for _, one in sorted(alike, key=lambda pair: order.index(pair[0]))[:_COMPANY]:
        if kind_of(one, places) is Kind.HEATING:
            continue
        window = held(grids.grid(one.key, first + moved.start - 3, moved.reached - moved.start + 4))
        known = window[~np.isnan(window)]
        if len(known) < 2:
            continue
        by = float(known[-3:].mean() - known[:3].mean())
        if by * moved.direction.sign >= 0.5 * moved.size:
            yield one.key, one.name, by
