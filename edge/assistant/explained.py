"""Words for an explanation: what moved, what changed before, and how often that was followed by as much; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.assistant.naming import device_name, with_article
from edge.assistant.phrases import UNITS, joined, measured, number, sentence
from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.sensors.alarms.words import Moments, span
from edge.sensors.explaining.model import Cause, Direction, Explanation, Movement, Sort
from edge.sensors.history.model import Counter, Sensor

_AGAIN: Final = 0.3
"""A second cause is told from this share on."""
_PERHAPS: Final = 0.2
_ANOTHER_S: Final = 600.0
_AT_ONCE_S: Final = 300.0
_SAME_TIMES: Final = 1.3
_LONG_AGO_S: Final = 90 * 60.0
_ROSE: Final[Mapping[Direction, str]] = {Direction.UP: "rose", Direction.DOWN: "fell"}
_RISE: Final[Mapping[Direction, str]] = {Direction.UP: "rise", Direction.DOWN: "fall"}
_OPENINGS: Final = frozenset({"door", "window", "opening", "garage_door", "garage", "gate"})
_SEEN: Final = frozenset({"motion", "occupancy", "presence", "moving"})
_ON: Final = frozenset({"on", "open"})


@dataclass(frozen=True, slots=True)
class Words:
    """The home that is spoken of, and how its times are said."""

    registry: Registry
    moments: Moments

    def explanation(self, found: Explanation) -> str:
        """Two or three sentences."""
        movement = found.movement
        if movement is None:
            return self._unmoved(found)
        said = [sentence(f"{self.name(found.sensor.key, found.sensor.name)} {self._moved(found.sensor, movement)}")]
        said += self._causes(found, movement)
        if found.with_it:
            said.append(self._company(found, movement))
        if found.silent_s is not None:
            said.append(sentence(f"nothing has come from it {self.moments.since(found.silent_s)}"))
        return " ".join(said)

    def _unmoved(self, found: Explanation) -> str:
        name, unit = self.name(found.sensor.key, found.sensor.name), _unit(found.sensor)
        if found.now is None:
            return sentence(f"I know nothing of {name} then")
        said = f"{name} has not moved more than it does on most days: it is at {plainly(found.now, unit)}"
        if found.low is not None and found.high is not None:
            said += f", and usually {self.between(found.low, found.high, unit)} at this hour"
        return sentence(said)

    def _moved(self, sensor: Sensor, movement: Movement) -> str:
        unit, took_s = _unit(sensor), movement.until_s - movement.since_s
        said = (
            f"{_ROSE[movement.direction]} from {_bare(movement.before, unit)} to {plainly(movement.after, unit)} "
            f"in {span(max(300.0, took_s))}, {self.moments.since(movement.since_s)}"
        )
        if movement.times is None or movement.usual is None:
            return said
        if movement.times >= _SAME_TIMES:
            return f"{said}, {_times(movement.times)} its usual {_RISE[movement.direction]}"
        return f"{said}, about as on other days"

    def _causes(self, found: Explanation, movement: Movement) -> list[str]:
        direction = movement.direction
        likely = found.likely
        if likely:
            # What happens together is most likely one thing: a switch, and what it draws.
            second = [
                one for one in found.causes if one.share >= _AGAIN and abs(one.at_s - likely[0].at_s) > _ANOTHER_S
            ][:1]
            return [self.cause(one, direction) for one in (likely[0], *second)]
        perhaps = [one for one in found.causes if one.share >= _PERHAPS and one.followed * 3 >= one.seen > 0][:1]
        if perhaps:
            return [f"I can't say what did it. {self.cause(perhaps[0], direction)}"]
        return ["Nothing I can see changed before that would explain it."]

    def cause(self, one: Cause, direction: Direction) -> str:
        """What changed, when, and what that was followed by."""
        when = _when(one.lag_s) if abs(one.lag_s) < _LONG_AGO_S else self.moments.at(one.at_s)
        said = f"{self.change(one)} {when}"
        rose = _ROSE[direction]
        if one.sort is Sort.OUTAGE:
            return sentence(f"{said}, as in a power cut")
        if one.seen >= 2:
            return sentence(f"{said}; of the last {one.seen} times that happened it {rose} too {_often(one)}")
        if one.seen == 1:
            followed = f"it {rose} too" if one.followed else f"it did not {_bare_verb(direction)}"
            return sentence(f"{said}; the one time before that I know of {followed}")
        if one.earlier:
            still = " and still is so" if one.until_s is None else ""
            return sentence(f"{said}{still}; it has not been so for as long before, so I can't be sure")
        return sentence(f"{said}; I have not seen that before, so I can't be sure")

    def change(self, one: Cause) -> str:
        """ "the kitchen window was opened", "the outside light rose from 900 to 40000 lux"."""
        if one.sort is Sort.OUTAGE:
            return f"{one.count} devices fell silent at once"
        name = self.name(one.key, one.name)
        if one.sort is Sort.NUMBER and isinstance(one.before, float) and isinstance(one.after, float):
            rose = "rose" if one.after > one.before else "fell"
            unit = one.unit or ""
            return f"{name} {rose} from {_bare(one.before, unit)} to {plainly(one.after, unit)}"
        return _state_change(name, one)

    def _company(self, found: Explanation, movement: Movement) -> str:
        shown = found.with_it[:3]
        names = [self.name(key, name) for key, name, _ in shown]
        more = len(found.with_it) - len(shown)
        listed = joined([*names, f"{more} more"] if more else names)
        return sentence(f"{listed} {_ROSE[movement.direction]} as well")

    def between(self, low: float, high: float, unit: str) -> str:
        """ "18 to 22 degrees", "18 degrees" where both are the same."""
        below, above = _bare(low, unit), plainly(high, unit)
        return above if below == _bare(high, unit) else f"{below} to {above}"

    def name(self, key: str, name: str) -> str:
        """A series as its owner calls it; `name`: what it was called where it is not there any more."""
        device = self.registry.devices.get(key.partition(":")[0])
        if device is None:
            return with_article(name or key)
        if ":" in key:
            what = key.partition(":")[2].replace("_", " ")
            said = device_name(device, self.registry)
            return said if what == "hvac action" else f"{what} of {said}"
        return device_name(device, self.registry, place=_needs_place(device, self.registry) or None)


def _needs_place(device: Device, registry: Registry) -> bool:
    """Whether its name alone says nothing: "Temperature"."""
    area = registry.areas.get(device.area or "")
    plain = {"temperature", "humidity", "sensor", "window", "door", "light", "motion", "heating", "power", "co2"}
    return area is not None and set(tokens(device.name)) <= plain


def _state_change(name: str, one: Cause) -> str:
    domain, after = one.key.partition(".")[0], str(one.after)
    on = after in _ON
    if domain in ("cover", "valve") or (domain == "binary_sensor" and one.device_class in _OPENINGS):
        return f"{name} was {'opened' if on else 'closed' if after in ('off', 'closed') else after}"
    if domain == "binary_sensor" and one.device_class in _SEEN:
        return f"{name} {'saw somebody' if on else 'saw nobody any more'}"
    if one.key.endswith(":hvac_action") or domain == "climate":
        return _heating(name, str(one.before), after)
    if domain in ("person", "device_tracker"):
        return f"{name} {'came home' if after == 'home' else 'left'}"
    if domain == "lock":
        return f"{name} was {after}"
    if after in ("on", "off"):
        return f"{name} {'went' if domain == 'binary_sensor' else 'was switched'} {after}"
    if domain == "media_player":
        return f"{name} began to play" if after == "playing" else f"{name} went to {after}"
    return f"{name} changed to {after.replace('_', ' ')}"


def _heating(name: str, before: str, after: str) -> str:
    if after in ("heating", "cooling", "drying"):
        return f"{name} began {after}"
    if before in ("heating", "cooling", "drying"):
        return f"{name} stopped {before}"
    return f"{name} changed to {after.replace('_', ' ')}"


def _when(lag_s: float) -> str:
    if abs(lag_s) < _AT_ONCE_S:
        return "at about that time"
    return f"{span(abs(lag_s))} {'before' if lag_s > 0 else 'after it began'}"


def _often(one: Cause) -> str:
    if one.followed == one.seen:
        return "each time" if one.seen > 2 else "both times"
    return f"{one.followed} times" if one.followed != 1 else "once"


def _bare_verb(direction: Direction) -> str:
    return "rise" if direction is Direction.UP else "fall"


def _times(times: float) -> str:
    return f"{number(times, 0 if times >= 3 else 1)} times"


def _unit(sensor: Sensor) -> str:
    return f"{sensor.unit} an hour" if sensor.counter is not Counter.NO and sensor.unit else sensor.unit


def plainly(value: float, unit: str) -> str:
    """A value with its unit in words, and as many decimals as say something."""
    return measured(round(value) if abs(value) >= 100 else value, unit)


def _bare(value: float, unit: str) -> str:
    """The number alone, as `measured` says it."""
    said = plainly(value, unit)
    many = UNITS.get(unit, (unit, unit))
    return next((said.removesuffix(f" {one}") for one in many if one and said.endswith(f" {one}")), said)
