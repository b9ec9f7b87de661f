"""How long to wait before the next try to reach a broker."""

from edge.backoff import Backoff

__all__ = ["Backoff"]
