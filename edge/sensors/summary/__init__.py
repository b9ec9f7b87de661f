"""A day or a week of the house in figures: what was usual, what was not, what was left open, what is getting worse.

`summarise.summarise` reads the history and blocks: it belongs on a thread, and is imported when somebody asks.
May import what `edge.sensors` may, and numpy.
"""

from edge.sensors.summary.model import Summary, Width

__all__ = ["Summary", "Width"]
