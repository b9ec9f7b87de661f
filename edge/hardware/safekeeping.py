"""What a running service has at its pins, noted so that another process can make it safe after a sudden end."""

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.files import replace_file

if TYPE_CHECKING:
    from edge.hardware.outputs import Attachment
    from edge.settings.hardware import HardwareSettings

log = logging.getLogger(__name__)

FILE: Final = "hardware.json"
_MOST_BYTES: Final = 256 * 1024


def note(runtime: Path, entries: Sequence["HardwareSettings"]) -> None:
    """Say which outputs there are, before they are opened; without any the note goes. Blocks, raises nothing."""
    outputs = [entry.model_dump(mode="json", exclude_unset=True) for entry in entries if entry.is_output]
    try:
        if outputs:
            replace_file(runtime / FILE, json.dumps(outputs).encode())
        else:
            (runtime / FILE).unlink(missing_ok=True)
    except OSError as error:
        log.warning("hardware.not_noted", extra={"file": str(runtime / FILE), "reason": str(error)})


@dataclass(frozen=True, slots=True)
class Safe:
    """Pins that are held in their safe states for as long as this is."""

    troubles: tuple[str, ...] = ()
    """What could not be done."""
    held: tuple["Attachment", ...] = ()


def make_noted_safe(runtime: Path) -> Safe | None:
    """Bring the outputs of a service that ended into their safe states; None where there are none.

    To be followed by `leave`, with what this gives still in hand.
    """
    try:
        with (runtime / FILE).open("rb") as opened:
            noted = json.loads(opened.read(_MOST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return Safe((f"{runtime / FILE} can't be read: {error}",))
    from pydantic import TypeAdapter, ValidationError

    from edge.hardware.outputs import make_safe
    from edge.settings.hardware import HardwareSettings

    try:
        entries = TypeAdapter(tuple[HardwareSettings, ...]).validate_python(noted)
    except ValidationError as error:
        return Safe((f"{runtime / FILE} can't be understood: {error.error_count()} errors",))
    held = make_safe(entries)
    return Safe(tuple(one.trouble for one in held if one.trouble), tuple(held))


def leave(status: int) -> None:
    """End this process, whose pins stay as they are: the library would make inputs of them at an ordinary end."""
    os._exit(status)
