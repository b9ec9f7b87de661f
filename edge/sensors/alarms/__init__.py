"""Alarms: what was found or asked for, kept until it is over and somebody has seen it; and the rules people made.

`AlarmBook` is pure and synchronous; `Keeper` keeps it in SQLite. May import `edge.sensors.model`,
`edge.sensors.history.model`, `edge.sensors.history.units`, `edge.sensors.errors` and `edge.errors`.
"""

from edge.sensors.alarms.book import AlarmBook
from edge.sensors.alarms.model import (
    Alarm,
    AlarmChange,
    AlarmRule,
    AlarmState,
    Condition,
    Mute,
    News,
    Relation,
    Subject,
)

__all__ = [
    "Alarm",
    "AlarmBook",
    "AlarmChange",
    "AlarmRule",
    "AlarmState",
    "Condition",
    "Mute",
    "News",
    "Relation",
    "Subject",
]
