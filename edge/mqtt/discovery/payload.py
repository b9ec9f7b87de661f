"""From a discovery message to the configurations in it: topic, JSON, abbreviations, `~`, device-based payloads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge.mqtt.discovery.abbreviations import DEVICE, ENTITY, ORIGIN
from edge.mqtt.payloads import MISSING, loads

PAYLOAD_LIMIT_BYTES: Final = 512 * 1024
"""Longer discovery payloads are refused."""
_COMPONENTS_LIMIT: Final = 1_000
_SHARED: Final = (
    "availability",
    "availability_mode",
    "availability_template",
    "availability_topic",
    "command_topic",
    "payload_available",
    "payload_not_available",
    "state_topic",
    "encoding",
    "qos",
)
"""What a device payload says once for all of its components."""

Key = tuple[str, str]
"""Component and discovery id: what Home Assistant tells entities apart by."""


class PayloadError(ValueError):
    """A discovery message that can't be read; the message says why."""


@dataclass(frozen=True, slots=True)
class DiscoveryTopic:
    """The parts of `<prefix>/<component>/[<node>/]<object>/config`; component `device` is a device payload."""

    component: str
    node: str | None
    object: str

    def key(self, component_id: str | None = None, platform: str | None = None) -> Key:
        """The key of the entity, or of a component of the device."""
        if component_id is None:
            return self.component, f"{self.node} {self.object}" if self.node else self.object
        inner = f"{self.node} {component_id}" if self.node else component_id
        return platform or "", f"{self.object} {inner}"


@dataclass(frozen=True, slots=True)
class Found:
    """One configuration: without a payload, the entity is to go."""

    key: Key
    payload: Mapping[str, Any] | None
    migrate: bool = False


_TOPIC: Final = re.compile(r"(\w+)/(?:([a-zA-Z0-9_-]+)/)?([a-zA-Z0-9_-]+)/config", re.ASCII)


def parse_topic(prefix: str, topic: str) -> DiscoveryTopic | None:
    """None for a topic that is no discovery topic."""
    if not topic.startswith(f"{prefix}/"):
        return None
    match = _TOPIC.fullmatch(topic, len(prefix) + 1)
    return None if match is None else DiscoveryTopic(match[1], match[2], match[3])


def parse_payload(topic: DiscoveryTopic, payload: bytes) -> list[Found]:
    """The configurations of one message that is not empty. Raises `PayloadError`."""
    content = _content(payload)
    migrate = content.get("migrate_discovery", content.get("migr_discvry"))
    if migrate is not None:
        if migrate is not True:
            raise PayloadError("migrate_discovery must be true")
        return [Found(topic.key(), None, migrate=True)]
    _expand(content)
    if topic.component != "device":
        _replace_base(content, content.pop("~", None))
        return [Found(topic.key(), content or None)]
    return _components(topic, content)


def _content(payload: bytes) -> dict[str, Any]:
    if len(payload) > PAYLOAD_LIMIT_BYTES:
        raise PayloadError(f"{len(payload)} bytes, at most {PAYLOAD_LIMIT_BYTES} are taken")
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise PayloadError(f"not UTF-8 at byte {error.start}") from None
    content = loads(text)
    if content is MISSING:
        raise PayloadError(f"not JSON: {text[:60]!r}")
    if not isinstance(content, dict):
        raise PayloadError(f"expected an object, got {type(content).__name__}")
    return content


def _components(topic: DiscoveryTopic, content: dict[str, Any]) -> list[Found]:
    components = content.get("components")
    if not isinstance(components, dict):
        raise PayloadError("a device payload needs components")
    if not isinstance(content.get("device"), dict):
        raise PayloadError("a device payload needs a device")
    if len(components) > _COMPONENTS_LIMIT:
        raise PayloadError(f"{len(components)} components, at most {_COMPONENTS_LIMIT} are taken")
    shared = {name: content[name] for name in _SHARED if name in content}
    found: list[Found] = []
    for component_id, given in components.items():
        platform = given.get("platform") if isinstance(given, dict) else None
        if not isinstance(platform, str) or not platform:
            raise PayloadError(f"component {component_id[:60]!r} has no platform")
        own = {name: value for name, value in given.items() if name != "platform"}
        key = topic.key(component_id, platform)
        if not own:
            found.append(Found(key, None))
            continue
        merged = {**shared, **own, "device": content["device"], "origin": content.get("origin")}
        _replace_base(merged, merged.pop("~", content.get("~")))
        found.append(Found(key, merged))
    return found


def _expand(content: dict[str, Any]) -> None:
    """Writes every abbreviation out, in place."""
    _rename(content, ENTITY)
    _expand_availability(content)
    if isinstance(content.get("device"), dict):
        _rename(content["device"], DEVICE)
    if isinstance(content.get("origin"), dict):
        _rename(content["origin"], ORIGIN)
    components = content.get("components")
    if isinstance(components, dict):
        for component in components.values():
            if isinstance(component, dict):
                _rename(component, ENTITY)
                _expand_availability(component)


def _expand_availability(content: dict[str, Any]) -> None:
    entries = content.get("availability")
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, dict):
            _rename(entry, ENTITY)


def _rename(content: dict[str, Any], table: Mapping[str, str]) -> None:
    for short in [name for name in content if name in table]:
        content[table[short]] = content.pop(short)


def _replace_base(content: dict[str, Any], base: Any) -> None:
    """Puts the base topic for a `~` at the start or the end of topics, in place."""
    if not isinstance(base, str):
        return
    for name, value in content.items():
        if name.endswith("topic") and isinstance(value, str):
            content[name] = _based(value, base)
    entries = content.get("availability")
    if not entries:
        return
    content["availability"] = [
        {**entry, "topic": _based(entry["topic"], base)}
        if isinstance(entry, dict) and isinstance(entry.get("topic"), str)
        else entry
        for entry in (entries if isinstance(entries, list) else [entries])
    ]


def _based(topic: str, base: str) -> str:
    if topic.startswith("~"):
        topic = base + topic[1:]
    if topic.endswith("~"):
        topic = topic[:-1] + base
    return topic
