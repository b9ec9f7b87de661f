"""What a spoken condition means in this home: which sensors, and which of their own values or states."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from edge.devices.model import Device
from edge.devices.nouns import class_of
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens
from edge.router.resolution.sensed import Sensed, sensed
from edge.router.values.conditions import Condition, Relation
from edge.router.values.quantities import Quantity, quantity

IDLE_W: Final = 5.0
"""Watts below which what is plugged in does nothing."""
IDLE_S: Final = 120
"""Seconds for which it does nothing once it is done, and does not only pause."""
_LAST: Final = 9
_SIDES: Final = listed("battery, signal_strength, timestamp, duration, voltage, current, frequency, energy, data_size")
"""What a device tells besides what it is there for."""
_NEAR: Final = {"humidity": ("moisture",), "moisture": ("humidity",), "pressure": ("atmospheric_pressure",)}
_SENSING: Final = listed("sensor, binary_sensor")
_SWITCHED: Final = listed("switch, light, fan, humidifier, siren, input_boolean, automation, group, remote")
_MODAL: Final = listed("media_player, climate, water_heater")
"""Domains whose devices have several states that are not off."""
_DOORS: Final = listed("door, window, opening, garage_door")
_MOTION: Final = listed("motion, occupancy, presence, moving, person")
_DANGERS: Final = listed("smoke, gas, carbon_monoxide, moisture, safety, problem, tamper, sound, vibration, heat")
_OPPOSITES: Final = {
    "open": "closed", "on": "off", "locked": "unlocked", "wet": "dry", "detected": "clear", "home": "not_home",
    "running": "finished",
}  # fmt: skip
_TURNED: Final = _OPPOSITES | {other: one for one, other in _OPPOSITES.items()}
_BINARY: Final[Mapping[str, tuple[frozenset[str], str]]] = MappingProxyType(
    {
        "open": (_DOORS, "on"),
        "closed": (_DOORS, "off"),
        "locked": (frozenset({"lock"}), "off"),
        "unlocked": (frozenset({"lock"}), "on"),
        "wet": (frozenset({"moisture"}), "on"),
        "dry": (frozenset({"moisture"}), "off"),
        "detected": (_MOTION | _DANGERS, "on"),
        "clear": (_MOTION | _DANGERS, "off"),
        "goes_off": (_DANGERS | {"doorbell"}, "on"),
        "running": (frozenset({"running", "power"}), "on"),
        "finished": (frozenset({"running", "power"}), "off"),
        "home": (frozenset({"presence", "connectivity"}), "on"),
        "not_home": (frozenset({"presence", "connectivity"}), "off"),
    }
)
"""By what was said: binary sensors of which classes say it, and how."""


@dataclass(frozen=True, slots=True)
class Means:
    """What one device has to say for the condition to hold; `rank` is how well that fits, 0 best."""

    rank: int
    relation: Relation
    value: float | str | None = None
    hold_s: int = 0
    unit: str = ""
    attribute: str = ""
    """The attribute that has the value, where the state has not."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The condition as the devices have it, or the devices among which a person must tell; `fits` is false where what
    was said is none of their quantities."""

    condition: Condition
    means: Means
    devices: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    fits: bool = True


def watched(said: Condition, registry: Registry, area: str | None) -> Watched | None:
    """None where the home has nothing of which this can be said."""
    found = _found(said, registry, area)
    if found is not None:
        return found
    if said.state or said.relation is Relation.SILENT or not (said.unit or said.measure):
        return None
    strange = _found(replace(said, unit="", measure=""), registry, area) if said.subject else None
    return replace(strange, condition=said, fits=False) if strange is not None else None


def _found(said: Condition, registry: Registry, area: str | None) -> Watched | None:
    judge = _judge(said, registry)

    def rank(device: Device) -> int | None:
        means = judge(device)
        return None if means is None else means.rank + (_LAST if device.category is not None else 0)

    if any(word not in _POINTING for word in tokens(said.subject)):
        one = sensed(said.subject, registry, area, rank)
    else:
        one = _anything(registry, area, rank, said)
    if one is None:
        return None
    known = {device: means for device in (*one.devices, *one.choices) if (means := judge(registry.devices[device]))}
    best = min(known.values(), key=lambda means: means.rank)
    alike = tuple(device for device in one.devices if replace(known[device], rank=0) == replace(best, rank=0))
    return Watched(said, best, alike, one.choices)


_POINTING: Final = frozenset({"it", "here", "in", "at", "there", "room", "this"})


def _anything(
    registry: Registry, area: str | None, rank: Callable[[Device], int | None], said: Condition
) -> Sensed | None:
    """Where nothing is named: what measures it in the speaker's room, else all that do."""
    if not (said.measure or said.unit or said.state in {"detected", "wet", "goes_off"}):
        return None
    ranks = {device.id: one for device in registry.devices.values() if (one := rank(device)) is not None}
    here = {one: ranks[one] for one in ranks if area is not None and registry.devices[one].area == area}
    ranks = here or ranks
    if not ranks:
        return None
    least = min(ranks.values())
    ids = tuple(one for one, its in ranks.items() if its == least)
    return Sensed(ids) if len(ids) == 1 else Sensed(choices=ids[:12])


def _judge(said: Condition, registry: Registry) -> Callable[[Device], Means | None]:
    if said.relation is Relation.SILENT:
        return lambda device: Means(0, Relation.SILENT) if device.domain in _SENSING else None
    if said.relation is Relation.CHANGES:
        return lambda _: None
    if not said.state:
        wanted = quantity(said.unit)
        return lambda device: _numeric(said, wanted, device, registry)
    state = said.state
    if said.relation is Relation.IS_NOT:
        if state not in _TURNED:
            return lambda device: _turned(_stated(state, said.measure, device))
        state = _TURNED[state]
    return lambda device: _stated(state, said.measure, device)


def _turned(means: Means | None) -> Means | None:
    return replace(means, relation=Relation.IS_NOT) if means is not None and means.relation is Relation.IS else None


def _numeric(said: Condition, wanted: Quantity | None, device: Device, registry: Registry) -> Means | None:
    if device.domain in {"climate", "water_heater"}:
        warm = said.measure in {"", "temperature"} and (wanted is None or "temperature" in wanted.measures)
        has = registry.state(device.id).attributes.get("current_temperature") is not None
        return Means(3, said.relation, attribute="current_temperature") if warm and has else None
    if device.domain not in {"sensor", "number", "input_number"}:
        return None
    of = class_of(device.domain, device.device_class, device.name)
    if wanted is not None and (device.unit or "") not in wanted.units:
        return None
    if device.unit is None and not _is_number(registry.state(device.id).state):
        return None
    if said.measure:
        near = _NEAR.get(said.measure, ())
        if of not in {said.measure, *near, None}:
            return None
        return Means(0 if of == said.measure else 2 if of in near else 3, said.relation)
    return Means(0 if of == "temperature" else 5 if of in _SIDES else 1, said.relation)


def _is_number(text: str | None) -> bool:
    try:
        float(text or "")
    except ValueError:
        return False
    return True


def _stated(state: str, measure: str, device: Device) -> Means | None:
    domain, of = device.domain, class_of(device.domain, device.device_class, device.name)
    if domain == "binary_sensor":
        return _binary(state, measure, of)
    if domain == "sensor":
        if state not in {"finished", "running"} or of != "power":
            return None
        if state == "running":
            return Means(0, Relation.ABOVE, IDLE_W, unit="W")
        return Means(0, Relation.BELOW, IDLE_W, IDLE_S, unit="W")
    return _of_domain(state, domain)


def _binary(state: str, measure: str, of: str | None) -> Means | None:
    if state in {"on", "off"}:
        return None if of in _DOORS else Means(2, Relation.IS, state)
    classes, value = _BINARY.get(state, (frozenset(), ""))
    if not value:
        return None
    if measure == "motion":
        classes &= _MOTION
    elif measure:
        classes = frozenset({measure})
    if of in classes:
        return Means(0, Relation.IS, value)
    return Means(4, Relation.IS, value) if of is None and state in {"open", "closed", "detected", "goes_off"} else None


_DOMAINS: Final[Mapping[tuple[str, str], tuple[int, str]]] = MappingProxyType(
    {
        ("cover", "open"): (0, "open"),
        ("cover", "closed"): (0, "closed"),
        ("valve", "open"): (0, "open"),
        ("valve", "closed"): (0, "closed"),
        ("lock", "open"): (3, "unlocked"),
        ("lock", "closed"): (3, "locked"),
        ("lock", "locked"): (0, "locked"),
        ("lock", "unlocked"): (0, "unlocked"),
        ("lock", "jammed"): (0, "jammed"),
        ("person", "home"): (0, "home"),
        ("person", "not_home"): (0, "not_home"),
        ("person", "off"): (2, "not_home"),
        ("device_tracker", "home"): (1, "home"),
        ("device_tracker", "off"): (2, "not_home"),
        ("device_tracker", "not_home"): (1, "not_home"),
        ("vacuum", "finished"): (0, "docked"),
        ("vacuum", "running"): (0, "cleaning"),
        ("vacuum", "jammed"): (0, "error"),
        ("lawn_mower", "finished"): (0, "docked"),
        ("lawn_mower", "running"): (0, "mowing"),
        ("media_player", "playing"): (0, "playing"),
        ("alarm_control_panel", "goes_off"): (0, "triggered"),
        ("alarm_control_panel", "detected"): (2, "triggered"),
        ("siren", "goes_off"): (0, "on"),
        ("climate", "heating"): (0, "heat"),
        ("climate", "cooling"): (0, "cool"),
    }
)
"""By domain and what was said: rank, and the device's own state."""


def _of_domain(state: str, domain: str) -> Means | None:
    known = _DOMAINS.get((domain, state))
    if known is not None:
        return Means(known[0], Relation.IS, known[1])
    switched = {"on": "on", "running": "on", "off": "off", "finished": "off", "goes_off": "off"}.get(state)
    if switched is None:
        return None
    rank = 0 if state in {"on", "off"} else 3 if state == "goes_off" else 1
    if domain in _SWITCHED:
        return Means(rank, Relation.IS, switched)
    if domain in _MODAL:
        return Means(rank, Relation.IS if switched == "off" else Relation.IS_NOT, "off")
    return None
