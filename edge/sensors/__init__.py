"""The house's sensors: readings, the detectors that watch them, and what they find.

`model`, `intake`, `watch`, `neighbourhood`, `defaults`, `detectors` and `scoring` are pure and synchronous: no I/O, no
clock but the times they are given. May import `edge.devices`, `edge.settings` and `edge.errors`.
"""

from edge.sensors.model import Change, Finding, Kind, Reading, Severity
from edge.sensors.watch import Watch

__all__ = ["Change", "Finding", "Kind", "Reading", "Severity", "Watch"]
