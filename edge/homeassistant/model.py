"""What Home Assistant says of the house: floors, areas, labels, physical devices, entities, states; no I/O here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Place:
    """A floor, or an area with its floor."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    floor: str | None = None


@dataclass(frozen=True, slots=True)
class Gadget:
    """An entry of the device registry: the thing that entities belong to."""

    id: str
    name: str | None = None
    renamed: bool = False
    """Whether a person gave it its name."""
    area: str | None = None
    labels: tuple[str, ...] = ()
    identifiers: frozenset[tuple[str, str]] = frozenset()
    """Pairs of integration and identifier."""
    connections: frozenset[tuple[str, str]] = frozenset()
    """Pairs such as (`mac`, `aa:bb:cc:dd:ee:ff`)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the entity registry."""

    id: str
    platform: str = ""
    unique_id: str | None = None
    name: str | None = None
    """What a person named it."""
    original_name: str | None = None
    area: str | None = None
    gadget: str | None = None
    category: str | None = None
    device_class: str | None = None
    aliases: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    disabled: bool = False
    exposed: bool | None = None
    """Whether its options expose it to assistants; None where they don't say."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an entity's state is, in Home Assistant's words."""

    state: str
    attributes: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True)
class Known:
    """Everything said of one entity that is taken, apart from its state; this is what is remembered."""

    entity: str
    name: str
    renamed: bool = False
    """Whether a person gave the entity, or the thing it belongs to, its name."""
    area: str | None = None
    """An area's id in Home Assistant."""
    aliases: tuple[str, ...] = ()
    device_class: str | None = None
    unit: str | None = None
    features: frozenset[str] = frozenset()
    options: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    category: str | None = None
    group: str | None = None
    platform: str = ""
    unique_id: str | None = None
    labels: tuple[str, ...] = ()
    connections: frozenset[tuple[str, str]] = frozenset()

    @property
    def domain(self) -> str:
        """The part of the entity's id before the dot."""
        return self.entity.partition(".")[0]
