"""Empties a seed's secrets so that a power cut at any moment leaves either the secret or what is meant.

The order: the secrets are stored and on the disk (not here), what is to be written is noted, it is written, the note
goes. A start that finds the note does the writing again, unless a person has changed the file since.
"""

import base64
import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Final

from edge.appliance.files import read_bounded, write_private
from edge.appliance.places import Machine
from edge.appliance.seed.blanking import Blanked
from edge.appliance.seed.reading import MOST_BYTES
from edge.files import replace_file, sync_directory

NOTE: Final = "blanking.json"


def blank(machine: Machine, before: bytes, after: Blanked) -> None:
    """Overwrite the secrets in the seed; the boot partition must be writable. Raises OSError."""
    note = {
        "before": hashlib.sha256(before).hexdigest(),
        "after": base64.b64encode(after.data).decode(),
        "spans": [list(span) for span in after.spans],
    }
    file = machine.memory / NOTE
    with machine.as_service():
        write_private(file, json.dumps(note).encode())
    _overwrite(machine.seed, after)
    _forget(machine)


def replace(machine: Machine, text: bytes) -> None:
    """Where secrets could not be overwritten in place: another file in its place. Raises OSError."""
    replace_file(machine.seed, text)


def recover(machine: Machine) -> bool:
    """Finish what a power cut has interrupted, on a writable boot partition; whether there was something."""
    noted = pending(machine)
    if noted is None:
        return False
    before, after = noted
    with contextlib.suppress(OSError):
        current = read_bounded(machine.seed, MOST_BYTES + 1)
        if hashlib.sha256(current).hexdigest() == before or _torn(current, after):
            _overwrite(machine.seed, after)
    _forget(machine)
    return True


def pending(machine: Machine) -> tuple[str, Blanked] | None:
    """The digest of the seed before, and what it is to become; None where nothing was interrupted."""
    try:
        with machine.as_service():
            note: Any = json.loads(read_bounded(machine.memory / NOTE, 4 * MOST_BYTES))
        spans = tuple((int(start), int(end)) for start, end in note["spans"])
        return str(note["before"]), Blanked(base64.b64decode(note["after"], validate=True), spans)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        _forget(machine)
        return None


def _torn(current: bytes, after: Blanked) -> bool:
    """Whether it is the file before or after, or between the two: the same but for the secrets."""
    if len(current) != len(after.data):
        return False
    kept, left = bytearray(current), bytearray(after.data)
    for start, end in after.spans:
        kept[start:end] = left[start:end] = bytes(end - start)
    return kept == left


def _overwrite(file: Path, after: Blanked) -> None:
    number = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for start, end in after.spans:
            os.pwrite(number, after.data[start:end], start)
        os.fsync(number)
    finally:
        os.close(number)


def _forget(machine: Machine) -> None:
    with machine.as_service(), contextlib.suppress(OSError):
        (machine.memory / NOTE).unlink(missing_ok=True)
        sync_directory(machine.memory)
