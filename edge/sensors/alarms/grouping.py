"""Which alarms have one cause: sensors that fell silent together, several that go astray alike, one place at a time."""

from collections.abc import Iterable
from typing import Final

from edge.sensors.alarms.model import Alarm
from edge.sensors.model import Kind, Severity

_TOGETHER_S: Final = 15 * 60.0
"""Within so many seconds what begins at one place has one cause."""
_ALIKE_S: Final = 3 * 3600.0
"""Within so many what goes the same way in the whole house, such as rooms that cool down."""
RANK: Final = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}
_SLOWEST_S: Final = 12 * 3600.0
_ALIKE: Final = frozenset({Kind.UNUSUAL, Kind.SHIFT, Kind.LIMITS, Kind.SPIKE})
_BY_ITSELF: Final = frozenset({Kind.STALE, Kind.STUCK, Kind.FLOOD})
"""What says something of a sensor rather than of its place."""


def head_of(new: Alarm, group: str, others: Iterable[tuple[Alarm, str]]) -> Alarm | None:
    """The alarm that tells `new` too; `group` is the physical device it is of, and each other's comes beside it.

    What is critical is always told by itself, and so is what somebody asked to be warned of; nothing is told by what
    matters less.
    """
    if new.severity is Severity.CRITICAL or new.rule is not None:
        return None
    for other, of in others:
        if other.group or not other.is_active or (other.sensor == new.sensor and other.key == new.key):
            continue
        if _one_cause(new, group, other, of):
            return other
    return None


def _one_cause(new: Alarm, group: str, head: Alarm, of: str) -> bool:
    if new.kind is Kind.STALE or head.kind is Kind.STALE:
        return new.kind is head.kind and _silent_together(new, head)
    if new.kind is Kind.FLOOD or head.kind is Kind.FLOOD:
        return new.kind is head.kind and new.at_s - head.at_s <= _ALIKE_S
    if new.kind in _BY_ITSELF or head.kind in _BY_ITSELF:
        return False
    if new.at_s - head.at_s <= _TOGETHER_S and ((group and group == of) or (new.area and new.area == head.area)):
        return True
    alike = new.kind is head.kind and new.kind in _ALIKE and new.device_class == head.device_class
    return alike and new.device_class != "" and new.at_s - head.at_s <= _ALIKE_S and _way(new) == _way(head)


def _silent_together(new: Alarm, head: Alarm) -> bool:
    """Neither was heard after the other should have been: a gateway that dies takes all of them with it."""
    slack_s = _TOGETHER_S + max(_usual_s(new), _usual_s(head))
    return abs(new.since_s - head.since_s) <= slack_s


def _usual_s(alarm: Alarm) -> float:
    """How long it usually takes between two reports."""
    lasted_s = alarm.value if isinstance(alarm.value, float) else 0.0
    return min(lasted_s / max(alarm.times, 1.0), _SLOWEST_S)


def _way(alarm: Alarm) -> int:
    """Up, down, or neither."""
    value = alarm.value
    if isinstance(value, str):
        return 0
    if alarm.high is not None and value > alarm.high:
        return 1
    return -1 if alarm.low is not None and value < alarm.low else 0
