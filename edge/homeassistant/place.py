"""Where the house is, as Home Assistant has it: for those who have not written it down here."""

import asyncio
import json
import logging
import math
from pathlib import Path
from typing import Any

from edge.files import replace_file
from edge.homeassistant.session import Session
from edge.homeassistant.wire import mapping
from edge.schedule.recurrence import Calendar, Place

log = logging.getLogger(__name__)


class Located:
    """Gives a calendar the place that it lacks; kept in a file, for the time when Home Assistant does not answer."""

    def __init__(self, calendar: Calendar, file: Path) -> None:
        self._calendar = calendar
        self._file = file
        self._ours = calendar.place is not None

    def recall(self) -> None:
        """The place that was told last. Blocks."""
        if self._ours:
            return
        try:
            self._calendar.place = place_from(json.loads(self._file.read_text(encoding="utf-8")[:1000]))
        except (OSError, ValueError, RecursionError):
            return

    async def live(self, session: Session) -> None:
        """Ask once a session."""
        if self._ours:
            return
        place = place_from(await session.call("get_config"))
        if place is None or place == self._calendar.place:
            return
        self._calendar.place = place
        log.info("homeassistant.place", extra={"source": "home_assistant"})
        told = {"latitude": place.latitude, "longitude": place.longitude, "elevation": place.elevation_m}
        try:
            await asyncio.to_thread(replace_file, self._file, json.dumps(told).encode())
        except OSError as error:
            log.warning("homeassistant.place_not_saved", extra={"file": str(self._file), "reason": str(error)})


def place_from(told: Any) -> Place | None:
    """The place in a configuration of Home Assistant's; None where it makes no sense, or was never set."""
    north, east, high = (_number(mapping(told).get(name)) for name in ("latitude", "longitude", "elevation"))
    if not (abs(north) <= 90 and abs(east) <= 180) or (north, east) == (0.0, 0.0):
        return None
    return Place(north, east, high if -500 <= high <= 9000 else 0.0)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
