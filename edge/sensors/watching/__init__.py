"""Watches every sensor of the history: chooses its detectors, feeds them, keeps what they learn, fills the alarm book.

`choosing` and `watching` are pure and synchronous, `Watchkeeper` gives them the time and a database. May import
`edge.sensors`, its `alarms`, `detectors` and `history.model`, `edge.devices.model`, `edge.settings.watch` and
`edge.errors`.
"""

from edge.sensors.watching.choosing import Choosing, described
from edge.sensors.watching.watching import Watching
from edge.sensors.watching.watchkeeper import Watchkeeper

__all__ = ["Choosing", "Watching", "Watchkeeper", "described"]
