"""What people said of how single sensors are to be watched, in a file that outlives power cuts; methods block."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge.files import replace_file
from edge.sensors.defaults import with_changes
from edge.sensors.errors import SensorError
from edge.settings.watch import WatchedSettings

log = logging.getLogger(__name__)

FILE: Final = "watched.json"
_MOST: Final = 1000

Change = Mapping[str, Mapping[str, Any] | bool]
"""By detector, as `[[watch.sensors]]` has it."""


class Wishes:
    """One change of the detectors for each series that somebody spoke of; they go after what the settings say."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._changes: dict[str, dict[str, Any]] = {}

    def load(self) -> None:
        """Read them; a file that can't be used is set aside, and nothing is changed for anyone."""
        try:
            read = json.loads(self._file.read_text("utf-8"))
            self._changes = {str(key): _usable(change) for key, change in dict(read).items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, SensorError) as error:
            aside = self._file.with_name(self._file.name + ".damaged")
            log.warning("watch.wishes_unreadable", extra={"file": str(self._file), "reason": str(error)})
            try:
                self._file.replace(aside)
            except OSError as again:
                log.warning("watch.wishes_not_set_aside", extra={"file": str(self._file), "reason": str(again)})

    def entries(self) -> tuple[WatchedSettings, ...]:
        """As entries of `[[watch.sensors]]`."""
        return tuple(WatchedSettings.model_validate({"sensor": key, **change}) for key, change in self._changes.items())

    def change(self, key: str, change: Change) -> None:
        """From now on this, over what was said before. Raises `SensorError` where that can't be, or can't be kept."""
        checked = _usable(change)
        if key not in self._changes and len(self._changes) >= _MOST:
            raise SensorError(f"{_MOST} sensors are watched in a way of their own already: use [[watch.sensors]]")
        known = dict(self._changes.get(key, {}))
        for detector, fields in checked.items():
            before = known.get(detector)
            known[detector] = {**before, **fields} if isinstance(before, dict) and isinstance(fields, dict) else fields
        changes = {**self._changes, key: known}
        try:
            replace_file(self._file, json.dumps(changes, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            raise SensorError(f"{self._file} can't be written ({error}): is the disk full, or read-only?") from None
        self._changes = changes


def _usable(change: object) -> dict[str, Any]:
    if not isinstance(change, Mapping):
        raise SensorError(f"expected settings by detector, not {change!r}")
    with_changes((), change)
    return {str(key): dict(value) if isinstance(value, Mapping) else value for key, value in change.items()}
