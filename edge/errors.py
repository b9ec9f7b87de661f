"""The one root of every error this package raises on purpose."""


class EdgeError(Exception):
    """Something a person can act on; the message says what, where and what to do."""
