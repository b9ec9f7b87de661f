"""Reads a home file: the floors, areas and devices that discovery would have found, as JSON."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from edge.devices.model import Area, Device, DeviceState, Floor
from edge.devices.registry import Registry
from edge.errors import EdgeError

_DEVICE_ID: Final = re.compile(r"[a-z_]+\.[^\s.]+")
_OPTIONS: Final = frozenset(
    key
    for keys in (
        ("min", "max", "step", "modes", "options", "effects", "effect_list", "available_modes", "available_tones"),
        ("hvac_modes", "preset_modes", "fan_modes", "swing_modes", "operation_list", "fan_speed_list"),
        ("min_temp", "max_temp", "target_temp_step", "min_humidity", "max_humidity"),
        (
            "state_class",
            "source_list",
            "sound_mode_list",
            "supported_color_modes",
            "min_color_temp_kelvin",
            "max_color_temp_kelvin",
        ),
    )
    for key in keys
)
"""Attributes that say what a device can do rather than how it is."""


class HomeError(EdgeError):
    """A home file that can't be read; says which file, which key and what was expected."""


def load_home(path: Path) -> Registry:
    """The home a file describes; raises `HomeError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise HomeError(f"{path}: can't read the home file: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise HomeError(f"{path}: expected UTF-8 text, byte {error.start} is not") from error
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HomeError(f"{path}: expected JSON: {error}") from error
    return parse_home(data, str(path))


def parse_home(data: object, source: str) -> Registry:
    """The home that decoded JSON describes; `source` is named in errors. Raises `HomeError`."""
    home = _Entry(source, "the file", data)
    registry = Registry()
    for entry in home.entries("floors"):
        registry.put_floor(Floor(entry.id(registry.floors), entry.text("name"), entry.texts("aliases")))
    for entry in home.entries("areas"):
        floor = entry.known("floor", registry.floors, "floors")
        registry.put_area(Area(entry.id(registry.areas), entry.text("name"), floor, entry.texts("aliases")))
    for entry in home.entries("devices"):
        _put_device(registry, entry)
    return registry


def _put_device(registry: Registry, entry: "_Entry") -> None:
    device_id = entry.id(registry.devices)
    if not _DEVICE_ID.fullmatch(device_id):
        raise entry.error("id", f"a domain, a dot and an object id, such as `light.desk`, not {device_id!r}")
    attributes = entry.mapping("attributes")
    device = Device(
        id=device_id,
        name=entry.text("name"),
        area=entry.known("area", registry.areas, "areas"),
        aliases=entry.texts("aliases"),
        device_class=_text_or_none(attributes.get("device_class")),
        unit=_text_or_none(attributes.get("unit_of_measurement")),
        features=frozenset(entry.texts("features")),
        options=MappingProxyType({key: value for key, value in attributes.items() if key in _OPTIONS}),
        category=entry.text_or_none("category"),
        group=entry.text_or_none("group"),
    )
    registry.put_device(device)
    state = entry.state()
    registry.set_state(
        device_id,
        DeviceState(
            state=None if state in {None, "unknown", "unavailable"} else state,
            attributes=MappingProxyType(dict(attributes)),
            available=state != "unavailable",
        ),
    )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


class _Entry:
    """One object of the file; reads its keys and knows where it stands."""

    def __init__(self, source: str, where: str, data: object) -> None:
        self._source = source
        self._where = where
        if not isinstance(data, Mapping):
            raise HomeError(f"{source}: {where}: expected an object, found {_found(data)}")
        self._data: Mapping[str, Any] = data

    def error(self, key: str, expected: str) -> HomeError:
        return HomeError(f"{self._source}: {self._where}: `{key}`: expected {expected}")

    def entries(self, key: str) -> list["_Entry"]:
        value = self._data.get(key, [])
        if not isinstance(value, list):
            raise self.error(key, f"a list, found {_found(value)}")
        return [_Entry(self._source, f"{key}[{at}]", item) for at, item in enumerate(value)]

    def id(self, known: Mapping[str, object]) -> str:
        value = self.text("id")
        if value in known:
            raise self.error("id", f"an id that is not used twice, found {value!r} again")
        return value

    def text(self, key: str) -> str:
        value = self._data.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"text, found {_found(value) if key in self._data else 'nothing'}")
        return value.strip()

    def text_or_none(self, key: str) -> str | None:
        return None if self._data.get(key) is None else self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._data.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"a list of texts, found {_found(value)}")
        return tuple(item.strip() for item in value if item.strip())

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self._data.get(key) or {}
        if not isinstance(value, Mapping):
            raise self.error(key, f"an object, found {_found(value)}")
        return value

    def known(self, key: str, ids: Mapping[str, object], of: str) -> str | None:
        value = self.text_or_none(key)
        if value is not None and value not in ids:
            raise self.error(key, f"the id of one of the `{of}`, found {value!r}")
        return value

    def state(self) -> str | None:
        value = self._data.get("state")
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, int | float):
            return str(value)
        if value is not None and not isinstance(value, str):
            raise self.error("state", f"text, found {_found(value)}")
        return value


def _found(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a truth value", int: "a number", float: "a number"}
    return names.get(type(value), "null" if value is None else type(value).__name__)
