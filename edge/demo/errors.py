"""What can go wrong with the demo itself."""

from edge.errors import EdgeError


class DemoError(EdgeError):
    """The house, the service or the broker did not start, or ended too soon."""
