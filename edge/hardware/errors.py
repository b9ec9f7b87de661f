"""What can go wrong with attached hardware."""

from edge.errors import EdgeError


class HardwareError(EdgeError):
    """A pin or a sensor can't be used; the message says which, why, and what to do."""


class UnsupportedServiceError(HardwareError):
    """It takes no such service, or not with these data."""
