"""What Home Assistant's services mean for something at a pin: a level of 0..1; pure."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.hardware.errors import UnsupportedServiceError

_Data = Mapping[str, Any]
_Level = Callable[[_Data, float, float], float]
"""From the data of a call, the level now, and the last one that was not 0."""


def _percent(data: _Data, *keys: str, whole: float = 100.0) -> float:
    for key in keys:
        value = data.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= whole:
            return value / whole
    raise UnsupportedServiceError(f"expected a number up to {whole:g} as {' or '.join(keys)}, found {dict(data)}")


def _fixed(level: float) -> _Level:
    return lambda _data, _now, _last: level


def _toggle(_data: _Data, now: float, last: float) -> float:
    return 0.0 if now > 0 else last


def _shine(data: _Data, now: float, last: float) -> float:
    if "brightness" in data:
        return _percent(data, "brightness", whole=255.0)
    if "brightness_pct" in data:
        return _percent(data, "brightness_pct")
    return now or last


def _turn(data: _Data, now: float, last: float) -> float:
    return _percent(data, "percentage") if data.get("percentage") is not None else now or last


def _faster(sign: int) -> _Level:
    def level(data: _Data, now: float, _last: float) -> float:
        step = _percent(data, "percentage_step") if data.get("percentage_step") is not None else 0.25
        return min(1.0, max(0.0, now + sign * step))

    return level


def _share(*keys: str) -> _Level:
    return lambda data, _now, _last: _percent(data, *keys)


_SWITCHED: Final[Mapping[str, _Level]] = {"turn_on": _fixed(1.0), "turn_off": _fixed(0.0), "toggle": _toggle}
_SERVICES: Final[Mapping[tuple[str, bool], Mapping[str, _Level]]] = {
    **{(domain, False): _SWITCHED for domain in ("switch", "light", "fan", "siren")},
    ("light", True): {**_SWITCHED, "turn_on": _shine},
    ("fan", True): {
        **_SWITCHED,
        "turn_on": _turn,
        "set_percentage": _share("percentage"),
        "increase_speed": _faster(+1),
        "decrease_speed": _faster(-1),
    },
    ("lock", False): {"lock": _fixed(0.0), "unlock": _fixed(1.0)},
    ("button", False): {"press": _fixed(1.0)},
    **{
        (domain, graded): {
            f"open_{domain}": _fixed(1.0),
            f"close_{domain}": _fixed(0.0),
            "toggle": _toggle,
            **({f"set_{domain}_position": _share("position")} if graded else {}),
        }
        for domain in ("cover", "valve")
        for graded in (False, True)
    },
}
"""By domain and whether it has levels between on and off."""

_WORDS: Final = {
    "lock": ("unlocked", "locked"),
    "cover": ("open", "closed"),
    "valve": ("open", "closed"),
}


def services(domain: str, *, graded: bool) -> frozenset[str]:
    """Those it takes; `graded`: it has levels between on and off."""
    return frozenset(_SERVICES[domain, graded])


def level_of(
    domain: str, service: str, data: Mapping[str, Any], now: float, last: float = 1.0, *, graded: bool
) -> float:
    """The level a call asks for. Raises `UnsupportedServiceError`."""
    known = _SERVICES[domain, graded].get(service)
    if known is None:
        raise UnsupportedServiceError(f"a {domain} at a pin takes {', '.join(sorted(services(domain, graded=graded)))}")
    return known(data, now, last)


def state_of(domain: str, level: float, *, graded: bool) -> DeviceState:
    """What the house sees of a level; when it changed is for others to say."""
    if domain == "button":
        return DeviceState()
    on, off = _WORDS.get(domain, ("on", "off"))
    attributes: dict[str, Any] = {}
    if graded and domain == "light" and level > 0:
        attributes["brightness"] = max(1, round(level * 255))
    elif graded and domain == "fan":
        attributes["percentage"] = round(level * 100)
    elif graded:
        attributes["current_position"] = round(level * 100)
    return DeviceState(on if level > 0 else off, MappingProxyType(attributes))
