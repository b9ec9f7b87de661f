"""What hangs on the room of this machine: `[speech.button]`, `[speech.light]`, `[speech.ducking]`."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from edge.settings.base import Fraction, Name, Table, like

KEYS: Final = {
    "space": 57,
    "enter": 28,
    "f1": 59,
    "f12": 88,
    "playpause": 164,
    "mute": 113,
    "micmute": 248,
    "voicecommand": 582,
    "search": 217,
    "assistant": 583,
}
"""Names of keys and their codes in linux/input-event-codes.h; any other is given as its code."""


def key_code(name: str) -> int:
    """The code of a key by its name or number; raises ValueError."""
    code = KEYS.get(name.casefold(), int(name) if name.isdecimal() and len(name) < 5 else 0)
    if not 0 < code < 0x300:
        raise ValueError(f"expected a key's code (`evtest` shows it), or one of {', '.join(KEYS)}, found {name[:60]!r}")
    return code


def _key(name: str) -> str:
    key_code(name)
    return name


Key = Annotated[str, AfterValidator(_key)]
Pin = Annotated[int, Field(ge=0, le=1023)]
"""As Broadcom counts."""


_HOUR: Final = r"([01]?\d|2[0-3])[:.][0-5]\d"
QuietHours = Annotated[str, like(rf"\s*{_HOUR}\s*[-–]\s*{_HOUR}\s*", "22:00-07:00")]
"""From one time of day to another."""


class ButtonSettings(Table):
    """`[speech.button]`: what is pressed in place of the wake word, and what mutes the microphone."""

    pin: Pin | None = None
    """A button between this GPIO pin and ground."""
    key: Key | None = None
    """A key of a keyboard or remote control."""
    mute_pin: Pin | None = None
    mute_key: Key | None = None
    keyboard: Path | None = None
    """Which: `/dev/input/by-id/…-event-kbd`; none: every keyboard at this machine."""


class LightSettings(Table):
    """`[speech.light]`: shows what the room does."""

    pin: Pin | None = None
    """A GPIO pin with an LED that shines while somebody is listened to."""
    muted_pin: Pin | None = None
    """One that shines while the microphone is closed."""
    command: tuple[Name, ...] = ()
    """A program and its arguments, run with the state as its last one whenever that changes."""


class DuckingSettings(Table):
    """`[speech.ducking]`: other sound in the room makes way while somebody speaks."""

    players: bool = True
    """Whether media players of the room's area do."""
    streams: bool = True
    """Whether other programs that play through this machine's sound server do."""
    volume: Fraction = 0.3
    """The share of their volume that is left to them."""
