"""Timers, alarms, reminders, delayed actions, lists and their clocks. May import `edge.devices` and what is below."""

from edge.schedule.clock import Clock

__all__ = ["Clock"]
