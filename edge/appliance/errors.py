"""What can go wrong with the machine itself."""

from edge.errors import EdgeError


class ApplianceError(EdgeError):
    """A step of a start could not be done; the message says which, and what to do."""
