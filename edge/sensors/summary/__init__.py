"""A day or a week of the house in figures: what was usual, what was not, what was left open, what is getting worse.

`summarise` reads the history (see `edge.sensors.history.reader`) and blocks: it belongs on a thread. May import what
`edge.sensors` may, and numpy.
"""

from edge.sensors.summary.model import Summary, Width
from edge.sensors.summary.summarise import summarise

__all__ = ["Summary", "Width", "summarise"]
