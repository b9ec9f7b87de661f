"""What may be heard at which hour, and how loud."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from edge.speech.loudness import QuietHours
from edge.speech.turns import Priority, Turn

Now = Callable[[], datetime | None]
"""Local time; None while the clock is not to be trusted, and then no hour is quiet."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How the mouth behaves; volumes are 0..1."""

    quiet: QuietHours | None = None
    """When announcements and common alarms wait for the morning."""
    quiet_volume: float = 0.4
    """The loudest that a reply may be then."""
    ring_volume: float = 0.4
    """The least for what rings, then too: somebody asked for it."""
    alarm_volume: float = 0.7
    """The least for severe alarms."""
    alarms_always: bool = True
    """Whether these sound in quiet hours and when muted."""

    asked: Callable[[datetime], bool] | None = None
    """In the place of `quiet`: whether a moment is a quiet one, by what people asked for besides."""

    def is_quiet(self, now: Now) -> bool:
        """Whether the hour is one of the quiet ones."""
        covers = self.asked or (self.quiet.cover if self.quiet is not None else None)
        if covers is None:
            return False
        moment = now()
        return moment is not None and covers(moment)

    def always(self, turn: Turn) -> bool:
        """Whether it is heard whatever was said about silence."""
        return turn.severe and self.alarms_always

    def welcome(self, turn: Turn, now: Now) -> bool:
        """Whether it may be heard at this hour."""
        asked_for = turn.priority in (Priority.REPLY, Priority.RING)
        return asked_for or self.always(turn) or not self.is_quiet(now)

    def volume(self, chosen: float, turn: Turn, now: Now) -> float:
        """How loud it is when a person chose that volume."""
        if turn.severe:
            return max(chosen, self.alarm_volume)
        if turn.rings:
            return max(chosen, self.ring_volume)
        return min(chosen, self.quiet_volume) if self.is_quiet(now) else chosen
