"""Timers, alarms, reminders, delayed actions, lists and their clocks. May import `edge.devices` and what is below."""

from edge.schedule.clock import Clock
from edge.schedule.errors import ScheduleError
from edge.schedule.model import Entry, Event, EventKind, Instant, Item, Kind, Status
from edge.schedule.schedule import Schedule
from edge.schedule.system_clock import SystemClock, boot_id

__all__ = [
    "Clock",
    "Entry",
    "Event",
    "EventKind",
    "Instant",
    "Item",
    "Kind",
    "Schedule",
    "ScheduleError",
    "Status",
    "SystemClock",
    "boot_id",
]
