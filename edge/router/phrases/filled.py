"""What slots are filled in, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edge.devices.registry import Registry
from edge.router.model import Value


@dataclass(frozen=True, slots=True)
class Where:
    """What slots are resolved in: the home, the speaker's area, the local time."""

    registry: Registry
    area: str | None
    now: datetime
    told: Mapping[str, Value] = field(default_factory=dict)
    """What slots before this one came to."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a slot came to: arguments, the devices it names, and those among which a person must tell."""

    arguments: Mapping[str, Value] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    question: str | None = None
    """What to ask back, where the slot's words make sense and the home lacks what they name."""
