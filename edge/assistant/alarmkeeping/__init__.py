"""Alarms by voice: told, seen, muted, asked for, and made stricter or less so.

May import what `edge.assistant` may; of it the wording, `told` and `ports`.
"""

from edge.assistant.alarmkeeping.keeper import AlarmKeeper
from edge.assistant.alarmkeeping.ports import Watchers

__all__ = ["AlarmKeeper", "Watchers"]
