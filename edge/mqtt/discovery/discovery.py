"""Takes discovery messages in and keeps the entities they describe."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from edge.devices.model import Area, Device
from edge.identity import ORIGIN
from edge.mqtt.components import COMPONENTS, IGNORED, KeyValueError, MqttEntity, kind_of
from edge.mqtt.discovery.naming import naming_of
from edge.mqtt.discovery.payload import DiscoveryTopic, Found, Key, PayloadError, parse_payload, parse_topic
from edge.mqtt.entity import Entity
from edge.mqtt.slugs import slugify

_ENTITIES_LIMIT: Final = 200_000
_CONNECTIONS_LIMIT: Final = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a discovery message that could not be used; the rest was."""

    source: str
    """The topic."""
    reason: str
    ignored: bool = False
    """Left alone on purpose: nothing a person needs to mend."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one message did to the entities."""

    added: tuple[Entity, ...] = ()
    changed: tuple[Entity, ...] = ()
    """The new entity in the place of an earlier one of the same id; it knows the earlier one's state."""
    removed: tuple[Entity, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(slots=True)
class _Draft:
    """Changes while they are made."""

    source: str
    added: list[Entity] = field(default_factory=list)
    changed: list[Entity] = field(default_factory=list)
    removed: list[Entity] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def done(self) -> Changes:
        return Changes(tuple(self.added), tuple(self.changed), tuple(self.removed), tuple(self.problems))

    def problem(self, reason: str, *, ignored: bool = False) -> None:
        self.problems.append(Problem(self.source, reason, ignored))


@dataclass(slots=True)
class _Known:
    """One entity of discovery; `entity` is None while it is disabled."""

    entity: MqttEntity | None
    unique_id: str | None
    connections: frozenset[tuple[str, str]] = frozenset()
    """How the device is known on networks: pairs such as (`mac`, `aa:bb:cc:dd:ee:ff`)."""


class Discovery:
    """The entities found under one discovery prefix.

    `ids` remembers the ids given earlier, by `component unique_id`, so that they stay the same whatever the order of
    messages; it is read and added to.
    """

    def __init__(self, prefix: str = "homeassistant", *, ids: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.ids = {} if ids is None else ids
        self.areas: dict[str, Area] = {}
        """Areas that devices suggest, by id."""
        self._known: dict[Key, _Known] = {}
        self._by_id: dict[str, Key] = {}
        self._by_unique_id: dict[tuple[str, str], Key] = {}
        self._leaving: dict[tuple[str, str], Key] = {}
        self._of_device: dict[str, tuple[Key, ...]] = {}
        self._seen: dict[str, int] = {}

    @property
    def filters(self) -> tuple[str, ...]:
        """The topic filters to subscribe to."""
        return f"{self.prefix}/+/+/config", f"{self.prefix}/+/+/+/config"

    @property
    def entities(self) -> Iterable[Entity]:
        """All entities that are enabled."""
        return (known.entity for known in self._known.values() if known.entity is not None)

    @property
    def disabled(self) -> int:
        """How many are known but not enabled by default."""
        return sum(known.entity is None for known in self._known.values())

    def reserve(self, entity_id: str) -> None:
        """Keeps an id for a device from elsewhere (the configuration): discovery gives it to nobody."""
        self._by_id.setdefault(entity_id, ("", entity_id))

    def release(self, entity_id: str) -> None:
        """Gives up what `reserve` kept; ids given since stay as they are."""
        if self._by_id.get(entity_id) == ("", entity_id):
            del self._by_id[entity_id]

    def unique_id_of(self, entity_id: str) -> str | None:
        """The unique id of an entity; None where it has none or comes from elsewhere."""
        known = self._known.get(self._by_id.get(entity_id, ("", "")))
        return known.unique_id if known is not None else None

    def connections_of(self, entity_id: str) -> frozenset[tuple[str, str]]:
        """How the device of an entity is known on networks."""
        known = self._known.get(self._by_id.get(entity_id, ("", "")))
        return known.connections if known is not None else frozenset()

    def feed(self, topic: str, payload: bytes) -> Changes:
        """What a message changes. Anything may come in: raises nothing, says what it could not use."""
        parsed = parse_topic(self.prefix, topic)
        if parsed is None:
            return _not_ours(self.prefix, topic)
        fingerprint = hash(payload)
        if self._seen.get(topic) == fingerprint:
            return _NOTHING
        draft = _Draft(topic)
        try:
            self._apply(parsed, topic, payload, draft)
        except PayloadError as error:
            draft.problem(str(error))
        except Exception as error:  # noqa: BLE001 # whatever a stranger's payload brings up must not stop the others
            draft.problem(f"not understood, {type(error).__name__}: {error}")
        if payload and not draft.problems:
            self._seen[topic] = fingerprint
        else:
            self._seen.pop(topic, None)
        return draft.done()

    # One message -----------------------------------------------------------------------------------------------------

    def _apply(self, parsed: DiscoveryTopic, topic: str, payload: bytes, draft: _Draft) -> None:
        if parsed.component != "device":
            found = parse_payload(parsed, payload) if payload else [Found(parsed.key(), None)]
            for each in found:
                self._take(each, draft)
            return
        found = parse_payload(parsed, payload) if payload else []
        named = tuple(each.key for each in found if each.payload is not None)
        for key in self._of_device.get(topic, ()):
            if key not in named:
                self._remove(key, draft)
        self._of_device[topic] = named
        if not named:
            del self._of_device[topic]
        for each in found:
            if each.payload is not None:
                self._take(each, draft)

    def _take(self, found: Found, draft: _Draft) -> None:
        if found.migrate:
            self._release(found.key)
        elif found.payload is None:
            self._remove(found.key, draft)
        else:
            self._build(found.key, found.payload, draft)

    def _build(self, key: Key, payload: Mapping[str, Any], draft: _Draft) -> None:
        component = key[0]
        if _is_of_an_appliance(payload):
            self._remove(key, draft)
            draft.problem("an appliance's own entity is no device of the house", ignored=True)
            return
        if component in IGNORED:
            draft.problem(f"{component} is left alone: {IGNORED[component]}", ignored=True)
            return
        if component not in COMPONENTS or component == "media_player":
            draft.problem(f"there is no component {component[:60]!r}")
            return
        unique_id = payload.get("unique_id")
        unique_id = str(unique_id) if isinstance(unique_id, str | int) else None
        owner = self._by_unique_id.get((component, unique_id)) if unique_id else None
        if owner is not None and owner != key:
            draft.problem(f"unique_id {unique_id!r} is taken by {' '.join(owner)}")
            return
        if len(self._known) >= _ENTITIES_LIMIT and key not in self._known:
            draft.problem(f"more than {_ENTITIES_LIMIT} entities")
            return
        try:
            entity = kind_of(component, payload).build(payload)
        except KeyValueError as error:
            draft.problem(f"{component}: {error}")
            return
        self._place(key, entity, payload, unique_id, draft)

    def _place(
        self, key: Key, entity: MqttEntity, payload: Mapping[str, Any], unique_id: str | None, draft: _Draft
    ) -> None:
        earlier = self._known.get(key) or self._moved((key[0], unique_id or ""))
        if earlier is not None and earlier.unique_id and earlier.unique_id != unique_id:
            self._by_unique_id.pop((key[0], earlier.unique_id), None)
        if _disabled(payload):
            self._remove(key, draft)
            self._note(key, None, unique_id, frozenset())
            return
        before = earlier.entity if earlier is not None else None
        entity.device = self._device(key, entity, payload, unique_id, before)
        self._note(key, entity, unique_id, _connections(payload))
        self._by_id[entity.device.id] = key
        if before is None:
            draft.added.append(entity)
        else:
            entity.adopt(before)
            draft.changed.append(entity)

    def _note(
        self, key: Key, entity: MqttEntity | None, unique_id: str | None, connections: frozenset[tuple[str, str]]
    ) -> None:
        self._known[key] = _Known(entity, unique_id, connections)
        if unique_id:
            self._by_unique_id[(key[0], unique_id)] = key

    def _release(self, key: Key) -> None:
        """Lets another discovery message take the unique id over; the entity stays until then."""
        known = self._known.get(key)
        if known is not None and known.unique_id:
            self._by_unique_id.pop((key[0], known.unique_id), None)
            self._leaving[(key[0], known.unique_id)] = key

    def _moved(self, unique: tuple[str, str]) -> _Known | None:
        """What another message described before it let go of this unique id."""
        left = self._leaving.pop(unique, None)
        return None if left is None else self._known.pop(left, None)

    def _remove(self, key: Key, draft: _Draft) -> None:
        known = self._known.pop(key, None)
        if known is None:
            return
        if known.unique_id and self._by_unique_id.get((key[0], known.unique_id)) == key:
            del self._by_unique_id[(key[0], known.unique_id)]
        if known.entity is not None:
            if self._by_id.get(known.entity.device.id) == key:
                del self._by_id[known.entity.device.id]
            draft.removed.append(known.entity)

    # Devices ---------------------------------------------------------------------------------------------------------

    def _device(
        self,
        key: Key,
        entity: MqttEntity,
        payload: Mapping[str, Any],
        unique_id: str | None,
        before: MqttEntity | None,
    ) -> Device:
        naming = naming_of(key[0], payload, key[1])
        return Device(
            id=before.device.id if before is not None else self._id(key, naming.object_id, unique_id),
            name=naming.name,
            area=self._area(payload),
            aliases=naming.aliases,
            device_class=entity.option("device_class"),
            unit=entity.option("unit_of_measurement") if "unit_of_measurement" in entity.accepts else None,
            features=_shared(entity.features()),
            options=_options(entity.options()),
            category=_category(payload),
            group=naming.group,
        )

    def _id(self, key: Key, object_id: str, unique_id: str | None) -> str:
        remembered = f"{key[0]} {unique_id or key[1]}"
        wanted = self.ids.get(remembered)
        if wanted is not None and self._by_id.get(wanted, key) == key:
            return wanted
        base = f"{key[0]}.{object_id}"
        wanted, number = base, 2
        while self._by_id.get(wanted, key) != key:
            wanted, number = f"{base}_{number}", number + 1
        self.ids[remembered] = wanted
        return wanted

    def _area(self, payload: Mapping[str, Any]) -> str | None:
        device = payload.get("device")
        name = device.get("suggested_area") if isinstance(device, Mapping) else None
        if not isinstance(name, str) or not name.strip():
            return None
        name = " ".join(name.split())[:255]
        area = slugify(name)
        self.areas.setdefault(area, Area(area, name))
        return self.areas[area].id


_NOTHING: Final = Changes()


def _not_ours(prefix: str, topic: str) -> Changes:
    if topic.startswith(f"{prefix}/") and topic.endswith("/config"):
        return Changes(problems=(Problem(topic, "a discovery topic has letters, digits, _ and - only"),))
    return _NOTHING


def _is_of_an_appliance(payload: Mapping[str, Any]) -> bool:
    """Whether this is one of our own entities, or of another appliance like this one: neither is to be commanded."""
    origin = payload.get("origin")
    return isinstance(origin, Mapping) and origin.get("name") == ORIGIN


def _connections(payload: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    device = payload.get("device")
    given = device.get("connections") if isinstance(device, Mapping) else None
    if not isinstance(given, list):
        return frozenset()
    pairs = (pair for pair in given[:_CONNECTIONS_LIMIT] if isinstance(pair, list) and len(pair) == 2)
    return frozenset((str(kind)[:255].lower(), str(value)[:255].lower()) for kind, value in pairs)


def _disabled(payload: Mapping[str, Any]) -> bool:
    enabled = payload.get("enabled_by_default", True)
    return enabled in (False, 0) or (
        isinstance(enabled, str) and enabled.strip().lower() in ("false", "no", "off", "0")
    )


def _category(payload: Mapping[str, Any]) -> str | None:
    category = payload.get("entity_category")
    return category if category in ("config", "diagnostic") else None


_FEATURES: Final[dict[frozenset[str], frozenset[str]]] = {}
_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


def _shared(features: frozenset[str]) -> frozenset[str]:
    """The same features, kept once for all entities that have them."""
    return _FEATURES.setdefault(features, features)


def _options(options: dict[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(options) if options else _EMPTY
