"""From a `[[devices]]` entry of the configuration to the same entities that discovery makes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from edge.devices.model import Device
from edge.errors import EdgeError
from edge.mqtt.components import COMPONENTS, IGNORED, KeyValueError, MqttEntity, kind_of
from edge.mqtt.discovery.abbreviations import ENTITY as ABBREVIATIONS
from edge.mqtt.slugs import slugify
from edge.settings.problems import near_miss

_OWN: Final = frozenset({"aliases", "area", "confirm", "domain", "entity_category", "id", "name", "platform"})
"""Keys of an entry that are not Home Assistant's MQTT keys."""
_DISCOVERY_ONLY: Final = frozenset(
    {"automation_type", "components", "default_entity_id", "device", "migrate_discovery", "object_id", "origin"}
)
_ID: Final = re.compile(r"[a-z_]+\.[^\s.]+")


class DeviceEntryError(EdgeError):
    """A `[[devices]]` entry that can't be used; the message names the device, the key and what was expected."""


@dataclass(frozen=True, slots=True)
class Configured:
    """What the entries gave: entities, and what is wrong with the entries that gave none."""

    entities: tuple[MqttEntity, ...]
    problems: tuple[DeviceEntryError, ...]


def configured_entities(entries: Iterable[Mapping[str, Any]]) -> Configured:
    """The entities of all entries; a bad entry is a problem and leaves the others alone."""
    entities: dict[str, MqttEntity] = {}
    problems: list[DeviceEntryError] = []
    for place, entry in enumerate(entries):
        try:
            entity = configured_entity(entry, f"devices[{place}]")
        except DeviceEntryError as error:
            problems.append(error)
            continue
        if entity.device.id in entities:
            problems.append(DeviceEntryError(f"devices[{place}]: id: there is another {entity.device.id}"))
        entities.setdefault(entity.device.id, entity)
    return Configured(tuple(entities.values()), tuple(problems))


def configured_entity(entry: Mapping[str, Any], source: str = "devices") -> MqttEntity:
    """The entity of one entry.

    `id` ("light.desk"), or `domain` (or `platform`) and `name`; `area` by id or name, `aliases`; every other key is one
    of Home Assistant's MQTT keys for that domain, written out. `source` is named in errors. Raises `DeviceEntryError`.
    """
    device_id = _device_id(entry, source)
    domain = device_id.partition(".")[0]
    where = f"{source} ({device_id})"
    if domain not in COMPONENTS:
        because = f": {IGNORED[domain]}" if domain in IGNORED else near_miss(domain, COMPONENTS)
        raise DeviceEntryError(f"{where}: id: there is no domain `{domain}`{because}")
    try:
        kind = kind_of(domain, entry)
        _check_keys(kind, entry, where)
        entity = kind.build({key: value for key, value in entry.items() if key not in _OWN or key in kind.accepts})
    except KeyValueError as error:
        raise DeviceEntryError(f"{where}: {error}") from None
    entity.device = _device(entity, device_id, entry, where)
    return entity


def _device_id(entry: Mapping[str, Any], source: str) -> str:
    given = entry.get("id")
    domain = entry.get("domain", entry.get("platform"))
    if isinstance(given, str) and "." in given:
        if not _ID.fullmatch(given):
            raise DeviceEntryError(f"{source}: id: expected a domain, a dot and an object id, found {given!r}")
        return given
    name = given if given is not None else entry.get("name")
    if not isinstance(domain, str) or not isinstance(name, str) or not domain or not name:
        raise DeviceEntryError(f'{source}: needs an id such as "light.desk", or a domain and a name')
    return f"{domain}.{slugify(name)}"


def _check_keys(kind: type[MqttEntity], entry: Mapping[str, Any], where: str) -> None:
    known = (kind.accepts.keys() | _OWN) - _DISCOVERY_ONLY
    for key in entry:
        if key in known:
            continue
        if key in ABBREVIATIONS and ABBREVIATIONS[key] in known:
            raise DeviceEntryError(f"{where}: {key}: write it out, `{ABBREVIATIONS[key]}`")
        raise DeviceEntryError(f"{where}: {key}: a {kind.domain} has no such key{near_miss(str(key), known)}")


def _device(entity: MqttEntity, device_id: str, entry: Mapping[str, Any], where: str) -> Device:
    domain, _, object_id = device_id.partition(".")
    aliases = entry.get("aliases", ())
    if not isinstance(aliases, list | tuple) or not all(isinstance(alias, str) for alias in aliases):
        raise DeviceEntryError(f"{where}: aliases: expected a list of names")
    for key in ("name", "area"):
        if entry.get(key) is not None and not (isinstance(entry[key], str) and entry[key].strip()):
            raise DeviceEntryError(f"{where}: {key}: expected a text, found {entry[key]!r}")
    category = entry.get("entity_category")
    if category not in (None, "config", "diagnostic"):
        raise DeviceEntryError(f"{where}: entity_category: expected config or diagnostic, found {category!r}")
    name = entry.get("name") or object_id.replace("_", " ").capitalize() or domain
    return Device(
        id=device_id,
        name=name,
        area=entry.get("area"),
        aliases=tuple(aliases),
        device_class=entity.option("device_class"),
        unit=entity.option("unit_of_measurement") if "unit_of_measurement" in entity.accepts else None,
        features=entity.features(),
        options=MappingProxyType(entity.options()),
        category=category,
    )
