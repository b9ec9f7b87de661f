"""How long an alarm that is over stays: what comes back soon is the same one, what nobody has seen waits for them."""

from collections.abc import Sequence
from typing import Final

from edge.sensors.alarms.model import Alarm
from edge.sensors.model import Severity

_LONGEST_COOL_DOWN_S: Final = 12 * 3600.0
_FORGET_S: Final = 7 * 86_400.0
"""After which what is over leaves although nobody has seen it."""


def patience_s(alarm: Alarm, cool_down_s: float) -> float:
    """For how long it is told no second time: twice as long each time that it comes back, but for what is critical."""
    if alarm.severity is Severity.CRITICAL:
        return cool_down_s
    return min(cool_down_s * 2.0 ** min(alarm.count - 1, 10), max(_LONGEST_COOL_DOWN_S, cool_down_s))


def may_leave(members: Sequence[Alarm], now_s: float, cool_down_s: float) -> bool:
    """All of it is over for as long as it might come back, and seen, or not worth being seen."""
    if any(one.is_active for one in members):
        return False
    ended_s = max(one.ended_s or 0.0 for one in members)
    if now_s - ended_s >= _FORGET_S:
        return True
    seen = all(one.acknowledged or not one.told or one.severity is Severity.INFO for one in members)
    return seen and now_s - ended_s >= patience_s(members[0], cool_down_s)
