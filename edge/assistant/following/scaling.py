"""Some part of how it is, or a multiple: "half of that", "double it", "twice as bright"; pure."""

import re
from collections.abc import Mapping
from typing import Final

from edge.assistant.following.past import Deed
from edge.devices.model import DeviceState
from edge.devices.registry import Registry
from edge.router.model import Call

_OF_IT: Final = r"(?:it|that|this|them|those|the (?:brightness|volume|speed|level|time|length))"
_AS: Final = r"as (?:bright|loud|much|high|fast|long|strong|open|far|wide)"
_PUT: Final = rf"(?:(?:make|set|turn|put|take|bring|dim|cut|have|do) (?:{_OF_IT} )?(?:down |up |back )?(?:to |by )?)?"
_HALF_AS: Final = re.compile(rf"{_PUT}half {_AS}")
_HALF_MORE: Final = re.compile(rf"{_PUT}half again {_AS}")
_SCALES: Final = (
    (
        re.compile(
            rf"{_PUT}half(?: of)? {_OF_IT}|{_PUT}half {_AS}(?: as .+)?|halve {_OF_IT}|"
            rf"(?:cut|reduce|divide|lower|bring) {_OF_IT}(?: down)? (?:in half|by half|in two)|by half|half the time"
        ),
        0.5,
    ),
    (re.compile(rf"{_PUT}a third(?: of)? {_OF_IT}"), 1 / 3),
    (re.compile(rf"{_PUT}a quarter(?: of)? {_OF_IT}"), 0.25),
    (
        re.compile(
            rf"{_PUT}(?:double|twice) {_OF_IT}|{_PUT}twice {_AS}(?: as .+)?|(?:make|have) {_OF_IT} (?:double|twice)"
            rf"(?: (?:that|{_AS}))?|double|double up|twice the time"
        ),
        2.0,
    ),
    (re.compile(rf"(?:triple|treble) {_OF_IT}|{_PUT}three times (?:{_OF_IT}|{_AS})"), 3.0),
)
_LEVELS: Final[Mapping[str, tuple[str, str, str, float]]] = {
    "light": ("light.set", "brightness", "brightness", 100 / 255),
    "media_player": ("media_player.volume_set", "volume_level", "volume_level", 100.0),
    "cover": ("cover.set_position", "position", "current_position", 1.0),
    "valve": ("valve.set_position", "position", "current_position", 1.0),
    "fan": ("fan.set_speed", "percentage", "percentage", 1.0),
}
"""For each domain the function that sets its level, that one's argument, the state's attribute, and its percent."""


def factor(core: str, *, again: bool = False) -> float | None:
    """By how much it is to be multiplied; None where the words say nothing of the kind.

    `again`: whether they ended in that, "half as much again".
    """
    if _HALF_MORE.fullmatch(core) or (again and _HALF_AS.fullmatch(core)):
        return 1.5
    return next((by for pattern, by in _SCALES if pattern.fullmatch(core)), None)


def scaled(by: float, latest: Deed, registry: Registry) -> tuple[Call, ...]:
    """The orders that make what was spoken of that much more or less of what it is; none for what has no such level."""
    made = []
    for device in latest.devices:
        known, level = registry.devices.get(device), _level(device, latest, registry.state(device))
        if known is None or not level:
            return ()
        function, argument, _, _ = _LEVELS[known.domain]
        made.append(Call(function, {"name": known.name, argument: max(1, min(100, round(level * by)))}, (device,)))
    return tuple(made)


def _level(device: str, latest: Deed, state: DeviceState) -> float:
    """In percent: what was ordered, else what it reports; 0 where it has none."""
    _, argument, attribute, share = _LEVELS.get(device.partition(".")[0], ("", "", "", 0.0))
    ordered = next((call.arguments.get(argument) for call in latest.moves if device in call.targets), None)
    if argument and isinstance(ordered, int | float):
        return float(ordered)
    reported = state.attributes.get(attribute)
    return float(reported) * share if isinstance(reported, int | float) and state.state != "off" else 0.0
