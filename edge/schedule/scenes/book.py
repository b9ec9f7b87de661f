"""What a scene is written as, in `scenes.toml`."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.devices.words import words
from edge.schedule.book import Book, checked_table
from edge.schedule.errors import ScheduleError
from edge.schedule.rules.book import action_from, plain_action
from edge.schedule.scenes.model import Scene

MOST_SCENES: Final = 100
MOST_STATES: Final = 200
MOST_STEPS: Final = 20
NEVER: Final = frozenset({"lock", "alarm_control_panel", "valve", "siren", "vacuum", "lawn_mower", "camera", "update"})
"""Domains that no scene sets: what lets somebody in, and what works by itself. A step of a routine may."""
_DEVICE: Final = re.compile(r"[a-z_]+\.[^\s.]+")
_NUMBERS: Final = frozenset(
    {
        *("brightness_pct", "color_temp_kelvin", "percentage", "current_position", "current_tilt_position"),
        *("temperature", "humidity", "volume_level"),
    }
)
_COLORS: Final = frozenset({"rgb_color", "hs_color", "xy_color"})
_TEXTS: Final = frozenset({"effect", "preset_mode", "fan_mode", "mode", "source"})
ATTRIBUTES: Final = _NUMBERS | _COLORS | _TEXTS
"""What a scene sets besides the state: Home Assistant's names, and `brightness_pct` in 0..100."""
_PERCENT: Final = 2.55


def plain(scene: Scene) -> dict[str, Any]:
    """A scene as tables and values, without what is empty."""
    made: dict[str, Any] = {"name": scene.name}
    made |= {key: getattr(scene, key) for key in ("area", "said", "by", "made_s") if getattr(scene, key)}
    if scene.states:
        made["states"] = {device: plain_state(state) for device, state in scene.states.items()}
    if scene.steps:
        made["steps"] = [plain_action(step) for step in scene.steps]
    return made


def plain_state(state: DeviceState) -> dict[str, Any]:
    """A state as a table: `state`, and attributes; brightness in percent."""
    made: dict[str, Any] = {"state": state.state}
    for key, value in state.attributes.items():
        if key == "brightness":
            made["brightness_pct"] = max(1, min(100, round(float(value) / _PERCENT)))
        elif key in ATTRIBUTES:
            made[key] = list(value) if isinstance(value, tuple) else value
    return made


def scene_from(key: str, entry: object) -> Scene:
    """A scene from its table; raises `ScheduleError` saying which key, and what was expected."""
    where = f"scenes.{key[:70]}"
    entry = checked_table(where, key, entry)
    unknown = entry.keys() - {"name", "area", "said", "by", "made_s", "states", "steps"}
    if unknown:
        raise ScheduleError(f"{where}: nothing is called `{min(unknown)}`")
    states, steps = entry.get("states", {}), entry.get("steps", [])
    if not isinstance(states, dict) or len(states) > MOST_STATES:
        raise ScheduleError(f"{where}: `states`: expected a table of at most {MOST_STATES} devices")
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise ScheduleError(f"{where}: `steps`: expected a list of at most {MOST_STEPS} tables")
    if not states and not steps:
        raise ScheduleError(f"{where}: expected `states` or `steps`")
    name = entry.get("name", key.replace("_", " "))
    if not isinstance(name, str) or not words(name):
        raise ScheduleError(f"{where}: `name`: expected what it is called")
    made_s = entry.get("made_s", 0.0)
    return Scene(
        key,
        " ".join(name.split())[:80],
        MappingProxyType({device: _state(f"{where}.states", device, one) for device, one in states.items()}),
        tuple(action_from(f"{where}.steps", one) for one in steps),
        str(entry["area"]) if entry.get("area") else None,
        str(entry.get("said", ""))[:500],
        str(entry.get("by", ""))[:200],
        float(made_s) if isinstance(made_s, int | float) and abs(made_s) < 1e12 else 0.0,
    )


def slug(name: str, taken: Mapping[str, object] = MappingProxyType({})) -> str:
    """The key for a name that no other scene has."""
    key = base = "_".join(re.findall(r"[a-z0-9]+", " ".join(words(name))))[:56] or "scene"
    place = 2
    while key in taken:
        key, place = f"{base}_{place}", place + 1
    return key


def _state(where: str, device: str, table: object) -> DeviceState:
    where = f"{where}.{device[:80]}"
    if not _DEVICE.fullmatch(device):
        raise ScheduleError(f"{where}: expected a device's id, such as light.desk")
    if device.partition(".")[0] in NEVER:
        raise ScheduleError(f"{where}: a scene sets no locks, valves and alarms: put what is to be done into `steps`")
    if not isinstance(table, dict) or not isinstance(table.get("state"), str) or not table["state"]:
        raise ScheduleError(f'{where}: expected a table with `state = "on"` or another state')
    attributes: dict[str, Any] = {}
    for key, value in table.items():
        if key == "state":
            continue
        if key not in ATTRIBUTES or not _fits(key, value):
            raise ScheduleError(f"{where}: `{key}` can't be {value!r}: there are {', '.join(sorted(ATTRIBUTES))}")
        if key == "brightness_pct":
            attributes["brightness"] = round(max(1, min(100, value)) * _PERCENT)
        else:
            attributes[key] = tuple(value) if key in _COLORS else value
    return DeviceState(table["state"], MappingProxyType(attributes))


def _fits(key: str, value: object) -> bool:
    if key in _TEXTS:
        return isinstance(value, str) and bool(value)
    if key in _COLORS:
        return isinstance(value, list | tuple) and 2 <= len(value) <= 3 and all(_is_number(one) for one in value)
    return _is_number(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6


SCENES: Final = Book("scenes", scene_from, plain)
"""The file of them."""
