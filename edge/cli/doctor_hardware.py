"""What `edge doctor` looks at of attached hardware."""

import importlib.util
from typing import TYPE_CHECKING, Any

from edge.api.wire import ControlClient
from edge.errors import EdgeError
from edge.health.checks.hardware import HardwareFacts
from edge.settings import control_sockets

if TYPE_CHECKING:
    from edge.settings import Loaded


def hardware_facts(loaded: "Loaded") -> HardwareFacts | None:
    """Of the running service, or of the settings where none runs; None where nothing is attached."""
    entries = loaded.settings.hardware
    told: dict[str, Any] | None = None
    try:
        with ControlClient(*control_sockets(loaded.places)) as client:
            told = client.call("status").get("hardware")
    except EdgeError:
        pass  # none runs
    has_library = importlib.util.find_spec("gpiozero") is not None
    if told is not None:
        return HardwareFacts(
            told["outputs"],
            told["buttons"],
            told["sensors"],
            tuple(told["problems"]),
            told["unread"],
            has_library=has_library,
        )
    if not entries:
        return None
    return HardwareFacts(
        sum(entry.is_output for entry in entries),
        sum(entry.kind == "button" for entry in entries),
        sum(entry.is_sensor for entry in entries),
        is_running=False,
        has_library=has_library,
    )
