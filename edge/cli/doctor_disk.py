"""What `edge doctor` looks at of the disk."""

import shutil
from typing import TYPE_CHECKING, Any

from edge.api.wire import ControlClient
from edge.errors import EdgeError
from edge.health.checks.disk import DiskFacts
from edge.settings import control_sockets

if TYPE_CHECKING:
    from edge.settings import Loaded


def disk_facts(loaded: "Loaded") -> DiskFacts | None:
    """Of the disk of the state, and of the running service what is written to it; None where there is no state yet."""
    state = loaded.places.state
    try:
        usage = shutil.disk_usage(state)
    except OSError:
        return None
    told: dict[str, Any] = {}
    try:
        with ControlClient(*control_sockets(loaded.places)) as client:
            told = client.call("status").get("disk") or {}
    except EdgeError:
        pass  # none runs
    return DiskFacts(
        str(state),
        usage.free,
        usage.total,
        str(told.get("disk", "")),
        told.get("written_bytes_per_day"),
        told.get("written_by_us_bytes_per_day"),
    )
