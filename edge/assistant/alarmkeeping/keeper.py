"""Carries out the functions `alarms.…`: what is wrong, seen, muted, asked for, and made stricter or less so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from edge.assistant.alarmkeeping.changes import Changes
from edge.assistant.alarmkeeping.drafts import Drafter, same
from edge.assistant.alarmkeeping.ports import Watchers
from edge.assistant.alarmkeeping.wording import now_said, rules_said
from edge.assistant.model import ReplySource, Utterance
from edge.assistant.naming import device_name, names
from edge.assistant.phrases import count, joined, sentence
from edge.assistant.timing import local_time
from edge.assistant.told import Told
from edge.devices.registry import Registry
from edge.devices.words import words
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.schedule.words import span
from edge.sensors.alarms.model import AlarmRule, Relation
from edge.sensors.alarms.muting import LONGEST_S

CONFIRMED: Final = "confirmed"
"""The argument of a call that somebody has said yes to."""
_TOLD: Final = 4
_MUTE_S: Final = 3600.0
_SOON_S: Final = 60.0
_MORNING: Final = 6
"""O'clock: until then what is muted for today is."""
_TODAY: Final = frozenset({"today", "tonight", "rest"})
_READING: Final = frozenset({"alarms.status", "alarms.rules"})
_OPEN_END: Final = frozenset({"notice", "say", "otherwise", "good", "forever", "permanently"})
"""Words by which muting has no end."""


class AlarmKeeper:
    """`home_unit`: the home's degrees, °C or °F."""

    source = ReplySource.SENSORS

    def __init__(self, watchers: Watchers, registry: Registry, home_unit: str, clock: Clock) -> None:
        self._watchers = watchers
        self._clock = clock
        self._registry = registry
        self.drafter = Drafter(registry, home_unit, watchers.settings)
        self._changes = Changes(watchers, registry, home_unit)

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function.startswith("alarms.")

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function in _READING

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it and say so, or ask first. Raises `EdgeError` where it can't be kept."""
        match call.function:
            case "alarms.status":
                return Told(self._status())
            case "alarms.rules":
                return Told(self._rules())
            case "alarms.acknowledge":
                return await self._acknowledge(call)
            case "alarms.mute":
                return await self._mute(call, utterance)
            case "alarms.unmute":
                return await self._unmute(call)
            case "alarms.add_rule":
                return await self._add(call, utterance)
            case "alarms.delete_rule" | "alarms.delete_all_rules":
                return await self._delete(call)
            case _:
                return await self._changes.tell(call, confirmed=CONFIRMED in call.arguments)

    # What there is -------------------------------------------------------------------------------------------------

    def _status(self) -> str:
        listed = self._watchers.book.listed()
        active = [one for one in listed if one.is_active]
        over = [one for one in listed if not one.is_active and not one.acknowledged and one.told]
        if not active and not over:
            muted = " Some alarms are muted." if self._watchers.book.mutes() else ""
            return f"Nothing is wrong that I know of.{muted}"
        said = list(dict.fromkeys(one.text for one in active[:_TOLD]))
        if len(active) > _TOLD:
            said.append(f"There are {count(len(active) - _TOLD)} more.")
        if not active:
            said.append("Nothing is wrong any more.")
        said += [one.text for one in over[: _TOLD - len(said)]]
        return " ".join(said)

    def _rules(self) -> str:
        rules = self._watchers.book.rules()
        if not rules:
            return "You have not asked me to warn you of anything. I tell you of what is unusual by myself."
        said = [rules_said((one,), self._registry) for one in rules[:_TOLD]]
        if len(rules) > _TOLD:
            said.append(f"of {count(len(rules) - _TOLD)} more things")
        return sentence(f"I warn you {joined(said)}")

    # Seen and muted ------------------------------------------------------------------------------------------------

    async def _acknowledge(self, call: Call) -> Told:
        book = self._watchers.book
        wanted = call.targets or ("all",)
        seen = [one for which in wanted for one in book.acknowledge(which)]
        await self._watchers.settled()
        if not seen:
            return Told("There is no alarm that you have not seen.")
        named = list(dict.fromkeys(one.name for one in seen))
        return Told(sentence(f"noted: {joined(named[:_TOLD])}"))

    async def _mute(self, call: Call, utterance: Utterance) -> Told:
        book, for_s = self._watchers.book, self._mute_s(call, utterance)
        scopes: Sequence[str | None] = call.targets or (None,)
        for scope in scopes:
            book.mute(scope, for_s, by=utterance.source.value)
        await self._watchers.settled()
        what = self._called(call.targets)
        about = f" about {what}" if what else ", but for smoke and gas,"

        async def undo() -> str:
            for scope in scopes:
                book.unmute(scope)
            await self._watchers.settled()
            return sentence(f"I warn you again{f' about {what}' if what else ''}")

        return Told(sentence(f"I keep quiet{about} for {span(for_s)}"), undo)

    def _mute_s(self, call: Call, utterance: Utterance) -> float:
        """For how many seconds; an hour where that is not said."""
        seconds, until = call.arguments.get("duration"), local_time(call.arguments.get("until"))
        said, now = frozenset(words(utterance.text)), self._clock.now()
        if isinstance(seconds, int | float):
            return min(float(seconds), LONGEST_S)
        if until is not None:
            return min(max(self._clock.epoch_s(until) - now.timestamp(), _SOON_S), LONGEST_S)
        if not _OPEN_END.isdisjoint(said):
            return LONGEST_S
        if not _TODAY.isdisjoint(said):
            morning = datetime.combine(now.date() + timedelta(days=1), time(_MORNING), now.tzinfo)
            return self._clock.epoch_s(morning) - now.timestamp()
        return _MUTE_S

    async def _unmute(self, call: Call) -> Told:
        book = self._watchers.book
        scopes: Sequence[str | None] = call.targets or (None,)
        ended = [one for scope in scopes for one in book.unmute(scope)]
        await self._watchers.settled()
        if ended:
            return Told("I tell you of alarms again.")
        return Told("All alarms are muted: say unmute all alarms." if book.mutes() else "Nothing was muted.")

    # Rules ---------------------------------------------------------------------------------------------------------

    async def _add(self, call: Call, utterance: Utterance) -> Told:
        drafted = self.drafter.draft(call, self._watchers.now_s(), utterance.source.value)
        if drafted.problem:
            return Told(drafted.problem, lacks=drafted.lacks)
        rules, book = drafted.rules, self._watchers.book
        said = rules_said(rules, self._registry)
        if all(any(same(one, known) for known in book.rules()) for one in rules):
            return Told(sentence(f"I do that already: I warn you {said}"))
        if CONFIRMED not in call.arguments:
            told = {CONFIRMED: True, "said": call.arguments.get("said") or utterance.text}
            then = replace(call, arguments={**call.arguments, **told})
            usual = " That is the usual limit." if drafted.usual else ""
            text = f"I'll warn you {said}.{usual}{self._already(rules)} Shall I?"
            return Told(text, then=(then,), lacks=drafted.usual)
        for one in rules:
            book.add_rule(one)
        await self._watchers.settled()

        async def undo() -> str:
            return await self._forget(rules)

        return Told(sentence(f"all right: I'll warn you {said}"), undo)

    def _already(self, rules: Sequence[AlarmRule]) -> str:
        """That it would be so at once; empty where it is not."""
        for rule in rules:
            for key in rule.sensors:
                device = self._registry.devices.get(key)
                now = now_said(device, self._registry) if device is not None else ""
                if device is None or not now or isinstance(rule.threshold, str) or rule.also:
                    continue
                value = float(self._registry.state(device.id).state or "nan")
                above, below = rule.relation is Relation.ABOVE, rule.relation is Relation.BELOW
                if (above and value > rule.threshold) or (below and value < rule.threshold):
                    return " " + sentence(f"{device_name(device, self._registry)} is at {now} now")
        return ""

    async def _delete(self, call: Call) -> Told:
        book = self._watchers.book
        every = call.function == "alarms.delete_all_rules"
        rules = book.rules()
        every = every or (not call.targets and len(rules) == 1)
        found = tuple(rule for rule in rules if every or _is_about(rule, call.targets))
        if not found:
            return self._not_asked(call)
        if len(found) > 1 and CONFIRMED not in call.arguments:
            then = replace(call, arguments={**call.arguments, CONFIRMED: True})
            said = joined([rules_said((one,), self._registry) for one in found[:_TOLD]])
            what = f"These are {count(len(found))}: I warn you {said}."
            return Told(f"{what} Shall I forget {'both' if len(found) == 2 else 'all of them'}?", then=(then,))
        text = await self._forget(found)

        async def undo() -> str:
            for one in found:
                book.add_rule(one)
            await self._watchers.settled()
            return sentence(f"I warn you again {joined([rules_said((one,), self._registry) for one in found])}")

        return Told(text, undo)

    def _not_asked(self, call: Call) -> Told:
        """There is no such rule; what is watched by default may be what is meant."""
        about = self._called(call.targets, "or")
        text = sentence(f"you have not asked me to warn you{f' about {about}' if about else ''}")
        ignored = Call("alarms.ignore", {CONFIRMED: True}, call.targets)
        if self._changes.may_ignore(call.targets):
            return Told(f"{text} I watch it by myself. Shall I stop that?", then=(ignored,))
        return Told(text)

    def _called(self, targets: Sequence[str], last: str = "and") -> str:
        """Devices by name, those that are there."""
        devices = self._registry.devices
        return names([devices[one] for one in targets if one in devices], self._registry, last)

    async def _forget(self, rules: Sequence[AlarmRule]) -> str:
        for one in rules:
            self._watchers.book.remove_rule(one.id)
        await self._watchers.settled()
        said = [rules_said((one,), self._registry) for one in rules[:_TOLD]]
        return sentence(f"I won't warn you any more {joined(said)}")


def _is_about(rule: AlarmRule, targets: Sequence[str]) -> bool:
    devices = {key.partition(":")[0] for key in rule.sensors}
    return not devices.isdisjoint(targets)
