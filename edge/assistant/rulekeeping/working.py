"""Carries out what a rule was set off to do, on behalf of who made it."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge.assistant import wording
from edge.assistant.cause import acting
from edge.assistant.means import Means
from edge.assistant.model import Announcement, Performed, Source, Utterance
from edge.assistant.phrases import sentence
from edge.assistant.record import RULE
from edge.assistant.rulekeeping.wording import when_said
from edge.devices.model import Agent, Cause
from edge.errors import EdgeError
from edge.router.model import Call
from edge.schedule.rules.engine import Firing
from edge.schedule.rules.model import Action, Rule

log = logging.getLogger(__name__)

_DAY_S: Final = 86_400.0


class RuleWork:
    """Listens to the rules; never raises."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def fired(self, firing: Firing) -> None:
        """Do what the rule says; what went wrong is said where it was made, what went well is not."""
        rule = firing.rule
        said = when_said(rule, self._means.registry)
        event = {"event": "rule", "rule": rule.id, "device": firing.device or None}
        if firing.stopped:
            text = f"I switched off the rule for {said}: it was set off again and again."
            await self._means.audience.announce(Announcement(text, rule.area, {**event, "event": "rule_stopped"}))
            return
        if firing.missed:
            await self._means.audience.announce(Announcement("", rule.area, {**event, "event": "rule_missed"}))
            return
        cause = Cause(RULE, rule.id, rule.area, by=Agent.SCHEDULE, author=rule.by)
        with acting(cause) as deeds:
            performed, notes = await self._acts(rule)
        said_aloud = [action.say for action in rule.actions if action.say]
        failed = wording.report([one for one in performed if not one.went_well], self._means.registry, notes)
        text = " ".join(part for part in (*said_aloud, failed) if part)
        calls = [call for action in rule.actions if (call := _call(action))]
        self._means.journal.ruled(rule.id, rule.area, calls, deeds, text)
        await self._means.audience.announce(Announcement(text, rule.area, {**event, "text": text}))

    async def _acts(self, rule: Rule) -> tuple[list[Performed], list[str]]:
        """The acts of one moment together, so that devices move at once; what waits goes on the schedule."""
        calls = {id(action): call for action in rule.actions if (call := _call(action)) is not None}
        asking = [action for action in rule.actions if id(action) in calls and self._means.asks_first(order(action))]
        notes = [
            sentence(f"I did not {wording.instruction(calls[id(action)], self._means.registry)}: say so if I should")
            for action in asking
        ]
        allowed = [action for action in rule.actions if id(action) in calls and action not in asking]
        now = [action for action in allowed if not action.delay_s]
        performed, told = await self._means.hands.carry_out([calls[id(action)] for action in now])
        notes += told
        whose = Utterance(rule.said, Source.CLI, rule.area)
        try:
            await self._means.later.release(one.call.device for one in performed)
            for action in now:
                call, for_s = calls[id(action)], self._lasts_s(action)
                if for_s > 0:
                    ended = replace(call, arguments={**call.arguments, "duration": for_s})
                    await self._means.later.end(ended, [one for one in performed if one.cause is call], whose)
            for action in allowed:
                if action.delay_s:
                    arguments = {**calls[id(action)].arguments, "after": action.delay_s}
                    if (for_s := self._lasts_s(action)) > 0:
                        arguments["duration"] = for_s
                    await self._means.later.plan([replace(calls[id(action)], arguments=arguments)], whose)
        except EdgeError as error:
            notes.append(f"I could not keep in mind what comes after that. {error}")
        return performed, notes

    def _lasts_s(self, action: Action) -> float:
        if action.for_s:
            return action.for_s
        if not action.until:
            return 0.0
        now = self._means.clock.now()
        end = now.replace(hour=int(action.until[:2]), minute=int(action.until[3:]), second=0, microsecond=0)
        if end <= now:
            end += timedelta(days=1)
        return _seconds(end, now)


def _seconds(end: datetime, now: datetime) -> float:
    return min(max(1.0, end.timestamp() - now.timestamp()), _DAY_S)


def order(action: Action) -> Call:
    """What is ordered, its end included, as if nobody had confirmed it."""
    lasts = {"duration": action.for_s or 60.0} if action.for_s or action.until else {}
    call = Call.from_json({"arguments": {}, "targets": [], **action.call})
    return replace(call, arguments={**call.arguments, **lasts}, confirm=False)


def _call(action: Action) -> Call | None:
    """The call of an action; None for one that makes no sense, which is logged, or that only speaks."""
    if not action.call:
        return None
    try:
        return replace(Call.from_json({"arguments": {}, "targets": [], **action.call}), confirm=False)
    except (KeyError, TypeError, ValueError) as error:
        log.warning("rules.act_skipped", extra={"error": str(error)})
        return None
