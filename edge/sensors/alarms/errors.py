"""What goes wrong with alarms."""

from edge.sensors.errors import SensorError


class AlarmError(SensorError):
    """An alarm, a rule or a mute that can't be, or can't be kept; the message says why and what to do."""
