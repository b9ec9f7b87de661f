"""Watches for what people asked to be warned of: pure, told of readings and of the time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from edge.sensors.alarms.model import AlarmRule, Condition, Relation
from edge.sensors.lately import Condition as Holding
from edge.sensors.model import Change, Finding, Kind

_SLICES: Final = 60
"""Into so many parts the time is divided within which a rise counts."""
_MARGINS: Final = {"°C": 0.3, "°F": 0.5, "K": 0.3, "%": 1.0}
"""By how much a value must be back, in its unit; of others a hundredth of the threshold."""

Found = tuple[AlarmRule, str, Finding]
"""The rule, the series' key, and that it begins or is over."""


@dataclass(slots=True)
class _Series:
    """What a sensor said last, and lately where a rule needs that."""

    heard_s: float
    value: float | str | None = None
    unit: str = ""
    lately: "dict[float, deque[tuple[float, float, float]]]" = field(default_factory=dict)
    """By span in seconds: the beginning of each slice, its lowest and its highest value."""

    def note(self, at_s: float, value: float | str) -> None:
        self.heard_s, self.value = at_s, value
        if isinstance(value, str):
            return
        for over_s, slices in self.lately.items():
            if slices and at_s - slices[-1][0] < over_s / _SLICES:
                begin_s, low, high = slices[-1]
                slices[-1] = begin_s, min(low, value), max(high, value)
            else:
                slices.append((at_s, value, value))

    def reach(self, over_s: float, now_s: float) -> tuple[float, float]:
        """The lowest and the highest value of the span that ends now."""
        slices = self.lately[over_s]
        while len(slices) > 1 and now_s - slices[0][0] > over_s:
            slices.popleft()
        return min(low for _, low, _ in slices), max(high for _, _, high in slices)


class RuleWatch:
    """`minute` gives minutes after the home's midnight, None while the clock can't be believed: no hours then."""

    def __init__(self, minute: Callable[[float], int | None]) -> None:
        self._minute = minute
        self._rules: dict[str, AlarmRule] = {}
        self._by_sensor: dict[str, list[AlarmRule]] = {}
        self._series: dict[str, _Series] = {}
        self._holding: dict[tuple[str, str], Holding] = {}

    def set_rules(
        self,
        rules: Iterable[AlarmRule],
        now_s: float,
        *,
        active: Callable[[str, str], float | None],
        last: Callable[[str], tuple[float | str, str] | None],
    ) -> None:
        """Watch for these from now on; what was holding goes on.

        `active`: since when an alarm of that sensor and key is known, None if it is not. `last`: what the sensor said
        last, and its unit.
        """
        self._rules = {one.id: one for one in rules}
        self._by_sensor = {}
        for rule in self._rules.values():
            for key in dict.fromkeys(key for condition in _conditions(rule) for key in condition.sensors):
                self._by_sensor.setdefault(key, []).append(rule)
        self._series = {key: self._series.get(key) or _Series(now_s) for key in self._by_sensor}
        for key, series in self._series.items():
            if series.value is None and (known := last(key)) is not None:
                series.value, series.unit = known
        for condition in (one for rule in self._rules.values() for one in _conditions(rule)):
            if condition.relation in (Relation.RISES_BY, Relation.FALLS_BY):
                for key in condition.sensors:
                    self._series[key].lately.setdefault(condition.over_s, deque())
        before, self._holding = self._holding, {}
        for rule in self._rules.values():
            for key in rule.sensors:
                holding = before.get((rule.id, key)) or Holding()
                since_s = active(key, alarm_key(rule))
                holding.active = since_s is not None
                if since_s is not None:
                    holding.since_s = since_s
                self._holding[rule.id, key] = holding

    def knows(self, sensor: str) -> bool:
        """Whether any rule looks at it."""
        return sensor in self._by_sensor

    def update(self, sensor: str, unit: str, at_s: float, value: float | str) -> list[Found]:
        """A sensor said something."""
        series = self._series[sensor]
        series.unit = unit
        series.note(at_s, value)
        found: list[Found] = []
        for rule in self._by_sensor[sensor]:
            found += self._judged(rule, at_s)
        return found

    def tick(self, now_s: float) -> list[Found]:
        """Tell the time: what must hold for long, silence, hours of the day."""
        return [one for rule in self._rules.values() for one in self._judged(rule, now_s)]

    def listening_again(self, now_s: float) -> None:
        """Nothing could be heard for a while: that was no sensor's silence."""
        for series in self._series.values():
            series.heard_s = max(series.heard_s, now_s)

    def shift(self, by_s: float) -> None:
        """The clock was set."""
        for series in self._series.values():
            series.heard_s += by_s
            for over_s, slices in series.lately.items():
                series.lately[over_s] = deque((at_s + by_s, low, high) for at_s, low, high in slices)
        for holding in self._holding.values():
            if holding.since_s is not None:
                holding.since_s += by_s

    def _judged(self, rule: AlarmRule, now_s: float) -> Iterator[Found]:
        besides: bool | None = None
        for key in rule.sensors:
            holding = self._holding[rule.id, key]
            if not self._can_say(rule.main, key):
                continue
            holds = self._holds(rule.main, key, now_s, eased=holding.active)
            if holds:
                if besides is None:
                    besides = self._in_its_hours(rule, now_s) and all(self._any(one, now_s) for one in rule.also)
                holds = besides
            change = _changed(holding, now_s, rule, self._series[key], holds=holds)
            if change is not None:
                yield rule, key, self._finding(rule, key, change, holding, now_s)

    def _can_say(self, condition: Condition, key: str) -> bool:
        """Whether enough is known of the sensor: not at once after a start."""
        series = self._series[key]
        if condition.relation in (Relation.RISES_BY, Relation.FALLS_BY):
            return bool(series.lately[condition.over_s])
        return condition.relation is Relation.SILENT or series.value is not None

    def _any(self, condition: Condition, now_s: float) -> bool:
        return any(self._holds(condition, key, now_s, eased=False) for key in condition.sensors)

    def _holds(self, condition: Condition, key: str, now_s: float, *, eased: bool) -> bool:
        """`eased`: it has held until now, so that the value must be back by a margin."""
        series, relation, threshold = self._series[key], condition.relation, condition.threshold
        value = series.value
        if relation is Relation.SILENT:
            return not isinstance(threshold, str) and now_s - series.heard_s > threshold
        if not self._can_say(condition, key) or value is None:
            return False
        if relation in (Relation.IS, Relation.IS_NOT):
            return _same(value, threshold) is (relation is Relation.IS)
        if isinstance(value, str) or isinstance(threshold, str):
            return False
        margin = _margin(series.unit, threshold) if eased else 0.0
        if relation is Relation.ABOVE:
            return value > threshold - margin
        if relation is Relation.BELOW:
            return value < threshold + margin
        low, high = series.reach(condition.over_s, now_s)
        return value - low > threshold if relation is Relation.RISES_BY else high - value > threshold

    def _in_its_hours(self, rule: AlarmRule, now_s: float) -> bool:
        begin, end = rule.from_minute, rule.to_minute
        if begin is None or end is None or begin == end:
            return True
        minute = self._minute(now_s)
        if minute is None:
            return True
        return begin <= minute < end if begin < end else minute >= begin or minute < end

    def _finding(self, rule: AlarmRule, key: str, change: Change, holding: Holding, now_s: float) -> Finding:
        series, relation = self._series[key], rule.relation
        since_s = holding.over() if change is Change.ENDED else holding.since_s or now_s
        threshold = rule.threshold if not isinstance(rule.threshold, str) else None
        value: float | str = series.value if series.value is not None else ""
        kind = Kind.RULE
        if relation is Relation.SILENT:
            kind, value = Kind.STALE, now_s - since_s
        elif relation in (Relation.RISES_BY, Relation.FALLS_BY):
            kind, value = Kind.RATE, self._moved(series, rule, now_s)
            since_s = min(since_s, now_s - rule.over_s)
        low = threshold if relation is Relation.BELOW else None
        high = threshold if relation in (Relation.ABOVE, Relation.SILENT) else None
        return Finding(alarm_key(rule), kind, change, rule.severity, now_s, since_s, value, low, high)

    def _moved(self, series: _Series, rule: AlarmRule, now_s: float) -> float:
        low, high = series.reach(rule.over_s, now_s)
        value = series.value if isinstance(series.value, float) else 0.0
        return value - low if rule.relation is Relation.RISES_BY else value - high


def alarm_key(rule: AlarmRule) -> str:
    """What tells the alarms of a rule from others of the same sensor."""
    return f"rule/{rule.id}"


def _conditions(rule: AlarmRule) -> tuple[Condition, ...]:
    return (rule.main, *rule.also)


def _changed(holding: Holding, now_s: float, rule: AlarmRule, series: _Series, *, holds: bool) -> Change | None:
    if holds:
        if holding.since_s is None:
            holding.since_s = series.heard_s if rule.relation is Relation.SILENT else now_s
        return Change.BEGAN if holding.begins(now_s, rule.hold_s) else None
    return Change.ENDED if holding.since_s is not None and holding.ends() else None


def _same(value: float | str, threshold: float | str) -> bool:
    if isinstance(value, str) and isinstance(threshold, str):
        return value.casefold() == threshold.casefold()
    return value == threshold


def _margin(unit: str, threshold: float) -> float:
    return _MARGINS.get(unit, abs(threshold) / 100)
