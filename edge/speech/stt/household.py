"""The words of a house as the recogniser's patterns take them: names, places and modes, as they are spoken."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from edge.devices import Registry
from edge.devices.model import Device
from edge.devices.nouns import class_of
from edge.speech.stt.patterns import Classes, Words

_WORD: Final = re.compile(r"\d+|[a-z]+(?:'[a-z]+)*")
_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SYMBOLS: Final = {"&": " and ", "+": " plus ", "%": " percent ", "°": " degrees ", "’": "'"}
_NAME_WORDS: Final = 6
"""A longer name is not said whole."""
_LIKE_LIGHTS: Final = ("light", "lights", "lamp", "lamps")
_MODES: Final = ("preset_modes", "effect_list", "fan_modes", "options", "available_modes", "hvac_modes", "swing_modes")


def spoken(text: str) -> Words:
    """The words of a name as they are said: small letters, numbers as words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    for symbol, word in _SYMBOLS.items():
        plain = plain.replace(symbol, word)
    return tuple(word for found in _WORD.findall(plain) for word in _said(found))


def _said(word: str) -> tuple[str, ...]:
    if not word.isdecimal():
        return (word,)
    number = int(word)
    if len(word) > 3 or (len(word) > 1 and word[0] == "0"):
        return tuple(_ONES[int(digit)] for digit in word[:8])
    hundreds, rest = divmod(number, 100)
    said = (_ONES[hundreds], "hundred") if hundreds else ()
    if rest >= 20:
        return (*said, _TENS[rest // 10], *((_ONES[rest % 10],) if rest % 10 else ()))
    return (*said, _ONES[rest]) if rest or not said else said


def classes_of(registry: Registry, calls: Iterable[str] = ()) -> Classes:
    """Every class that the phrase file may name: domains, `domain.class`, `area`, `floor`, `name`, `mode:domain`…

    `calls`: the names of the wake words, which make a class of their own.
    """
    classes: dict[str, dict[Words, float]] = defaultdict(dict)

    def put(of: str, words: Words, weight: float = 1.0) -> None:
        if 0 < len(words) <= _NAME_WORDS:
            classes[of][words] = max(weight, classes[of].get(words, 0.0))

    for call in calls:
        put("call", spoken(call.replace("_", " ")))
    for of, places in (("area", registry.areas), ("floor", registry.floors)):
        for place in places.values():
            for name in (place.name, *place.aliases):
                put(of, spoken(name))
    for device in registry.devices.values():
        if device.category is None:
            kind = class_of(device.domain, device.device_class, device.name)
            classes[f"{device.domain}.{kind}"][("",)] = 1.0
            for of, words, weight in _said_of(device, kind, registry):
                put(of, words, weight)
    return classes


def _said_of(device: Device, kind: str | None, registry: Registry) -> Iterator[tuple[str, Words, float]]:
    for words, weight in _names(device, registry):
        yield device.domain, words, weight
        yield "name", words, weight
        if kind == "light" and device.domain == "switch":
            yield "light", words, weight
    for mode in _modes(device.options):
        yield f"mode:{device.domain}", spoken(mode), 1.0
    for source in _texts(device.options.get("source_list")):
        yield "source", spoken(source), 1.0


def _names(device: Device, registry: Registry) -> Iterator[tuple[Words, float]]:
    """What a device may be called: its names, without the room, and with what it is."""
    area = registry.areas.get(device.area or "")
    room = spoken(area.name) if area else ()
    for name in (device.name, *device.aliases):
        words = spoken(name)
        yield words, 1.0
        short = words[len(room) :] if room and words[: len(room)] == room else ()
        if short:
            yield short, 0.2
        if device.domain == "light" and words and words[-1] not in _LIKE_LIGHTS:
            yield (*words, "light"), 0.4
            yield (*words, "lights"), 0.2
        if device.domain == "light" and words and words[-1] in ("light", "lamp"):
            yield (*words[:-1], f"{words[-1]}s"), 0.1


def _modes(options: Mapping[str, Any]) -> Iterator[str]:
    for key in _MODES:
        yield from _texts(options.get(key))


def _texts(values: object) -> Iterator[str]:
    if isinstance(values, list | tuple):
        yield from (value for value in values if isinstance(value, str))
