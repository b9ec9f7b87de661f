"""What is remembered: facts and notes as they were said, and other names of devices and places."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How something came to be remembered."""

    FACT = "fact"
    """ "Remember that …": told again to whoever asks after it."""
    NOTE = "note"
    """ "Take a note: …": read out as a list."""


class Thing(StrEnum):
    """What may have another name."""

    DEVICE = "device"
    AREA = "area"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact or a note."""

    id: str
    kind: Kind
    text: str
    """As it was said, without "remember that"; one line, never empty."""
    at_s: float = 0.0
    """When, in seconds since 1970, by the clock of then."""
    by: str = ""
    """The source, and who or what within it."""
    area: str | None = None
    """The room it was said in."""


@dataclass(frozen=True, slots=True)
class Match:
    """What was found, and which share of the words that were looked for it has: 0..1."""

    entry: Entry
    share: float


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a device, an area or a floor."""

    thing: Thing
    id: str
    """Of the device, area or floor."""
    name: str
    at_s: float = 0.0
    by: str = ""
