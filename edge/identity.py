"""Who this appliance is to others, whatever its host is called: a kept id, and how an appliance is known by it."""

import logging
import re
import secrets
from pathlib import Path
from typing import Final

from edge.files import replace_file

log = logging.getLogger(__name__)

ORIGIN: Final = "edge-assistant"
"""What Home Assistant is told that our entities come from; by this, one appliance leaves another's alone."""
_FILE: Final = "appliance-id"
_DEVICE: Final = re.compile(r"edge_[0-9a-f]{12}", re.ASCII)


def kept_device_id(state: Path) -> str | None:
    """The id of this appliance as a device, from its state directory; None where there is none yet. Blocks."""
    file = state / _FILE
    try:
        kept = file.read_text(encoding="ascii").strip()
        if is_device_id(kept):
            return kept
        log.warning("appliance.id_unreadable", extra={"file": str(file)})
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError) as error:
        log.warning("appliance.id_unreadable", extra={"file": str(file), "reason": str(error)})
    return None


def new_device_id() -> str:
    """An id that no other appliance has."""
    return f"edge_{secrets.token_hex(6)}"


def keep_device_id(state: Path, identifier: str) -> None:
    """Keep it for the next start; where that can't be, it is another one then, which is logged. Blocks."""
    file = state / _FILE
    try:
        replace_file(file, f"{identifier}\n".encode())
    except OSError as error:
        log.warning("appliance.id_not_kept", extra={"file": str(file), "reason": str(error)})


def is_device_id(identifier: object) -> bool:
    """Whether a device with this identifier is an appliance like this one (or this one itself)."""
    return isinstance(identifier, str) and _DEVICE.fullmatch(identifier) is not None
