"""Carries out what a rule was set off to do, on behalf of who made it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge.assistant import wording
from edge.assistant.audience import Audience
from edge.assistant.cause import acting
from edge.assistant.hands import Hands
from edge.assistant.later import Later
from edge.assistant.model import Announcement, Performed, Source, Utterance
from edge.assistant.phrases import sentence
from edge.assistant.record import RULE, Journal
from edge.assistant.rulekeeping.wording import when_said
from edge.devices.model import Agent, Cause
from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.schedule.rules.engine import Firing
from edge.schedule.rules.model import Act, Rule

log = logging.getLogger(__name__)

_DAY_S: Final = 86_400.0


class RuleWork:
    """Listens to the rules; never raises."""

    def __init__(
        self,
        hands: Hands,
        later: Later,
        audience: Audience,
        journal: Journal,
        registry: Registry,
        clock: Clock,
        asks_first: Callable[[Call], bool],
    ) -> None:
        self._hands = hands
        self._later = later
        self._audience = audience
        self._journal = journal
        self._registry = registry
        self._clock = clock
        self._asks_first = asks_first

    async def fired(self, firing: Firing) -> None:
        """Do what the rule says; what went wrong is said where it was made, what went well is not."""
        rule = firing.rule
        said = when_said(rule, self._registry)
        event = {"event": "rule", "rule": rule.id, "device": firing.device or None}
        if firing.stopped:
            text = f"I switched off the rule for {said}: it was set off again and again."
            await self._audience.announce(Announcement(text, rule.area, {**event, "event": "rule_stopped"}))
            return
        if firing.missed:
            await self._audience.announce(Announcement("", rule.area, {**event, "event": "rule_missed"}))
            return
        cause = Cause(RULE, rule.id, rule.area, by=Agent.SCHEDULE)
        with acting(cause) as deeds:
            performed, notes = await self._acts(rule)
        said_aloud = [act.say for act in rule.acts if act.say]
        failed = wording.report([one for one in performed if not one.went_well], self._registry, notes)
        text = " ".join(part for part in (*said_aloud, failed) if part)
        self._journal.ruled(rule.id, rule.area, [call for act in rule.acts if (call := _call(act))], deeds, text)
        await self._audience.announce(Announcement(text, rule.area, {**event, "text": text}))

    async def _acts(self, rule: Rule) -> tuple[list[Performed], list[str]]:
        """The acts of one moment together, so that devices move at once; what waits goes on the schedule."""
        now = [act for act in rule.acts if act.call and not act.delay_s]
        calls = {id(act): _call(act) for act in now}
        allowed = [act for act in now if (call := calls[id(act)]) and (call.confirm or not self._asks_first(call))]
        notes = [
            sentence(f"I did not {wording.instruction(call, self._registry)}: nobody has confirmed it")
            for act in now
            if act not in allowed and (call := calls[id(act)])
        ]
        sent = [call for act in allowed if (call := calls[id(act)])]
        performed, told = await self._hands.carry_out(sent)
        notes += told
        whose = Utterance(rule.said, Source.CLI, rule.area)
        try:
            await self._later.release(one.call.device for one in performed)
            for act in allowed:
                call, for_s = calls[id(act)], self._lasts_s(act)
                if call is not None and for_s > 0:
                    ended = replace(call, arguments={**call.arguments, "duration": for_s})
                    own = [one for one in performed if one.cause is call]
                    await self._later.end(ended, own, whose)
            for act in rule.acts:
                call = _call(act)
                if call is not None and act.delay_s:
                    arguments = {**call.arguments, "after": act.delay_s}
                    if (for_s := self._lasts_s(act)) > 0:
                        arguments["duration"] = for_s
                    await self._later.plan([replace(call, arguments=arguments)], whose)
        except EdgeError as error:
            notes.append(f"I could not keep in mind what comes after that. {error}")
        return performed, notes

    def _lasts_s(self, act: Act) -> float:
        if act.for_s:
            return act.for_s
        if not act.until:
            return 0.0
        now = self._clock.now()
        end = now.replace(hour=int(act.until[:2]), minute=int(act.until[3:]), second=0, microsecond=0)
        if end <= now:
            end += timedelta(days=1)
        return _seconds(end, now)


def _seconds(end: datetime, now: datetime) -> float:
    return min(max(1.0, end.timestamp() - now.timestamp()), _DAY_S)


def _call(act: Act) -> Call | None:
    """The call of an act; None for one that makes no sense, which is logged, or that only speaks."""
    if not act.call:
        return None
    try:
        return Call.from_json({"arguments": {}, "targets": [], **act.call})
    except (KeyError, TypeError, ValueError) as error:
        log.warning("rules.act_skipped", extra={"error": str(error)})
        return None
