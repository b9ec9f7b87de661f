"""Which sensors a phrase means: every word of it has to be in their names, in their room's, or what they measure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge.devices.model import Device
from edge.devices.nouns import NOUN_WORDS, NOUNS, Kind, class_of
from edge.devices.registry import Registry
from edge.devices.words import distance, fold, listed, tokens
from edge.router.resolution.phrase import read
from edge.router.resolution.places import LIKE_ENOUGH
from edge.router.values.states import measure, measures_of

MOST_CHOICES: Final = 12
_GENERIC: Final = listed(
    "sensor, reading, value, level, alarm, warning, alert, thing, probe, meter, gauge, detector, monitor, measurement, "
    "notification, limit, threshold, rule, one"
)
"""Words that say no more than that it is a sensor, or an alarm of one."""
_JOINING: Final = listed("in, of, on, at, inside, into, the, for, from, by, near, my, our, a, an, it, there, any, s")
_NAMELESS: Final = listed("outside, outdoor")
_OUTSIDE: Final = listed("outside, outdoor, garden, balcony, terrace, patio, porch, yard, exterior")
_ALSO: Final[Mapping[str, str]] = {
    "soil": "moisture", "earth": "moisture", "damp": "humidity", "air": "carbon_dioxide",
    "water": "moisture", "noise": "sound_pressure", "wind": "wind_speed", "rain": "precipitation",
    "thermometer": "temperature", "hygrometer": "humidity", "current": "power", "smoke": "smoke",
}  # fmt: skip
_LONGEST_MEASURE: Final = 3
_MANY: Final = 1000
"""Devices of a home in which no word is compared with all names for how it is spelt."""
_FEW: Final = 64
_SPELT_LEAST: Final = 5
"""Letters from which on a word may be misspelt by one."""

Rank = Callable[[Device], int | None]
"""How well a device fits what is said of it, 0 best; None where it does not at all."""


@dataclass(frozen=True, slots=True)
class Sensed:
    """The devices that are meant, or those among which a person must tell."""

    devices: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What may be said to mean one device."""

    device: Device
    name: frozenset[str]
    area: frozenset[str]
    measures: frozenset[str]


def sensed(text: str, registry: Registry, area: str | None, rank: Rank, *, every: bool = False) -> Sensed | None:
    """The sensors that a phrase means; None where there are none. `area`: the speaker's; `every`: all that fit."""
    phrase = read(text)
    said = tuple(word for word in phrase.said if word not in _JOINING)
    told = tuple(word for word in said if word not in _GENERIC) or said

    def known(ids: Iterable[str]) -> list[_Known]:
        devices = (registry.devices[one] for one in ids)
        return [_known(device, registry) for device in devices if rank(device) is not None]

    exact = known(registry.device_names.exact(phrase.said))
    if exact:
        return _one_of(exact, area, rank, plural=phrase.plural)
    found = _explained(told, known(_near(told, registry)))
    if not found and told:
        pool = known(registry.devices if len(registry.devices) <= _MANY else _alike(told, registry))
        found = _explained(_joined(told, pool), pool) or _explained(_mended(told, pool), pool)
    if not found:
        return None
    if every or phrase.every or _plural(text, phrase.plural):
        best = min(rank(one.device) or 0 for one in found)
        chosen = found if every else [one for one in found if (rank(one.device) or 0) == best]
        return Sensed(tuple(one.device.id for one in chosen))
    best = min(rank(one.device) or 0 for one in found)
    found = [one for one in found if (rank(one.device) or 0) == best]
    if all(measures_of((word,)) or _ALSO.get(word) for word in told):
        return _one_of(found, area, rank)
    strays = {one.device.id: (sum(word not in one.name for word in told), _unsaid(one, told)) for one in found}
    nearest = [one for one in found if strays[one.device.id] == min(strays.values())]
    # What singles none out says nothing of which is meant: all that fit are to be chosen from.
    single = _one_of(nearest, area, rank)
    return single if single.devices else _one_of(found, area, rank)


def _near(told: Sequence[str], registry: Registry) -> Iterable[str]:
    """The devices of which each of the words may say something: by name, by place, by what they are or measure."""
    left: dict[str, None] | None = None
    classes: set[str] = set()
    for at, word in enumerate(told):
        ids = dict.fromkeys(registry.device_names.partial((word,)))
        for area in _areas(word, registry):
            for domain in registry.domains(area):
                ids.update(dict.fromkeys(registry.of_kind(domain, None, area)))
        for kind in _kinds(told, at):
            ids.update(dict.fromkeys(registry.of_kind(kind.domain, kind.device_class)))
            classes |= {kind.device_class or ""}
        left = ids if left is None else {one: None for one in left if one in ids}
    # What is told of how a device does ("battery") is not found by half of its name.
    diagnostic = (
        one.id for one in registry.devices.values() if one.category is not None and one.device_class in classes
    )
    return dict.fromkeys((*(left or ()), *(diagnostic if classes else ())))


def _areas(word: str, registry: Registry) -> Iterable[str]:
    yield from registry.area_names.partial((word,))
    for floor in registry.floor_names.partial((word,)):
        yield from registry.areas_of_floor(floor)
    if word in _NAMELESS:
        yield from (area.id for area in registry.areas.values() if not _OUTSIDE.isdisjoint(tokens(area.name)))


def _kinds(told: Sequence[str], at: int) -> Iterable[Kind]:
    """What the phrases that a word stands in are words for."""
    for start in range(max(0, at - _LONGEST_MEASURE + 1), at + 1):
        for end in range(at + 1, min(len(told), start + _LONGEST_MEASURE) + 1):
            words = tuple(told[start:end])
            of = measures_of(words) or (_ALSO.get(words[0]) if len(words) == 1 else None)
            if of is not None:
                yield from (Kind("sensor", of), Kind("binary_sensor", of))
            yield from NOUNS.get(words, ())


def _alike(told: Sequence[str], registry: Registry) -> Iterable[str]:
    return [like.id for like in registry.device_names.like(told)[:_FEW] if like.score >= LIKE_ENOUGH]


def _one_of(found: Sequence[_Known], area: str | None, rank: Rank, *, plural: bool = False) -> Sensed:
    best = min(rank(one.device) or 0 for one in found)
    found = [one for one in found if (rank(one.device) or 0) == best]
    if len(found) > 1 and area is not None:
        found = [one for one in found if one.device.area == area] or found
    ids = tuple(one.device.id for one in found)
    return Sensed(ids) if len(ids) == 1 or plural else Sensed(choices=ids[:MOST_CHOICES])


def _plural(text: str, plural: bool) -> bool:
    """Whether several are meant: "the windows", but not "the stairs' light"."""
    return plural and " " not in text.strip()[-2:]


def _known(device: Device, registry: Registry) -> _Known:
    names = frozenset(word for name in (device.name, *device.aliases) for word in tokens(name))
    place = registry.areas.get(device.area or "")
    area = frozenset(word for name in (place.name, *place.aliases) for word in tokens(name)) if place else frozenset()
    if place and place.floor and place.floor in registry.floors:
        area |= frozenset(tokens(registry.floors[place.floor].name))
    if not _OUTSIDE.isdisjoint(area | names):
        area |= _NAMELESS
    of = class_of(device.domain, device.device_class, device.name)
    measures = frozenset({of or measure(device.name) or ""}) - {""}
    return _Known(device, names, area, measures)


def _explained(told: Sequence[str], pool: Iterable[_Known]) -> list[_Known]:
    return [one for one in pool if _explains(one, told)] if told else []


def _explains(one: _Known, told: Sequence[str]) -> bool:
    at = 0
    while at < len(told):
        sizes = range(min(_LONGEST_MEASURE, len(told) - at), 0, -1)
        size = next((size for size in sizes if _is(one, told, at, size)), 0)
        if not size:
            return False
        at += size
    return True


def _is(one: _Known, told: Sequence[str], at: int, size: int) -> bool:
    words = tuple(told[at : at + size])
    if size == 1 and (words[0] in one.name or words[0] in one.area or words[0] in _GENERIC):
        return True
    if (measures_of(words) or "-") in one.measures or (size == 1 and _ALSO.get(words[0], "-") in one.measures):
        return True
    if size > NOUN_WORDS:
        return False
    device = one.device
    of = class_of(device.domain, device.device_class, device.name)
    return any(
        kind.domain == device.domain and kind.device_class in {None, of}
        for kind in NOUNS.get(words, ())
        if kind.device_class is not None or kind.domain not in {"sensor", "binary_sensor"}
    )


def _unsaid(one: _Known, told: Sequence[str]) -> int:
    """How many words of its name say more than was said: "Kitchen Temperature" rather than "Freezer Temperature"."""
    measures = frozenset(word for of in one.measures for word in tokens(of.replace("_", " ")))
    named = frozenset(word for word in one.name if (measures_of((word,)) or "-") not in one.measures)
    return len(named - frozenset(told) - one.area - measures - _GENERIC)


def _joined(told: Sequence[str], pool: Sequence[_Known]) -> tuple[str, ...]:
    """Words that are one in a name: "green house"."""
    known = _words(pool)
    for at in range(len(told) - 1):
        if (joint := fold(told[at] + told[at + 1])) in known:
            return (*told[:at], joint, *told[at + 2 :])
    return ()


def _mended(told: Sequence[str], pool: Sequence[_Known]) -> tuple[str, ...]:
    """Words that no name has, as the only one they may be misspelt from."""
    known = _words(pool)
    mended = []
    for word in told:
        near = [word]
        if word not in known and len(word) >= _SPELT_LEAST:
            near = [other for other in known if len(other) >= _SPELT_LEAST and distance(word, other, 1) == 1]
        mended.append(near[0] if len(near) == 1 else word)
    return tuple(mended)


def _words(pool: Sequence[_Known]) -> frozenset[str]:
    return frozenset().union(*(one.name | one.area for one in pool)) if pool else frozenset()
