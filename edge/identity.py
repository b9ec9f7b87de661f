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


def device_id(state: Path) -> str:
    """The id of this appliance as a device, made at the first start and kept in the state directory; blocks.

    Where it can't be kept it is another one after a restart, which is logged.
    """
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
    fresh = f"edge_{secrets.token_hex(6)}"
    try:
        replace_file(file, f"{fresh}\n".encode())
    except OSError as error:
        log.warning("appliance.id_not_kept", extra={"file": str(file), "reason": str(error)})
    return fresh


def is_device_id(identifier: object) -> bool:
    """Whether a device with this identifier is an appliance like this one (or this one itself)."""
    return isinstance(identifier, str) and _DEVICE.fullmatch(identifier) is not None
