"""How long a device may take to show that it did what it was told; pure."""

from typing import Final

_SLOW: Final = frozenset({"alarm_control_panel", "cover", "lawn_mower", "lock", "vacuum", "valve", "water_heater"})
"""Domains whose devices need time to get where they are told to."""
_SLOW_TIMES: Final = 4.0


def patience_s(domain: str, usual_s: float) -> float:
    """Seconds, `usual_s` for what is quick."""
    return usual_s * (_SLOW_TIMES if domain in _SLOW else 1.0)
