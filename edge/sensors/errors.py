"""What can be wrong with sensors, in words a person can act on."""

from edge.errors import EdgeError


class SensorError(EdgeError):
    """A sensor's settings, or a reading given by hand, can't be used."""
