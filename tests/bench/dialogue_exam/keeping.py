"""What the house keeps (timers, alarm clocks, what is planned, lists, rules …) held against what is expected of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from edge.assistant.later import Later
from edge.devices.commands import CommandError, services
from edge.devices.model import ServiceCall
from edge.router.model import Call
from edge.schedule.model import Entry, Kind, Status
from edge.schedule.recurrence import Recurrence
from edge.schedule.rules.engine import recurrence
from edge.schedule.rules.model import Rule
from tests.bench.dialogue_exam.services import fits
from tests.bench.dialogue_exam.stage import Stage
from tests.bench.spoken_rules import as_rule, exact

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEAR_S = 2.0
MINUTE_S = 60.0
SUN_S = 120.0
ARTICLES = re.compile(r"^(?:a|an|the|some|my|our)\s+")


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is due; `turns_s`: when the turn was, in seconds since the epoch, both of them where it was
    confirmed."""

    stage: Stage
    turns_s: tuple[float, ...]

    def right(self, want: Mapping[str, Any], due_s: float | None, again: Recurrence, within_s: float) -> bool:
        """Whether this is the moment that is wanted, or the repeat."""
        repeat = want.get("repeat")
        if repeat is None:
            if again.rule:
                return False
        elif not self.repeats(repeat, due_s, again):
            return False
        if due_s is None:
            return False
        if "after_s" in want:
            return any(abs(due_s - turn_s - want["after_s"]) <= NEAR_S for turn_s in self.turns_s)
        if "at" in want:
            accepted = want["at"] if isinstance(want["at"], list) else [want["at"]]
            slack_s = SUN_S if again.sun else within_s
            return any(abs(due_s - datetime.fromisoformat(at).timestamp()) <= slack_s for at in accepted)
        return True

    def repeats(self, repeat: Any, due_s: float | None, again: Recurrence) -> bool:
        """Whether it comes on these days at this time, by the two weeks to come."""
        if due_s is None or not again:
            return False
        days, time = (repeat["days"], repeat.get("time")) if isinstance(repeat, Mapping) else (repeat, None)
        comes: list[datetime] = []
        at_s: float | None = due_s
        until_s = due_s + 14 * 86_400
        while at_s is not None and at_s < until_s:
            comes.append(self.stage.clock.local(at_s))
            at_s = self.stage.schedule.calendar.next_s(again, at_s)
        if {DAYS[one.weekday()] for one in comes} != {day[:3].casefold() for day in days}:
            return False
        return time is None or {f"{one:%H:%M}" for one in comes} == {time}


@dataclass(frozen=True, slots=True)
class Planned:
    """One device action that waits."""

    due_s: float | None
    again: Recurrence
    call: ServiceCall
    for_s: float = 0.0


def matched(got: Sequence[Any], wanted: Sequence[Any], same: Callable[[Any, Any], bool], what: str) -> str:
    """What is wrong where these are to be those, one for one in any order."""
    left = list(got)
    for want in wanted:
        found = next((one for one in left if same(one, want)), None)
        if found is None:
            return f"no {what} {want}; there are {[_shown(one) for one in got]}"
        left.remove(found)
    return f"{what} too many: {[_shown(one) for one in left]}" if left else ""


def timers(stage: Stage, wanted: Sequence[Mapping[str, Any]], moment: Moment) -> str:
    """What is left is counted from the turn, or from the yes to it."""
    now = stage.schedule.now()
    asked_s = moment.turns_s[-1] - moment.turns_s[0]

    def same(entry: Entry, want: Mapping[str, Any]) -> bool:
        name = re.sub(r"\btimer\b", "", entry.label.casefold()).strip()
        named = re.sub(r"\btimer\b", "", str(want.get("name") or "").casefold()).strip()
        paused = entry.status is Status.PAUSED
        left = -NEAR_S - asked_s <= entry.remaining_s(now) - want["left_s"] <= NEAR_S
        return name == named and left and entry.area == want["room"] and paused == bool(want.get("paused"))

    return matched(_waiting(stage, Kind.TIMER), wanted, same, "timer")


def alarms(stage: Stage, wanted: Sequence[Mapping[str, Any]], moment: Moment) -> str:
    def same(entry: Entry, want: Mapping[str, Any]) -> bool:
        return entry.area == want["room"] and moment.right(want, _due_s(stage, entry), entry.again, MINUTE_S)

    return matched(_waiting(stage, Kind.ALARM), wanted, same, "alarm clock")


def reminders(stage: Stage, wanted: Sequence[Mapping[str, Any]], moment: Moment) -> str:
    def same(entry: Entry, want: Mapping[str, Any]) -> bool:
        has = all(word.casefold() in entry.label.casefold() for word in want["text_has"])
        return has and moment.right(want, _due_s(stage, entry), entry.again, MINUTE_S)

    return matched(_waiting(stage, Kind.REMINDER), wanted, same, "reminder")


def scheduled(stage: Stage, wanted: Sequence[Mapping[str, Any]], moment: Moment) -> str:
    got = planned(stage)
    for want in wanted:
        found = next((one for one in got if _plans(stage, one, want, moment)), None)
        if found is None:
            return f"not planned: {want}; planned {[_shown(one) for one in planned(stage)]}"
        got.remove(found)
        if "for_s" in want and found.for_s != want["for_s"]:
            due_s = (found.due_s or 0) + want["for_s"]
            end = next((one for one in got if one.call.device == found.call.device and _at(one, due_s)), None)
            if end is None:
                return f"not ended after {want['for_s']} s: {want}"
            got.remove(end)
    return f"planned too much: {[_shown(one) for one in got]}" if got else ""


def planned(stage: Stage) -> list[Planned]:
    """All device actions that wait, those of rules by the clock too."""
    found = []
    for entry in stage.schedule.agenda.of_kind(Kind.CALL):
        due_s = _due_s(stage, entry)
        for call in Later.calls(entry):
            found += [Planned(due_s, entry.again, one, _duration(call)) for one in _sent(stage, call)]
        found += [Planned(due_s, entry.again, one) for one in Later.service_calls(entry)]
    for rule in stage.rules.rules.values():
        again = recurrence(rule)
        if again and rule.enabled:
            due_s = stage.schedule.calendar.next_s(again, stage.clock.now().timestamp())
            for action in (one for one in rule.actions if one.call):
                call = Call.from_json(dict(action.call))
                found += [Planned(due_s, again, one, action.for_s) for one in _sent(stage, call)]
    return found


def rules(stage: Stage, wanted: Sequence[Mapping[str, Any]]) -> str:
    """Stored rules, and warnings as the rules that tell the same."""
    warnings = stage.watched.book.rules() if stage.watched is not None else ()
    got = [*stage.rules.rules.values(), *(as_rule(one, stage.registry) for one in warnings)]

    def same(rule: Rule, want: Mapping[str, Any]) -> bool:
        return exact(rule, want, stage.registry) and rule.enabled == want.get("enabled", True)

    return matched(got, wanted, same, "rule")


def lists(stage: Stage, wanted: Mapping[str, Sequence[str]]) -> str:
    for name, items in wanted.items():
        kept = stage.schedule.lists.of(stage.schedule.lists.named(name), done=False)
        got = sorted(_bare(item.text) for item in kept)
        if got != sorted(_bare(item) for item in items):
            return f"the {name} list holds {got}, not {sorted(items)}"
    return ""


def texts(stage: Stage, kind: str, wanted: Sequence[Sequence[str]]) -> str:
    """Notes and facts: each holds the words of its group, and there are no others."""
    if kind not in stage.kept:
        return f"{kind} can't be read yet"

    def same(text: str, words: Sequence[str]) -> bool:
        return all(word.casefold() in text.casefold() for word in words)

    return matched(list(stage.kept[kind]()), wanted, same, kind.removesuffix("s"))


def scenes(stage: Stage, wanted: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    if "scenes" not in stage.kept:
        return "scenes can't be read yet"
    got = {_bare(name): states for name, states in stage.kept["scenes"]().items()}
    if set(got) != {_bare(name) for name in wanted}:
        return f"the scenes are {sorted(got)}, not {sorted(wanted)}"
    for name, states in wanted.items():
        for entity, state in states.items():
            kept = got[_bare(name)].get(entity, {})
            if any(kept.get(key) != value for key, value in state.items()):
                return f"in {name} {entity} is {dict(kept)}, not {state}"
    return ""


def aliases(stage: Stage, wanted: Mapping[str, Sequence[str]]) -> str:
    given = stage.kept["aliases"]() if "aliases" in stage.kept else {}
    for one, names in wanted.items():
        got = sorted(name.casefold() for name in given.get(one, _given(stage, one)))
        if got != sorted(name.casefold() for name in names):
            return f"{one} was given the names {got}, not {list(names)}"
    return ""


def _given(stage: Stage, one: str) -> list[str]:
    now = stage.registry.devices.get(one) or stage.registry.areas.get(one)
    before = stage.as_found.devices.get(one) or stage.as_found.areas.get(one)
    known = {*before.aliases, before.name} if before else set()
    return [name for name in ((*now.aliases, now.name) if now else ()) if name not in known]


def _waiting(stage: Stage, kind: Kind) -> list[Entry]:
    return [entry for entry in stage.schedule.agenda.of_kind(kind) if entry.status is not Status.RINGING]


def _due_s(stage: Stage, entry: Entry) -> float | None:
    return None if entry.status is Status.PAUSED else (
        stage.clock.now().timestamp() + entry.remaining_s(stage.schedule.now())
    )  # fmt: skip


def _plans(stage: Stage, one: Planned, want: Mapping[str, Any], moment: Moment) -> bool:
    return moment.right(want, one.due_s, one.again, NEAR_S) and fits(
        one.call, want, stage.registry.state(one.call.device)
    )


def _at(one: Planned, due_s: float) -> bool:
    return one.due_s is not None and abs(one.due_s - due_s) <= NEAR_S


def _duration(call: Call) -> float:
    value = call.arguments.get("duration")
    return float(value) if isinstance(value, int | float) else 0.0


def _sent(stage: Stage, call: Call) -> list[ServiceCall]:
    try:
        return list(services(call.function, call.arguments, call.targets, stage.registry))
    except CommandError:
        return []


def _bare(text: str) -> str:
    return ARTICLES.sub("", text.casefold().strip())


def _shown(one: object) -> object:
    if isinstance(one, Entry):
        return f"{one.label or one.kind.value} left {one.left_s:g} due {one.due_wall_s} in {one.area} {one.again or ''}"
    if isinstance(one, Planned):
        due = f"{datetime.fromtimestamp(one.due_s, UTC):%a %H:%M:%S}" if one.due_s else "?"
        return f"{due} {one.call.service} {one.call.device} {one.again or ''}"
    if isinstance(one, Rule):
        return f"{one.trigger} {one.conditions} {one.actions} enabled={one.enabled}"
    return one
