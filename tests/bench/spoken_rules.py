"""Spoken rules against the exact typed rule: `python -m tests.bench.spoken_rules [--wrong]`; prints.

The 60 frozen sentences of `tests/bench/data/spoken_rules.json`, read by the shipped router and the grammar of rules in
the home of `dialogue_home.json`, at three in the afternoon of a Wednesday.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.assistant.alarmkeeping.drafts import Drafter
from edge.assistant.alarmkeeping.wording import rules_said
from edge.assistant.calls import refusal
from edge.assistant.rulekeeping import RuleReader
from edge.devices.commands import services
from edge.devices.home import load_home
from edge.devices.model import ServiceCall
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing
from edge.router.router import Router
from edge.schedule.rules.model import Action, Condition, ConditionKind, Rule, Trigger, TriggerKind
from edge.sensors.alarms.model import AlarmRule, Relation
from edge.sensors.alarms.model import Condition as AlarmCondition
from tests.bench.time_expressions import Standing

DATA = Path(__file__).parent / "data"
NOW = "2026-03-11T15:00:00+00:00"
NIGHT = {"kind": "sun", "after": "sunset", "before": "sunrise"}
SAME = {
    "set_hvac_mode": {"off": "turn_off"},
    "media_play_pause": {},
}


def state_of(states: tuple[str, ...], other: bool, device: str) -> set[str]:
    """As any of these: anything but off is on."""
    if not other:
        return set(states)
    return {"on", "heat", "cool", "auto", "heat_cool", "playing"} if states == ("off",) else {f"not {states}"}


def same_when(trigger: Trigger, wanted: Mapping[str, Any]) -> bool:
    kind = wanted["kind"]
    if kind != trigger.kind.value:
        return False
    if kind == "time":
        return trigger.at == wanted["at"] and same_days(trigger.days, wanted.get("days"))
    if kind == "sun":
        return (
            trigger.sun == wanted["event"]
            and trigger.offset_s == wanted.get("offset_s", 0)
            and same_days(trigger.days, wanted.get("days"))
        )
    if trigger.device != wanted["entity_id"] or trigger.for_s != wanted.get("for_s", 0):
        return False
    if kind == "numeric":
        return (trigger.above, trigger.below) == (wanted.get("above"), wanted.get("below"))
    return bool(state_of(trigger.states, trigger.other, trigger.device) & set(wanted["to"]))


def same_days(days: tuple[str, ...], wanted: list[str] | None) -> bool:
    return {day[:3] for day in days} == {day[:3] for day in wanted or ()}


def minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:5])


def same_test(test: Condition, wanted: Mapping[str, Any]) -> bool:
    kind = wanted["kind"]
    if kind != test.kind.value:
        return False
    if kind == "sun":
        return not test.up
    if kind == "time":
        after, before = wanted.get("after"), wanted.get("before")
        if after and test.after != after:
            return False
        if before and test.before != before:
            return False
        if not after and test.after not in ("", "00:00"):
            return False
        return bool(before or not test.before or minutes(test.before) <= 720)
    if test.device != wanted["entity_id"]:
        return False
    if kind == "numeric":
        return (test.above, test.below) == (wanted.get("above"), wanted.get("below"))
    return bool(state_of(test.states, test.other, test.device) & set(wanted["is"]))


def sent(action: Action, registry: Registry) -> list[ServiceCall]:
    call = Call.from_json(dict(action.call))
    return list(services(call.function, call.arguments, call.targets, registry))


def scheduled(routing: Routing, reader: RuleReader) -> tuple[Rule, ...]:
    """What goes on the schedule and comes back, as the rule that does the same."""
    if routing.decision is not Decision.ACT or any(call.arguments.get("condition") for call in routing.calls):
        return ()
    triggers = [reader.clauses.timed(call) for call in routing.calls]
    first = triggers[0] if triggers else None
    if first is None or any(one not in (None, first) for one in triggers):
        return ()
    if any(one is None and not call.arguments.get("after") for one, call in zip(triggers, routing.calls, strict=True)):
        return ()
    return (Rule("scheduled", first, tuple(reader.clauses.action(call, "") for call in routing.calls)),)


def warned(routing: Routing, registry: Registry) -> tuple[Rule, ...]:
    """What is kept as a warning, as the rule that tells the same."""
    call = next((one for one in routing.calls if one.function == "alarms.add_rule"), None)
    if call is None:
        return ()
    return tuple(
        as_rule(rule, registry) for rule in Drafter(registry, "°C", lambda _: ()).draft(call, 0.0, "bench").rules
    )


def as_rule(rule: AlarmRule, registry: Registry) -> Rule:
    """A warning as the rule that tells the same."""
    conditions = [_condition(one) for one in rule.also]
    if rule.from_minute is not None and rule.to_minute is not None:
        clock = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in (rule.from_minute, rule.to_minute)]
        conditions.append(Condition(ConditionKind.TIME, after=clock[0], before=clock[1]))
    main = _condition(rule.main)
    trigger = Trigger(
        TriggerKind(main.kind.value), main.device, main.states, main.other, main.above, main.below, for_s=rule.hold_s
    )
    return Rule("warning", trigger, (Action(say=rules_said((rule,), registry)),), tuple(conditions))


def _condition(one: AlarmCondition) -> Condition:
    device = one.sensors[0]
    if isinstance(one.threshold, str):
        return Condition(ConditionKind.STATE, device, (one.threshold,), one.relation is Relation.IS_NOT)
    above = one.threshold if one.relation is Relation.ABOVE else None
    return Condition(ConditionKind.NUMERIC, device, above=above, below=None if above is not None else one.threshold)


def same_service(one: ServiceCall, wanted: Mapping[str, Any]) -> bool:
    service = wanted["service"] if isinstance(wanted["service"], list) else [wanted["service"]]
    names = {name.rpartition(".")[2] for name in service}
    data = wanted.get("data") or {}
    if one.service == "set_percentage" and "turn_on" in names:
        names.add("set_percentage")
    off = one.service == "set_hvac_mode" and one.data.get("hvac_mode") == "off" and "turn_off" in names
    if one.device != wanted["entity_id"] or (one.service not in names and not off):
        return False
    return all(_near(one.data.get(key), value) for key, value in data.items())


def _near(got: object, value: object) -> bool:
    if isinstance(value, int | float) and isinstance(got, int | float):
        return abs(got - value) < 1e-6
    return got == value


def same_acts(rule: Rule, wanted: list[Mapping[str, Any]], registry: Registry) -> bool:
    got: list[tuple[ServiceCall | str, Action]] = []
    for action in rule.actions:
        got += [(action.say, action)] if action.say else [(one, action) for one in sent(action, registry)]
    if len(got) != len(wanted):
        return False
    left = list(got)
    for want in wanted:
        found = next((one for one in left if same_act(*one, want)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def same_act(one: ServiceCall | str, action: Action, want: Mapping[str, Any]) -> bool:
    if want["service"] == "notify":
        words = want.get("words") or []
        return isinstance(one, str) and all(word.lower() in one.lower() for word in words)
    if isinstance(one, str) or not same_service(one, want):
        return False
    times = action.delay_s == want.get("delay_s", 0) and action.for_s == want.get("for_s", 0)
    return times and action.until == want.get("until", "")


def exact(rule: Rule, wanted: Mapping[str, Any], registry: Registry) -> bool:
    tests, left = list(rule.conditions), [dict(one) for one in wanted.get("conditions", ())]
    when = rule.trigger
    if when.days and wanted["trigger"]["kind"] not in ("time", "sun"):
        return False
    if not same_when(when, wanted["trigger"]):
        return False
    for test in tests:
        found = next((one for one in left if same_test(test, one)), None)
        if found is None:
            return False
        left.remove(found)
    return not left and same_acts(rule, wanted["actions"], registry)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="show what went wrong")
    args = parser.parse_args()
    registry, router = load_home(DATA / "dialogue_home.json"), Router.load()
    reader = RuleReader(
        lambda text, area: router.route(text, registry, area), registry, Standing(NOW, "Europe/London"), "°C"
    )
    tally: Counter[str] = Counter()
    for one in json.loads((DATA / "spoken_rules.json").read_text(encoding="utf-8")):
        routing = router.route(one["text"], registry, one.get("room"))
        draft = reader.read(one["text"], one.get("room"), routing)
        expect = one["expect"]
        kept = draft.rules if draft is not None else ()
        seen = draft.routing if draft is not None and draft.routing is not None else routing
        if draft is None or not draft.problem:
            kept = kept or scheduled(seen, reader) or warned(seen, registry)
        if "asks" in expect:
            tally["to ask"] += 1
            asking = routing.question if routing.decision is Decision.CLARIFY else refusal(routing.calls)
            reply = draft.problem if draft is not None else asking or ""
            asked = not kept and any(word.lower() in reply.lower() for word in expect["asks"])
            tally["asked"] += asked
            outcome = "right" if asked else "wrong"
        else:
            tally["rules"] += 1
            accepted = [expect["rule"], *expect.get("also", ())]
            good = len(kept) == 1 and any(exact(kept[0], wanted, registry) for wanted in accepted)
            outcome = "right" if good else "wrong" if kept else "none"
            tally["exact"] += good
        tally[outcome] += 1
        if args.wrong and outcome != "right":
            print(f"{one['id']} {outcome}: “{one['text']}”")
            for rule in kept:
                print(f"     got {rule.trigger}\n         {rule.conditions}\n         {rule.actions}")
            if not kept:
                print(f"     got {draft} {routing.decision} {routing.calls}")
            print(f"     not {json.dumps(expect)}")
    print(f"exact            {tally['exact']} of {tally['rules']} = {100 * tally['exact'] / tally['rules']:.1f} %")
    print(f"asked or left    {tally['asked']} of {tally['to ask']}")
    print(f"all right        {tally['right']} of 60; read wrongly {tally['wrong']}, not read {tally['none']}")


if __name__ == "__main__":
    main()
