"""From copied spans to calls on the home's devices; pure. May import `edge.devices`, the router's types and values."""

from edge.router.resolution.outcome import Explained, Resolution
from edge.router.resolution.resolve import resolve

__all__ = ["Explained", "Resolution", "resolve"]
