"""What "why …" is about: the sensors, which way they are said to have gone, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.devices.model import Device
from edge.devices.nouns import class_of
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens
from edge.router.model import Value
from edge.router.resolution.sensed import Rank, sensed
from edge.router.values.numbers import split
from edge.router.values.past import pasts

_UP: Final = "up"
_DOWN: Final = "down"
_ASKING: Final = listed("is, are, was, were, did, does, do, has, have, had, would, be, been")
_EMPTY: Final = (
    listed(
        "so, too, that, this, such, very, really, awfully, unusually, quite, rather, still, suddenly, all, of, a, "
        "get, gets, getting, got, become, becoming, became, gone, go, going, went, stay, staying, turn, turned, "
        "turning, again, now, right, currently, already, much, many, even, just, there, feel, feels, keep, keeps, it"
    )
    | _ASKING
)
_WAYS: Final = listed("up, down")
_HERE: Final = listed("here, in, inside, room, the, this, my, it, at, home, house")
_JOINED: Final = listed("in, of, at, on, inside, the, by")
_QUALITIES: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(listed("warm, hot, warmer, hotter, boiling, roasting, toasty"), ("temperature", _UP)),
    **dict.fromkeys(listed("cold, cool, colder, cooler, chilly, freezing, icy"), ("temperature", _DOWN)),
    **dict.fromkeys(listed("warmed, warming, heated"), ("temperature", _UP)),
    **dict.fromkeys(listed("cooled, cooling"), ("temperature", _DOWN)),
    **dict.fromkeys(listed("humid, damp, muggy, clammy, moist"), ("humidity", _UP)),
    **dict.fromkeys(listed("dry, drier, dryer"), ("humidity", _DOWN)),
    **dict.fromkeys(listed("stuffy, stale, stuffier"), ("carbon_dioxide", _UP)),
    **dict.fromkeys(listed("bright, brighter"), ("illuminance", _UP)),
    **dict.fromkeys(listed("dark, darker, dim"), ("illuminance", _DOWN)),
    **dict.fromkeys(
        listed(
            "high, higher, rise, rises, rising, rose, risen, increase, increased, increasing, climb, climbed, "
            "climbing, jump, jumped, spike, spiked, peak, peaked, up, big, large, soar, soared, shoot, shot"
        ),
        ("", _UP),
    ),
    **dict.fromkeys(
        listed(
            "low, lower, fall, falls, fell, falling, fallen, drop, dropped, dropping, drops, sink, sank, sunk, down, "
            "decrease, decreased, decreasing, dip, dipped, plunge, plunged, small"
        ),
        ("", _DOWN),
    ),
}  # fmt: skip
_PAIRS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("warm", "up"): ("temperature", _UP),
    ("warmed", "up"): ("temperature", _UP),
    ("warming", "up"): ("temperature", _UP),
    ("heat", "up"): ("temperature", _UP),
    ("heated", "up"): ("temperature", _UP),
    ("heating", "up"): ("temperature", _UP),
    ("cool", "down"): ("temperature", _DOWN),
    ("cooled", "down"): ("temperature", _DOWN),
    ("cooling", "down"): ("temperature", _DOWN),
    ("cool", "off"): ("temperature", _DOWN),
    ("cooled", "off"): ("temperature", _DOWN),
    ("cooling", "off"): ("temperature", _DOWN),
    ("dry", "out"): ("humidity", _DOWN),
}
_USES: Final = listed("use, uses, used, using, consume, consumed, consuming, need, needed, draw, draws, drawing")
_THINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(listed("power"), "power"),
    **dict.fromkeys(listed("electricity, energy, current"), "energy"),
    **dict.fromkeys(listed("water"), "water"),
    **dict.fromkeys(listed("gas"), "gas"),
}
_OTHERS: Final[Mapping[str, tuple[str, ...]]] = {"energy": ("power",), "power": ("energy",)}
_COLD: Final = listed("freezer, fridge, refrigerator, outside, outdoor, garden, greenhouse")
"""What "it" is not, in "why is it so cold"."""
_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Why:
    """What is asked about: devices of which one is meant, or each; and what a person said of them."""

    devices: tuple[str, ...]
    choices: tuple[str, ...]
    measure: str
    direction: str
    start: datetime | None
    end: datetime | None

    def arguments(self) -> dict[str, Value]:
        """As arguments of a call."""
        found: dict[str, Value] = {}
        if self.measure:
            found["measure"] = self.measure
        if self.direction:
            found["direction"] = self.direction
        if self.start and self.end:
            if self.start == self.end:
                found["at"] = self.start.isoformat(timespec="seconds")
            else:
                found["start"] = self.start.isoformat(timespec="seconds")
                found["end"] = self.end.isoformat(timespec="seconds")
        return found


def read_why(text: str, registry: Registry, area: str | None, now: datetime) -> Why | None:
    """What stands after "why": "is the pump room so warm", "did the freezer warm up last night"; None for anything
    that is not about a sensor's going up or down."""
    words, start, end = _without_time(text, now)
    said = _taken_apart(words[1:] if words and words[0] in _ASKING else words)
    if said is None:
        return None
    measure, direction, subject = said
    found = _subject(subject, measure, registry, area)
    if found is None:
        return None
    devices, choices = found
    return Why(devices, choices, measure, direction, start, end)


def read_happened(text: str, registry: Registry, area: str | None, now: datetime) -> Why | None:
    """What stands after "what happened": "in the greenhouse at three"; None where no room or sensor is named."""
    words, start, end = _without_time(text, now)
    if not words or words[0] not in ("in", "to", "at", "with", "inside", "on"):
        return None
    found = _subject(words, "", registry, area)
    if found is None or set(words) <= _HERE:
        return None
    devices = (*found[0], *found[1])[:_MOST]
    return Why(devices, (), "", "", start, end)


def read_summed(text: str, now: datetime) -> dict[str, Value] | None:
    """A day, a night or a week that is over or has begun, and nothing else, as `start` and `end`."""
    words = list(split(text))
    named = pasts(words, now)
    if len(named) != 1 or named[0].moment or named[0].first > 0 or named[0].last < len(words):
        return None
    start, end = (one.isoformat(timespec="seconds") for one in (named[0].start, named[0].end))
    return {"start": start, "end": end}


def _without_time(text: str, now: datetime) -> tuple[list[str], datetime | None, datetime | None]:
    words = list(split(text))
    named = pasts(words, now)
    if not named:
        return words, None, None
    one = named[-1]
    return words[: one.first] + words[one.last :], one.start, one.end


def _taken_apart(words: list[str]) -> tuple[str, str, list[str]] | None:
    """The measure, the direction, and the rest; None where nothing says which way."""
    for at, word in enumerate(words):
        if word in _USES:
            thing = next((_THINGS[one] for one in words[at + 1 :] if one in _THINGS), None)
            if thing is None:
                return None
            less = "little" in words or "less" in words
            whose = [one for one in words[:at] if one not in ("we", "i", "you", "they", "it", "the", "house")]
            return thing, _DOWN if less else _UP, whose
    for at in range(len(words) - 1):
        if (pair := _PAIRS.get((words[at], words[at + 1]))) is not None:
            return *pair, [one for one in words[:at] + words[at + 2 :] if one not in _EMPTY]
    for at in range(len(words) - 1, -1, -1):
        if (quality := _QUALITIES.get(words[at])) is not None:
            rest = [
                one
                for place, one in enumerate(words)
                if place != at and one not in _EMPTY and one not in ("up", "down")
            ]
            return *quality, rest
    return None


def _subject(
    words: list[str], measure: str, registry: Registry, area: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Devices that are meant, and those of which one is: without a subject those of the speaker's room, or of all."""
    rank = _rank(measure)
    if set(words) <= _HERE:
        if not measure or (words and set(words) <= {"house", "the"} and measure == "temperature"):
            return None
        fits = [
            one
            for one in registry.devices.values()
            if rank(one) is not None and not _COLD.intersection(tokens(one.name))
        ]
        fits = [one for one in fits if one.area == area] if area is not None else fits
        best = min((rank(one) or 0 for one in fits), default=0)
        kept = tuple(one.id for one in fits if (rank(one) or 0) == best)[:_MOST]
        return (kept, ()) if kept else None
    trimmed = [one for one in words if one not in _JOINED]
    if not trimmed:
        return None
    found = sensed(" ".join(trimmed), registry, area, rank)
    if found is None:
        return None
    if found.choices and _one_room(found.choices, registry):
        return found.choices[:_MOST], ()
    return found.devices[:_MOST], found.choices


def _one_room(ids: tuple[str, ...], registry: Registry) -> bool:
    """Whether all of them are in one room: any of them tells of it."""
    areas = {registry.devices[one].area for one in ids}
    return len(areas) == 1 and None not in areas


def _rank(measure: str) -> Rank:
    wanted = (measure, *_OTHERS.get(measure, ()))

    def rank(device: Device) -> int | None:
        if device.category is not None:
            return None
        of = class_of(device.domain, device.device_class, device.name)
        if device.domain == "sensor" and (device.unit or of):
            if not measure:
                return 0
            return wanted.index(of) if of in wanted else None
        return 2 if device.domain == "climate" and measure in ("temperature", "") else None

    return rank
