"""Lights in Home Assistant's three schemas: a topic for each property, one JSON object, or templates.

May import the shared parts of `edge.mqtt.components`, nothing else of the package.
"""

from collections.abc import Mapping
from typing import Any

from edge.mqtt.components.base import MqttEntity
from edge.mqtt.components.keys import KeyValueError, shown
from edge.mqtt.components.light.basic import BasicLight
from edge.mqtt.components.light.json import JsonLight
from edge.mqtt.components.light.template import TemplateLight

__all__ = ["BasicLight", "JsonLight", "TemplateLight", "light_of"]

_SCHEMAS: Mapping[str, type[MqttEntity]] = {"basic": BasicLight, "json": JsonLight, "template": TemplateLight}


def light_of(payload: Mapping[str, Any]) -> type[MqttEntity]:
    """The kind of light a configuration describes. Raises `KeyValueError` for an unknown schema."""
    schema = payload.get("schema") or "basic"
    kind = _SCHEMAS.get(schema.lower()) if isinstance(schema, str) else None
    if kind is None:
        raise KeyValueError(f"schema: expected basic, json or template, got {shown(schema)}")
    return kind
