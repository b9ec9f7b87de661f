"""Who is not to be heard for a while, such as during maintenance."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from edge.sensors.alarms.errors import AlarmError
from edge.sensors.alarms.model import Alarm, Mute

ALL: Final = "all"
LONGEST_S: Final = 30 * 86_400.0
_MOST: Final = 200
_LIVES: Final = frozenset({"smoke", "carbon_monoxide", "gas"})
"""Device classes that only their own name mutes."""


class Mutes:
    """Those that hold, by scope."""

    def __init__(self, mutes: Iterable[Mute] = ()) -> None:
        self._by_scope = {one.scope: one for one in mutes}

    def all(self) -> tuple[Mute, ...]:
        """In the order they were made."""
        return tuple(self._by_scope.values())

    def add(self, sensor: str | None, area: str | None, now_s: float, for_s: float, by: str) -> Mute:
        """From now on for so long; longer or shorter than before. Raises `AlarmError`."""
        if not (math.isfinite(for_s) and 0 < for_s <= LONGEST_S):
            raise AlarmError(f"alarms can be muted for up to {LONGEST_S / 86_400:.0f} days at a time")
        scope = _scope(sensor, area)
        if scope not in self._by_scope and len(self._by_scope) >= _MOST:
            raise AlarmError(f"{_MOST} things are muted already: mute all of them, or unmute some")
        mute = Mute(scope, now_s + for_s, now_s, by)
        self._by_scope[scope] = mute
        return mute

    def remove(self, sensor: str | None, area: str | None) -> tuple[Mute, ...]:
        """Of one scope, or of all."""
        scope = _scope(sensor, area)
        if scope == ALL:
            ended, self._by_scope = self.all(), {}
            return ended
        found = self._by_scope.pop(scope, None)
        return (found,) if found is not None else ()

    def expire(self, now_s: float) -> bool:
        """Whether any was over."""
        held = {scope: one for scope, one in self._by_scope.items() if one.until_s > now_s}
        some = len(held) != len(self._by_scope)
        self._by_scope = held
        return some

    def shift(self, by_s: float) -> None:
        """The clock was set: they last as long as was said."""
        self._by_scope = {
            scope: replace(one, until_s=one.until_s + by_s, since_s=one.since_s + by_s)
            for scope, one in self._by_scope.items()
        }

    def cover(self, alarm: Alarm, now_s: float) -> bool:
        """Whether one of them holds for an alarm; none that a wrong clock makes longer than it can be."""
        if not self._by_scope:
            return False
        scopes = [alarm.sensor, alarm.device]
        if alarm.device_class not in _LIVES:
            scopes += [ALL, f"area/{alarm.area}"]
        held = (one for scope in scopes if (one := self._by_scope.get(scope)) is not None)
        return any(0.0 < one.until_s - now_s <= LONGEST_S for one in held)


def _scope(sensor: str | None, area: str | None) -> str:
    return f"area/{area}" if area else sensor or ALL
