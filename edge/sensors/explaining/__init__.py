"""Why a sensor moved: what changed before, and how often that was followed by such a movement until now.

`explain` reads the history (see `edge.sensors.history.reader`) and blocks: it belongs on a thread. May import what
`edge.sensors` may, and numpy.
"""

from edge.sensors.explaining.explain import explain
from edge.sensors.explaining.model import Cause, Direction, Explanation, Inquiry, Movement, Places

__all__ = ["Cause", "Direction", "Explanation", "Inquiry", "Movement", "Places", "explain"]
