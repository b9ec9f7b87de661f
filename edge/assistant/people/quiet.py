"""When nothing is said unasked: the quiet hours of every day, and what was asked for once; kept over restarts."""

import asyncio
import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from edge.errors import EdgeError
from edge.files import replace_file

log = logging.getLogger(__name__)

UNMUTE: Final = "assistant.unmute"
"""The loudspeaker's function, which also ends the quiet that somebody asked for: "you can talk again"."""
FILE: Final = "quiet.json"
"""In the state directory."""


class QuietError(EdgeError):
    """What was asked for can't be kept; the message says where and why."""


@dataclass(slots=True)
class Quiet:
    """`hours`: whether a moment, local time, is in the quiet hours of every day."""

    hours: Callable[[datetime], bool] | None = None
    file: Path | None = None
    daily: tuple[time, time] | None = None
    """Those hours' beginning and end, for people."""
    until_s: float | None = None
    """Seconds since 1970 until which somebody asked for quiet."""
    awake_until_s: float | None = None
    """Until when the hours of every day don't count, because somebody said so."""

    def covers(self, moment: datetime) -> bool:
        """Whether that moment, local time, is a quiet one."""
        if self.asked_for(moment):
            return True
        at_s = moment.timestamp()
        if self.hours is None or (self.awake_until_s is not None and at_s < self.awake_until_s):
            return False
        return self.hours(moment)

    def asked_for(self, moment: datetime) -> bool:
        """Whether somebody asked for the quiet of that moment, whatever the hours of every day."""
        return self.until_s is not None and moment.timestamp() < self.until_s

    async def ask(self, until: datetime) -> None:
        """Be quiet until then. Raises `QuietError` where that is not kept; it holds all the same."""
        await self._change(until.timestamp(), None)

    async def end(self, now: datetime) -> None:
        """Talk again; the hours of every day count from their next beginning. Raises `QuietError`."""
        await self._change(None, self._end_of_hours(now).timestamp() if self.hours and self.hours(now) else None)

    def ends(self, now: datetime) -> datetime | None:
        """When the quiet that holds now is over; None where none holds."""
        if not self.covers(now):
            return None
        until = self.until_s
        if until is None or until <= now.timestamp():
            return self._end_of_hours(now)
        asked = datetime.fromtimestamp(until, now.tzinfo)
        return self._end_of_hours(asked) if self.hours and self.hours(asked) else asked

    def load(self) -> None:
        """As it was kept; nothing where it can't be read. Blocks."""
        if self.file is None:
            return
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            self.until_s, self.awake_until_s = _moment(kept.get("until")), _moment(kept.get("awake_until"))
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            log.warning("quiet.unreadable", extra={"file": str(self.file), "reason": str(error)})

    async def _change(self, until_s: float | None, awake_until_s: float | None) -> None:
        self.until_s, self.awake_until_s = until_s, awake_until_s
        log.info("quiet.changed", extra={"until": until_s, "awake_until": awake_until_s})
        if self.file is not None:
            kept = json.dumps({"until": until_s, "awake_until": awake_until_s}).encode()
            try:
                await asyncio.to_thread(replace_file, self.file, kept)
            except OSError as error:
                raise QuietError(f"that can't be kept in {self.file}: {error.strerror or error}") from error

    def _end_of_hours(self, now: datetime) -> datetime:
        """The first minute from now on that is none of the quiet hours."""
        moment = now.replace(second=0, microsecond=0)
        hours = self.hours or (lambda _: False)
        return next((at for n in range(24 * 60) if not hours(at := moment + timedelta(minutes=n))), moment)


def _moment(kept: object) -> float | None:
    return float(kept) if isinstance(kept, int | float) and math.isfinite(kept) else None
