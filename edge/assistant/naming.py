"""What devices and places are called in a reply: the home's own names, put so that they fit a sentence."""

from collections.abc import Iterable, Sequence
from typing import Final

from edge.assistant.phrases import joined
from edge.devices.model import Area, Device
from edge.devices.nouns import NOUNS, class_of
from edge.devices.registry import Registry
from edge.devices.words import tokens, words

_PLAIN_WORDS: Final = """
air attic back balcony basement bath bathroom bed bedroom bedside big bin bottom cabinet car ceiling cellar
chair child children clock closet coffee conservatory cooker corner corridor counter cupboard day desk dining
dinner dishwasher door downstairs driveway dryer east energy entrance entry evening fence first floor freezer
fridge front garage garden gate good ground guest gym hall hallway heater home house indoor iron island kettle
kid kids kitchen landing large laundry left library little living loft lounge lower machine main master middle
mirror mode monitor morning movie night north nursery office outdoor outside oven overhead pantry patio
playroom pond pool porch power printer pump quality rack reading ring right robot roof room second sensor shed
shelf shower side sink small socket sofa south stair staircase stairs standing strip study sun table
temperature terrace third toilet top tree trap under upper upstairs utility wall wardrobe warm washer washing
water west white wine work workshop yard humidity motion the of in on at and
battery bed cabin co2 conservatory cottage deck dehumidifier greenhouse hatch level light meter moisture pressure pv
rain shelter soil solar speed stable tank tomato total wind
"""
_PLAIN: Final = frozenset(_PLAIN_WORDS.split()) | {word for noun in NOUNS for word in noun if len(word) > 2}
"""Words that a name's Title Case makes no proper noun of."""

_NOUNS: Final = {
    "light": "light",
    "switch": "switch",
    "fan": "fan",
    "lock": "lock",
    "cover": "cover",
    "valve": "valve",
    "climate": "thermostat",
    "media_player": "player",
    "humidifier": "humidifier",
    "water_heater": "water heater",
    "vacuum": "vacuum",
    "lawn_mower": "mower",
    "siren": "siren",
    "alarm_control_panel": "alarm",
    "scene": "scene",
    "script": "script",
    "button": "button",
    "sensor": "sensor",
    "binary_sensor": "sensor",
    "person": "person",
    "camera": "camera",
}
_CLASS_NOUNS: Final = {
    "cover": {
        "blind": "blind",
        "curtain": "curtain",
        "shade": "shade",
        "shutter": "shutter",
        "garage": "garage door",
        "gate": "gate",
        "door": "door",
        "window": "window",
        "awning": "awning",
        "damper": "damper",
    },
    "switch": {"outlet": "plug"},
    "binary_sensor": {"door": "door", "window": "window", "garage_door": "garage door", "opening": "contact"},
    "media_player": {"tv": "TV", "speaker": "speaker", "receiver": "receiver"},
}


def written(name: str) -> str:
    """A name as it stands inside a sentence: plain words small, everything else as its owner wrote it."""
    after_plain = False
    small = []
    for word in name.split():
        plain = _plain(word)
        titled = word[:1].isupper() and word[1:] == word[1:].lower()
        small.append(word[:1].lower() + word[1:] if titled and (plain or after_plain) else word)
        after_plain = plain
    return " ".join(small)


def _plain(word: str) -> bool:
    folded = tokens(word)
    return bool(folded) and (folded[0] in _PLAIN or word.lower() in _PLAIN)


def device_name(device: Device, registry: Registry, *, place: bool | None = None) -> str:
    """ "the bedroom lamp", "Vesuvius", "the lamp in the office" where another lamp has the same name.

    `place`: whether to say the area; by default only where the name alone is not one device's.
    """
    said = with_article(device.name)
    area = registry.areas.get(device.area or "")
    if area is None or set(tokens(area.name)) <= set(tokens(device.name)):
        return said
    if place is None:
        namesakes = registry.device_names.exact(tokens(device.name))
        place = sum(other.startswith(f"{device.domain}.") for other in namesakes) > 1
    return f"{said} {in_area(area)}" if place else said


def with_article(name: str) -> str:
    """A name with "the" before it, unless it is a proper noun or somebody's."""
    small = written(name)
    first = small.partition(" ")[0]
    if first.endswith(("'s", "’s", "s'")) or first.lower() in ("my", "our", "the", "your"):
        return small[0].lower() + small[1:] if first.lower() in ("my", "our", "the", "your") else small
    proper = small[:1].isupper() and " " not in small and not small.isupper()
    return small if proper else f"the {small}"


def in_area(area: Area) -> str:
    """ "in the kitchen", "upstairs", "on the porch"."""
    small = written(area.name)
    last = small.rpartition(" ")[2]
    if small in ("upstairs", "downstairs", "outside", "outdoors", "home"):
        return small if small != "home" else "at home"
    preposition = (
        "on" if last in ("porch", "patio", "terrace", "balcony", "landing", "roof", "floor", "driveway") else "in"
    )
    return f"{preposition} {with_article(area.name)}"


def plural(name: str) -> bool:
    """Whether the name of one device is a plural ("the kitchen lights are on")."""
    last = words(name)[-1:]
    return bool(last) and tokens(last[0]) != last and last[0].endswith("s")


def noun(devices: Sequence[Device], many: bool) -> str:
    """What devices are together: "light(s)", "blind(s)", "device(s)"."""
    kinds = {_noun(device) for device in devices}
    one = kinds.pop() if len(kinds) == 1 else "device"
    return plural_of(one) if many else one


def _noun(device: Device) -> str:
    of = class_of(device.domain, device.device_class, device.name)
    return _CLASS_NOUNS.get(device.domain, {}).get(of or "") or _NOUNS.get(device.domain, "device")


def plural_of(one: str) -> str:
    """The plural of an English noun of this module."""
    if one == "person":
        return "people"
    if one.endswith(("s", "ch", "sh", "x")):
        return f"{one}es"
    return f"{one[:-1]}ies" if one.endswith("y") and one[-2] not in "aeiou" else f"{one}s"


def common_place(devices: Iterable[Device], registry: Registry) -> str:
    """ " in the kitchen" where all the devices are in one area, else nothing."""
    areas = {device.area for device in devices}
    area = registry.areas.get(areas.pop() or "") if len(areas) == 1 else None
    return f" {in_area(area)}" if area else ""


def names(devices: Sequence[Device], registry: Registry, last: str = "and") -> str:
    """Several devices by name."""
    return joined([device_name(device, registry) for device in devices], last)
