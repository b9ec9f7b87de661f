"""What sensors measured, in SQLite: readings, then five-minute, hourly and daily figures; and questions about them.

`History` takes readings in and writes them from a thread of its own; `Reader` answers from the file, in the service or
beside it. `intake`, `packing`, `units` and `plot` are pure. May import `edge.devices`, `edge.settings`, `edge.tuning`
and `edge.errors`. SQLite is imported by what opens the file alone.
"""

from edge.sensors.history.model import Bucket, Counter, Point, Sensor, Sort, Stats

__all__ = ["Bucket", "Counter", "Point", "Sensor", "Sort", "Stats"]
