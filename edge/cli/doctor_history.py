"""What `edge doctor` looks at of the history: the running service where there is one, else the file."""

import sqlite3
from typing import Any

from edge.api.wire import ControlClient, ControlError
from edge.errors import EdgeError
from edge.health.checks.history import HistoryFacts
from edge.settings import Loaded, control_sockets

_PATIENCE_S = 5.0


def history_facts(loaded: Loaded) -> HistoryFacts | None:
    """None where nothing is to be remembered."""
    if not loaded.settings.history.enabled:
        return None
    file = loaded.places.history
    told = _told(loaded)
    sensors, trouble = int(told.get("sensors", 0)), str(told.get("trouble", ""))
    size = None
    try:
        if file.exists():
            size = file.stat().st_size
            if not told:
                sensors = _sensors(loaded)
        aside = tuple(sorted(str(one) for one in file.parent.glob(f"{file.name}.damaged-*") if one.name[-1].isdigit()))
    except (EdgeError, OSError) as error:
        return HistoryFacts(str(file), size, trouble=trouble or str(error))
    return HistoryFacts(
        str(file),
        size,
        loaded.settings.history.most_bytes,
        sensors,
        trouble,
        int(told.get("lost", 0)),
        int(told.get("kept_apart", 0)),
        tuple(told.get("thinned_now", ())),
        aside,
    )


def _sensors(loaded: Loaded) -> int:
    """How many series there are. Raises `SensorError`."""
    from edge.sensors.history.reader import Reader
    from edge.sensors.history.schema import damaged

    try:
        with Reader(loaded.places.history) as reader:
            return len(reader.sensors())
    except sqlite3.DatabaseError as error:
        raise damaged(loaded.places.history, error) from None


def _told(loaded: Loaded) -> dict[str, Any]:
    """What a running service says; nothing where none runs."""
    try:
        with ControlClient(*control_sockets(loaded.places), timeout_s=_PATIENCE_S) as client:
            return dict(client.call("status").get("history") or {})
    except ControlError:
        return {}
