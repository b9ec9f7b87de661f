"""What a home is made of: floors, areas, devices, their states, and the calls that move them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey of the home."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A room or another place; `floor` is a floor's id."""

    id: str
    name: str
    floor: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """One entity in Home Assistant's sense: `id` is `domain.object_id`, `area` an area's id."""

    id: str
    name: str
    area: str | None = None
    aliases: tuple[str, ...] = ()
    device_class: str | None = None
    unit: str | None = None
    features: frozenset[str] = frozenset()
    """Service names it takes ("turn_on", "set_position"); empty means not known, try anything its domain has."""
    options: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    """Limits and choices: min, max, step, modes, preset_modes, fan_modes, effects, options, supported colour modes."""
    category: str | None = None
    """`config` or `diagnostic`: reached by its full name only, never by "all" or a class."""
    group: str | None = None
    """The physical device it belongs to, as named by its maker or owner."""
    exposed: bool = True
    """Whether the assistant finds it by name, kind and place; one that is not is for the page and for rules alone."""

    @property
    def domain(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What a device last said of itself; times are monotonic seconds."""

    state: str | None = None
    """Home Assistant's state word ("on", "open", "locked", "21.5"); None while unknown."""
    attributes: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    """Home Assistant's attribute names: brightness (0..255), current_position (0..100), temperature, …"""
    available: bool = True
    changed_s: float = 0.0
    reported_s: float = 0.0


class Agent(StrEnum):
    """Whose doing it is, on behalf of whoever asked."""

    PERSON = "person"
    """It was asked for, in these or other words."""
    MODEL = "model"
    """The language model called for it."""
    SCHEDULE = "schedule"
    """It was ordered earlier, for now."""


@dataclass(frozen=True, slots=True)
class Cause:
    """On whose behalf a service is called."""

    source: str
    """Where the request came in: `voice`, `mqtt`, `http`, …"""
    origin: str = ""
    """Who or what within the source: a satellite, a client, a token's name."""
    area: str | None = None
    request: str = ""
    """The request's id."""
    by: Agent = Agent.PERSON
    author: str = ""
    """Who ordered it, as source and origin, where it was earlier: who made the rule, who put it on the schedule."""
    guest: bool = False
    """Whether that was a visitor."""


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """One service on one device, in Home Assistant's words: `light.turn_on` with `{"brightness_pct": 20}`."""

    device: str
    service: str
    data: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    cause: Cause | None = field(default=None, compare=False, repr=False)
    """What is known of it where the call is carried out."""


class Outcome(StrEnum):
    """How a service call ended."""

    DONE = "done"
    """The state that came back shows it."""
    ALREADY = "already"
    """It was so before; sent all the same where that is harmless."""
    SENT = "sent"
    """The device reports no state, so that nothing can come back."""
    UNANSWERED = "unanswered"
    """No state came back in time."""
    UNAVAILABLE = "unavailable"
    """The device said it is off line; nothing was sent."""
    UNSUPPORTED = "unsupported"
    """The device has no such service."""
    REFUSED = "refused"
    """Whoever ordered it may not, or nobody has confirmed it; nothing was sent."""
