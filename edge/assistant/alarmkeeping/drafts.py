"""From a call to the rules that it asks for: in the sensors' own units, with usual limits where none was said."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.assistant.alarmkeeping.wording import converted, unit_of
from edge.assistant.naming import device_name
from edge.assistant.phrases import finite, measured, sentence
from edge.devices.model import Device
from edge.devices.nouns import class_of
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.sensors.alarms.model import AlarmRule, Condition, Relation
from edge.sensors.detectors import AnySettings
from edge.sensors.detectors.limits import LimitsSettings

_SILENT_S: Final = 3600.0
_OVER_S: Final = 3600.0
_LONGEST_S: Final = 30 * 86400.0
_ONCE: Final = ("next time", "tonight")
_RANGES: Final = {
    "humidity": (0.0, 100.0),
    "moisture": (0.0, 100.0),
    "battery": (0.0, 100.0),
    "carbon_dioxide": (300.0, 100_000.0),
    "sound_pressure": (0.0, 200.0),
    "illuminance": (0.0, 300_000.0),
    "aqi": (0.0, 1000.0),
    "pm25": (0.0, 10_000.0),
    "atmospheric_pressure": (500.0, 1100.0),
}
"""What a sensor of a class can say at all."""
_COLDEST: Final = {"°C": -273.15, "°F": -459.67, "K": 0.0}
_HOTTEST: Final = {"°C": 2000.0, "°F": 3632.0, "K": 2273.0}
_HOW: Final = {
    "temperature": {"above": "warm", "below": "cold"},
    "humidity": {"above": "humid", "below": "dry"},
    "moisture": {"above": "wet", "below": "dry"},
    "sound_pressure": {"above": "loud", "below": "quiet"},
    "wind_speed": {"above": "strong", "below": "weak"},
    "illuminance": {"above": "bright", "below": "dark"},
}

Settings = Callable[[str], tuple[AnySettings, ...]]
"""How a series is watched."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """The rules, or why there are none: a sentence; `lacks`: it asks for the number that was not said."""

    rules: tuple[AlarmRule, ...] = ()
    problem: str = ""
    lacks: bool = False
    impossible: str = ""
    """`never`, `always` or `unit`, where the rule would make no sense."""
    usual: bool = False
    """Whether the limit is the usual one, because none was said."""


class Drafter:
    """`home_unit`: °C or °F; `settings`: how each series is watched, of which usual limits are taken."""

    def __init__(self, registry: Registry, home_unit: str, settings: Settings) -> None:
        self._registry = registry
        self._home = home_unit
        self._settings = settings

    def draft(self, call: Call, now_s: float, by: str) -> Drafted:
        """The rules of a call; nothing is kept by this."""
        arguments = call.arguments
        devices = [self._registry.devices[one] for one in call.targets if one in self._registry.devices]
        if not devices:
            return Drafted(problem="I know no such sensor here.")
        if arguments.get("dark"):
            return Drafted(problem="I can't warn by sunset yet: tell me from when to when, such as at night.")
        if arguments.get("days"):
            return Drafted(problem="I can't warn on some days alone yet: every day, or at some hours of it.")
        relation = str(arguments.get("relation", ""))
        made = self._conditions(relation, call, devices)
        if isinstance(made, Drafted):
            return made
        besides = self._besides(str(arguments.get("while") or ""))
        if isinstance(besides, Drafted):
            return besides
        conditions, hold_s, usual = made
        begin, end = _minute(arguments.get("from")), _minute(arguments.get("to"))
        if not 0 <= hold_s <= _LONGEST_S:
            return Drafted(problem="That is longer than I can watch for: thirty days at most.")
        rules = tuple(
            AlarmRule(
                id=secrets.token_hex(4),
                sensors=one.sensors,
                relation=one.relation,
                threshold=one.threshold,
                hold_s=hold_s,
                repeat=not any(once in str(arguments.get("said") or "").lower() for once in _ONCE),
                from_minute=begin,
                to_minute=end,
                said=str(arguments.get("said") or ""),
                made_s=now_s,
                by=by,
                over_s=one.over_s,
                also=(*also, *besides),
            )
            for one, also in conditions
        )
        return Drafted(rules, usual=usual)

    def _conditions(
        self, relation: str, call: Call, devices: list[Device]
    ) -> "Drafted | tuple[list[tuple[Condition, tuple[Condition, ...]]], float, bool]":
        """The conditions, each with what must hold besides; for how long; whether the limit is the usual one."""
        arguments, hold_s = call.arguments, _seconds(call.arguments.get("hold"))
        keys = tuple(self._key(device, call) for device in devices)
        if relation == "silent":
            return [(Condition(keys, Relation.SILENT, hold_s or _SILENT_S), ())], 0.0, False
        if relation in ("is", "is_not"):
            return [(Condition(keys, Relation(relation), str(arguments.get("state", ""))), ())], hold_s, False
        if arguments.get("too"):
            return self._usual(relation, devices[0], keys, hold_s)
        own, said = unit_of(devices[0], keys[0]), str(arguments.get("unit") or "")
        difference = relation in ("rises_by", "falls_by", "moves_by")
        values = [arguments[name] for name in ("value", "low", "high") if name in arguments]
        read = [converted(float(one), said, own, self._home, difference=difference) for one in values]
        if (
            not read
            or any(one is None for one in read)
            or {unit_of(d, k) for d, k in zip(devices, keys, strict=True)} != {own}
        ):
            return self._wrong_unit(devices[0], own, said)
        numbers = [one for one in read if one is not None]
        over_s = _seconds(arguments.get("over")) or _OVER_S
        if relation == "outside" and len(numbers) == 2:
            both = [Condition(keys, Relation.ABOVE, numbers[1]), Condition(keys, Relation.BELOW, numbers[0])]
            problems = [found for bound in both if (found := self._nonsense(bound, devices[0], own)) is not None]
            return problems[0] if problems else ([(one, ()) for one in both], hold_s, False)
        if relation == "moves_by" and len(numbers) == 1:
            ways = (Relation.RISES_BY, Relation.FALLS_BY)
            return [(Condition(keys, way, numbers[0], over_s), ()) for way in ways], hold_s, False
        if relation == "within" and len(numbers) == 2:
            also = Condition(keys, Relation.BELOW, numbers[1])
            return [(Condition(keys, Relation.ABOVE, numbers[0]), (also,))], hold_s, False
        if relation not in ("above", "below", "rises_by", "falls_by") or len(numbers) != 1:
            return Drafted(problem="I can't watch for that.")
        one = Condition(keys, Relation(relation), numbers[0], over_s)
        return self._nonsense(one, devices[0], own) or ([(one, ())], hold_s, False)

    def _usual(
        self, relation: str, device: Device, keys: tuple[str, ...], hold_s: float
    ) -> "Drafted | tuple[list[tuple[Condition, tuple[Condition, ...]]], float, bool]":
        """The limit that such a sensor usually has; asked for where there is none."""
        limits = next((one for one in self._settings(keys[0]) if isinstance(one, LimitsSettings)), None)
        usual = None if limits is None else limits.high if relation == "above" else limits.low
        if limits is None or usual is None:
            of = class_of(device.domain, device.device_class, device.name) or ""
            how = _HOW.get(of, {}).get(relation, "high" if relation == "above" else "low")
            return Drafted(problem=f"How {how} is too {how} for {device_name(device, self._registry)}?", lacks=True)
        return [(Condition(keys, Relation(relation), usual), ())], hold_s or limits.hold_s, True

    def _besides(self, compact: str) -> "Drafted | tuple[Condition, ...]":
        """What must hold, too, as the router wrote it: "switch.pump is off; sensor.co2 above 800 ppm"."""
        made = []
        for one in filter(None, compact.split("; ")):
            ids, _, said = one.partition(" ")
            relation, value, unit = (*said.split(" ", 2), "", "")[:3]
            keys = tuple(ids.split(","))
            device = self._registry.devices.get(keys[0])
            if relation in ("is", "is_not") and device is not None:
                made.append(Condition(keys, Relation(relation), value))
                continue
            number = finite(value)
            own = None if number is None else converted(number, unit, unit_of(device, keys[0]), self._home)
            if own is None or relation not in ("above", "below") or device is None:
                return Drafted(problem="I can't look at that beside it.")
            made.append(Condition(keys, Relation(relation), own))
        return tuple(made)

    def _key(self, device: Device, call: Call) -> str:
        attribute = call.arguments.get("attribute")
        known = attribute and device.domain in ("climate", "water_heater")
        return f"{device.id}:{attribute}" if known else device.id

    def _wrong_unit(self, device: Device, own: str, said: str) -> Drafted:
        name = device_name(device, self._registry)
        in_ = measured(2, own).partition(" ")[2] if own else "no unit that I know"
        what = measured(2, self._home if said == "°" else said).partition(" ")[2]
        return Drafted(problem=sentence(f"{name} is measured in {in_}, not in {what}"), impossible="unit")

    def _nonsense(self, one: Condition, device: Device, own: str) -> Drafted | None:
        """A bound that the sensor can never pass, or can only ever be beyond."""
        value = one.threshold
        if isinstance(value, str) or one.relation not in (Relation.ABOVE, Relation.BELOW):
            return None
        of = class_of(device.domain, device.device_class, device.name) or ""
        low, high = _RANGES.get(of, (_COLDEST.get(own, float("-inf")), _HOTTEST.get(own, float("inf"))))
        if of not in _RANGES and own == "%":
            low, high = 0.0, 100.0
        above = one.relation is Relation.ABOVE
        name, amount = device_name(device, self._registry), measured(value, own)
        if (above and value >= high) or (not above and value <= low):
            return Drafted(problem=sentence(f"{name} can never be {one.relation.value} {amount}"), impossible="never")
        if (above and value <= low) or (not above and value > high):
            return Drafted(problem=sentence(f"{name} is always {one.relation.value} {amount}"), impossible="always")
        return None


def same(one: AlarmRule, other: AlarmRule) -> bool:
    """Whether two rules warn of the same thing."""
    kinds = ("sensors", "relation", "threshold", "hold_s", "from_minute", "to_minute", "over_s", "also")
    return all(getattr(one, kind) == getattr(other, kind) for kind in kinds)


def _minute(text: object) -> int | None:
    if not isinstance(text, str) or ":" not in text:
        return None
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
