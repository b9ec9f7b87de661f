"""Makes watching a sensor stricter or less so, in words: limits, earlier, later, not at all, that was a false alarm."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from edge.assistant.alarmkeeping.ports import Watchers
from edge.assistant.alarmkeeping.wording import converted, unit_of
from edge.assistant.naming import device_name, names
from edge.assistant.phrases import joined, measured, sentence
from edge.assistant.told import Told
from edge.devices.model import Device
from edge.devices.nouns import class_of
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.schedule.words import span
from edge.sensors.alarms.model import Alarm
from edge.sensors.detectors import AnySettings
from edge.sensors.detectors.limits import LimitsSettings

_LIVES: Final = frozenset({"smoke", "carbon_monoxide", "gas"})
"""Device classes whose alarms nobody takes away by a word."""
_LEARNT: Final = 1.5
_HELD: Final = 2.0
_SOON_S: Final = 60.0
_HOLD_S: Final = 900.0
_ROOM: Final = {"°C": 0.5, "°F": 1.0, "%": 3.0}
"""By how much a new limit is to be left again before the alarm is over."""

Change = Mapping[str, Mapping[str, Any] | bool]


class Changes:
    """Says what it would do and asks, then has it done."""

    def __init__(self, watchers: Watchers, registry: Registry, home_unit: str) -> None:
        self._watchers = watchers
        self._registry = registry
        self._home = home_unit

    async def tell(self, call: Call, *, confirmed: bool) -> Told:
        """`confirmed`: somebody has said yes. Raises `EdgeError` where it can't be kept."""
        match call.function:
            case "alarms.limit":
                return await self._limit(call, confirmed=confirmed)
            case "alarms.ignore":
                return await self._ignore(call, confirmed=confirmed)
            case "alarms.sooner" | "alarms.later":
                return await self._shifted(call, later=call.function == "alarms.later", confirmed=confirmed)
            case "alarms.false_alarm":
                return await self._false_alarm(call)
            case _:
                return Told("I can't do that yet.")

    def may_ignore(self, targets: Sequence[str]) -> bool:
        """Whether any of these is watched, and none of them for somebody's life."""
        devices = [self._registry.devices[one] for one in targets if one in self._registry.devices]
        watched = any(self._watchers.settings(one.id) for one in devices)
        return watched and not any(class_of(one.domain, one.device_class, one.name) in _LIVES for one in devices)

    async def _limit(self, call: Call, *, confirmed: bool) -> Told:
        devices = self._devices(call)
        if len(devices) != 1:
            return (
                Told("I know no such sensor here.")
                if not devices
                else Told("Of which sensor?", candidates=call.targets)
            )
        device = devices[0]
        name, own = device_name(device, self._registry), unit_of(device, device.id)
        said = str(call.arguments.get("unit") or "")
        bounds: dict[str, Any] = {
            side: converted(float(call.arguments[side]), said, own, self._home)
            for side in ("low", "high")
            if side in call.arguments
        }
        if not bounds or any(one is None for one in bounds.values()):
            return Told(sentence(f"{name} is measured in {measured(2, own).partition(' ')[2] or 'another unit'}"))
        known = next((one for one in self._watchers.settings(device.id) if isinstance(one, LimitsSettings)), None)
        base = known or LimitsSettings(hold_s=_HOLD_S, hysteresis=_ROOM.get(own, 0.0))
        made = replace(base, **bounds)
        if made.low is not None and made.high is not None and made.low >= made.high:
            low, high = measured(made.low, own), measured(made.high, own)
            return Told(sentence(f"that leaves nothing: I warn below {low} already, and this would be above {high}"))
        if known is not None and made == known:
            return Told(sentence(f"that is so already: {self._limits_said(made, name, own)}"))
        text = self._limits_said(made, name, own)
        if not confirmed:
            return _asked(call, f"From now on {text}.")
        fresh = {one.name: getattr(made, one.name) for one in fields(made) if one.name not in ("key", "severity")}
        change = {made.key: {key: value for key, value in fresh.items() if value is not None}}
        return await self._changed(device.id, change, sentence(f"all right: {text}"))

    def _limits_said(self, one: LimitsSettings, name: str, unit: str) -> str:
        sides = []
        if one.high is not None:
            sides.append(f"above {measured(one.high, unit)}")
        if one.low is not None:
            sides.append(f"below {measured(one.low, unit)}")
        held = f" for {span(one.hold_s)}" if one.hold_s else ""
        return f"I warn you when {name} is {joined(sides, 'or')}{held}"

    async def _ignore(self, call: Call, *, confirmed: bool) -> Told:
        devices = self._devices(call)
        if not devices:
            return Told("I know no such sensor here.")
        serious = [one for one in devices if class_of(one.domain, one.device_class, one.name) in _LIVES]
        if serious:
            return Told(
                sentence(f"no: {names(serious, self._registry)} may save your life, so I always warn you of that")
            )
        who = names(devices, self._registry)
        rules = [rule for rule in self._watchers.book.rules() if set(rule.sensors) & set(call.targets)]
        besides = " What you asked me to warn you of stays." if rules else ""
        if not confirmed:
            return _asked(call, f"From now on I give no alarms of {who}.{besides}")
        for device in devices:
            known = self._watchers.settings(device.id)
            await self._watchers.change(device.id, {one.key: False for one in known})
        return Told(sentence(f"all right: I give no alarms of {who} any more"))

    async def _shifted(self, call: Call, *, later: bool, confirmed: bool) -> Told:
        """Learnt bounds wider or narrower, set ones for longer or shorter."""
        key = str(call.arguments.get("key") or "")
        told, changes = [], {}
        for device in self._devices(call):
            made = [
                (one, fresh)
                for one in self._watchers.settings(device.id)
                if (not key or one.key == key) and (fresh := _moved(one, later=later)) != one
            ]
            if made:
                changes[device.id] = {fresh.key: _difference(one, fresh) for one, fresh in made}
                told.append(f"{device_name(device, self._registry)}{_said(made)}")
        if not changes:
            return Told("I don't give alarms of that by myself: ask me to warn you, with a limit.")
        how = "later" if later else "earlier"
        if not confirmed:
            return _asked(call, f"From now on I warn you {how} of {joined(told)}.")
        for device_id, change in changes.items():
            await self._watchers.change(device_id, change)
        return Told(sentence(f"all right: I warn you {how} of {joined(told)}"))

    async def _false_alarm(self, call: Call) -> Told:
        """The last one is seen; less of the kind is offered."""
        book = self._watchers.book
        fitting = [one for one in book.all() if not call.targets or one.device in call.targets]
        last: Alarm | None = max(fitting, key=lambda one: one.at_s, default=None)
        if last is None:
            return Told("I have given no alarm lately.")
        book.acknowledge(last.id)
        await self._watchers.settled()
        noted = f"Noted: the alarm of {last.name} was a false one."
        if last.rule is not None:
            return Told(f"{noted} You asked me for that warning: say stop warning me about it, if you don't want it.")
        if last.device_class in _LIVES or last.device not in self._registry.devices:
            return Told(noted)
        key = last.key.partition(".")[0]
        asked = await self._shifted(Call("alarms.later", {"key": key}, (last.device,)), later=True, confirmed=False)
        return replace(asked, text=f"{noted} {asked.text}") if asked.then else Told(noted)

    async def _changed(self, key: str, change: Change, text: str) -> Told:
        await self._watchers.change(key, change)
        return Told(text)

    def _devices(self, call: Call) -> list[Device]:
        return [self._registry.devices[one] for one in call.targets if one in self._registry.devices]


def _asked(call: Call, text: str) -> Told:
    then = replace(call, arguments={**call.arguments, "confirmed": True})
    return Told(f"{text} Shall I?", then=(then,))


def _moved(one: AnySettings, *, later: bool) -> AnySettings:
    """The settings by which it is told later, or sooner."""
    changed: dict[str, float] = {}
    names_ = {field.name for field in fields(one)}
    if "hold_s" in names_ and (hold_s := getattr(one, "hold_s", 0.0)):
        changed["hold_s"] = hold_s * _HELD if later else max(_SOON_S, hold_s / _HELD)
    elif "hold_s" in names_ and later and getattr(one, "key", "").startswith("limits"):
        changed["hold_s"] = _HOLD_S
    if getattr(one, "times", 0.0):
        changed["times"] = getattr(one, "times", 1.0) * (_LEARNT if later else 1 / _LEARNT)
    if not changed:
        return one
    rounded = {key: round(value, 2) for key, value in changed.items()}
    return replace(one, **rounded)  # type: ignore[arg-type]


def _difference(one: AnySettings, other: AnySettings) -> dict[str, Any]:
    known = [field.name for field in fields(one)]
    return {name: getattr(other, name) for name in known if getattr(one, name) != getattr(other, name)}


def _said(made: Sequence[tuple[AnySettings, AnySettings]]) -> str:
    """ ": after 90 minutes rather than 45 minutes"; empty where no length of time changes."""
    for one, fresh in made:
        before, after = getattr(one, "hold_s", None), getattr(fresh, "hold_s", None)
        if before is not None and after is not None and before != after:
            return f", after {span(after)} rather than {span(before)}" if before else f", after {span(after)}"
    return ""
