"""Visitors in the house: whether there are any, until when, and what they may do; kept over restarts."""

import asyncio
import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.assistant.people.limits import CHAT, Limit
from edge.errors import EdgeError
from edge.files import replace_file
from edge.schedule.clock import Clock

log = logging.getLogger(__name__)

FILE: Final = "guests.json"
"""In the state directory."""
MAY: Final = frozenset(
    {
        *("light", "switch", "fan", "media_player", "cover", "climate", "humidifier", "scene", "vacuum", "lock"),
        *("timers", "voice", CHAT, "questions", "people", "weather", "input_boolean"),
    }
)
"""What visitors may do where the settings don't say it: what lets somebody in asks for the PIN even so."""
PRIVATE: Final = frozenset(
    {
        *("person", "device_tracker", "camera", "alarm_control_panel", "calendar"),
        *("lists", "memory", "rules", "alarms", "messages", "summary.get", "reminder.status", "sensor.explain"),
    }
)
"""What is not told to visitors, nor changed by them."""


class GuestsError(EdgeError):
    """Whether there are visitors can't be kept; the message says where and why."""


@dataclass(frozen=True, slots=True)
class House:
    """The settings: what visitors may do."""

    always: bool = False
    """Whether everybody is one who has not proved who they are: a holiday flat."""
    may: frozenset[str] = MAY
    may_not: frozenset[str] = PRIVATE
    celsius: tuple[float, float] = (16.0, 24.0)
    """Between what they may set heating and cooling."""

    @property
    def limit(self) -> Limit:
        """As that of a source."""
        return Limit("guest", may=self.may, may_not=self.may_not, guest=True)


@dataclass(slots=True)
class GuestMode:
    """Whether the mode is on."""

    clock: Clock
    house: House = field(default_factory=House)
    file: Path | None = None
    on: bool = False
    until_s: float | None = None
    """Seconds since 1970 at which it ends by itself; None: when somebody says so."""
    listeners: list[Callable[[], None]] = field(default_factory=list)
    """Called after every change."""

    @property
    def active(self) -> bool:
        """Whether it holds now; it goes on while the clock can't be trusted."""
        if self.house.always:
            return True
        ended = self.until_s is not None and self.clock.trusted and self.clock.now().timestamp() >= self.until_s
        return self.on and not ended

    async def change(self, on: bool, until_s: float | None = None) -> None:
        """Turn it on or off. Raises `GuestsError` where that can't be kept; it holds all the same."""
        self.on, self.until_s = on, until_s if on else None
        log.info("guests.changed", extra={"on": on, "until": self.until_s})
        for listener in tuple(self.listeners):
            listener()
        await asyncio.to_thread(self._keep)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have it called after every change; returns what ends that."""
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def load(self) -> None:
        """As it was kept. What can't be read leaves the mode on: whoever damaged a file is not let in by it. Blocks."""
        if self.file is None:
            return
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            on, until = kept["on"] is True, kept.get("until")
            until_s = float(until) if isinstance(until, int | float) and math.isfinite(until) else None
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            log.warning("guests.unreadable", extra={"file": str(self.file), "reason": str(error)})
            on, until_s = True, None
        self.on, self.until_s = on, until_s

    def _keep(self) -> None:
        if self.file is None:
            return
        try:
            replace_file(self.file, json.dumps({"on": self.on, "until": self.until_s}).encode())
        except OSError as error:
            reason = error.strerror or error
            raise GuestsError(f"whether there are visitors can't be kept in {self.file}: {reason}") from error
