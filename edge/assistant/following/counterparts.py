"""What moves the thing that a sensor only tells of: the opener of a window, the lock of a door, the plug of a meter."""

import re
from typing import Final

from edge.assistant.following.orders import THING, Whole
from edge.assistant.naming import device_name
from edge.devices.model import Device
from edge.devices.nouns import class_of
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call, Decision, Routing

_TELLING: Final = frozenset({"binary_sensor", "sensor"})
_MOVING: Final = {
    "open": ("cover", "valve"),
    "close": ("cover", "valve"),
    "shut": ("cover", "valve"),
    "lock": ("lock",),
    "unlock": ("lock",),
    "turn": ("switch", "light", "fan"),
    "switch": ("switch", "light", "fan"),
}
"""By the verb of an order, the domains that take it."""
_BY_NAME: Final = frozenset({"cover", "valve", "lock"})
"""What need not be one device with its sensor: nobody builds the lock of a door into its contact."""
_KINDS: Final = frozenset({"sensor", "contact", "state", "status", "opening", "opened", "power", "energy"})
"""Words of a sensor's name that say what it is, and not what it is of."""


def only_tells(device: str) -> bool:
    """Whether nobody can order it anything."""
    return device.partition(".")[0] in _TELLING


def measures(device: str) -> bool:
    """Whether it has a figure, and is neither on nor off."""
    return device.startswith("sensor.")


def counterparts(sensor: str, verb: str, registry: Registry) -> tuple[str, ...] | None:
    """What takes this order where the sensor is; none where nothing does, None for verbs that sensors know as well."""
    known, domains = registry.devices.get(sensor), _MOVING.get(verb)
    if known is None or domains is None:
        return None
    movable = [one for one in registry.devices.values() if one.domain in domains and one.exposed]
    same = [one for one in movable if known.group is not None and one.group == known.group]
    if not same:
        near = [one for one in movable if one.domain in _BY_NAME and one.area == known.area]
        same = [one for one in near if _of_the_same(one, known, registry)]
    return tuple(one.id for one in same)


def through(text: str, whole: Whole, sensor: str, moved: tuple[str, ...], registry: Registry) -> Routing:
    """The order for what moves it, or what is asked where that are several, or nothing."""
    verb, _, rest = whole.text.partition(" ")
    on = re.search(r"\bon\b", rest) is not None
    does = {"shut": "close", "turn": "turn_on" if on else "turn_off"}.get(verb.replace("switch", "turn"), verb)
    if len(moved) == 1:
        one = registry.devices[moved[0]]
        return Routing(text, Decision.ACT, (Call(f"{one.domain}.{does}", {"name": one.name}, moved),), 1.0)
    calls = (Call(f"{_MOVING[verb][0]}.{does}", {"name": whole.thing}),)
    if moved:
        return Routing(text, Decision.CLARIFY, calls, 1.0, candidates=moved)
    name = device_name(registry.devices[sensor], registry)
    question = f"I can tell how {name} is, but not {verb} anything there. Which one do you mean?"
    return Routing(whole.text.replace(THING, whole.thing), Decision.CLARIFY, calls, 1.0, question=question)


def _of_the_same(one: Device, sensor: Device, registry: Registry) -> bool:
    """Whether both are of one window, door or valve, by their class or their names."""
    if one.domain == "cover" and (told := class_of(sensor.domain, sensor.device_class, sensor.name)) is not None:
        moved = class_of(one.domain, one.device_class, one.name)
        if moved is not None and moved in (told, told.removesuffix("_door")):
            return True
    area = registry.areas.get(one.area or "")
    place = {word for name in (area.name, *area.aliases) for word in tokens(name)} if area is not None else set()
    names = [set(tokens(each.name)) - place - _KINDS for each in (one, sensor)]
    return bool(names[0] & names[1])
