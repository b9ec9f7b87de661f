"""Why a sensor moved: what changed before, and how often that was followed by such a movement until now.

`explain.explain` reads the history and blocks: it belongs on a thread, and is imported when somebody asks.
May import what `edge.sensors` may, and numpy.
"""

from edge.sensors.explaining.model import Cause, Direction, Explanation, Inquiry, Movement, Places

__all__ = ["Cause", "Direction", "Explanation", "Inquiry", "Movement", "Places"]
