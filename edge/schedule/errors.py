"""What can go wrong with the schedule."""

from edge.errors import EdgeError


class ScheduleError(EdgeError):
    """The schedule can't be read, kept or waited for; the message says which file and what to do."""
