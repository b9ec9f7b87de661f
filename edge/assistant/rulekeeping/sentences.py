"""From whatever people say to rules: sentences with "when", other manners, several in one, and what to ask."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from edge.assistant.naming import device_name, names
from edge.assistant.rulekeeping.clauses import leads, ordered, parted, spoken
from edge.assistant.rulekeeping.reading import WARNS, ClauseReader, Draft, Route, is_ours
from edge.assistant.rulekeeping.recast import LEAD, apart, both_at_once, plainly_a_rule, recast
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing
from edge.schedule.clock import Clock
from edge.schedule.rules.conflicts import Trouble, conflicts
from edge.schedule.rules.model import Rule

_LED: Final = re.compile(r"^(?:(?:and|also|oh|ok|okay|right|so|then|now|well|plus),? )+(?=\w+ \w+)", re.IGNORECASE)
_EVER: Final = re.compile(
    r"^(?:when(?:ever)?|every time|each time|as soon as|the moment|(?:the )?next time) ", re.IGNORECASE
)
_NEXT: Final = re.compile(r"\b(?:the )?next time\b", re.IGNORECASE)
_ONCE: Final = re.compile(
    r"^(?!.*\b(?:whenever|every time|each time|any ?time)\b)(?:please )?(?:remind (?:me|us)\b|"
    r"(?:when|once|as soon as|if|the moment|the minute) .*\bremind (?:me|us) (?:to|that|about|of)\b)",
    re.IGNORECASE,
)
_IT: Final = re.compile(
    r"\b((?:turn|switch|put|set|open|close|shut|lock|stop|start|dim|bring)(?: on| off| back)?) (?:it|them)\b",
    re.IGNORECASE,
)
_THEM: Final = re.compile(r"\b(?:it|them)\b", re.IGNORECASE)
_ALONE: Final = re.compile(r"(^|, )(?:stop|go off|turn off|switch off) (?=when|if|once|as soon)", re.IGNORECASE)
_MOST_WORDS: Final = 60
_MOST_RULES: Final = 4
_SAYS: Final = ("assistant.broadcast", "reminder.set")
"""The assistant's own functions that a rule may stand for where they have a condition."""
_NOTHING: Final = "I know nothing here that tells me “{}”. Which sensor, door or device should I go by?"


class RuleReader:
    """`home_unit`: °C or °F, for degrees without a scale."""

    def __init__(self, route: Route, registry: Registry, clock: Clock, home_unit: str) -> None:
        self._route = route
        self._registry = registry
        self.clock = clock
        self.clauses = ClauseReader(route, registry, clock, home_unit)

    def read(self, text: str, area: str | None, routing: Routing) -> Draft | None:
        """None where it is no rule."""
        if len(text.split()) > _MOST_WORDS:
            return None  # nobody says a rule of that length, and each part of it would be routed
        text = self._in_there(_LED.sub("", text))
        surely = self._surely(text, area)
        if surely is None and (routing.decision is Decision.QUERY or not _may_be(text, routing)):
            return None
        if both_at_once(text):
            return Draft(problem="Both at the same time? Say once more when on and when off, or open and closed.")
        draft = surely or self._several(text, area) or self.clauses.read(text, area, routing)
        if draft is None or not draft.rules:
            draft = self._otherwise(text, area, routing) or draft or self._unknown(text, area, routing)
        if draft is not None and len(draft.rules) == 1 and leads(text) > 1 and not draft.rules[0].conditions:
            return Draft(problem="There is more than one “when” in that. Say one after the other, in full.")
        if draft is not None and (_NEXT.search(text) or _ONCE.search(text)):
            return replace(draft, rules=tuple(replace(rule, once=True) for rule in draft.rules))
        return draft

    def _surely(self, text: str, area: str | None) -> Draft | None:
        """A manner that is a rule's alone: what it asks for is not done at once, even where it is not understood."""
        problem = None
        for other in plainly_a_rule(text):
            again = self._route(other, area)
            found = self.clauses.read(other, area, again)
            if found is not None and found.rules:
                return _said(text, found)
            if any(map(_warns, again.calls)) and again.decision is Decision.ACT:
                return Draft(routing=again)
            told = re.sub(r",.*$", "", other)
            problem = problem or found or Draft(problem=_NOTHING.format(told))
        return problem

    def _otherwise(self, text: str, area: str | None, routing: Routing) -> Draft | None:
        for other in recast(text, self._only_person()):
            again = self._route(other, area)
            found = self.clauses.read(other, area, again)
            if found is not None and found.rules:
                return _said(text, found)
            if _instead(routing, again):
                return Draft(routing=again)
        return None

    def _several(self, text: str, area: str | None) -> Draft | None:
        """Several rules in one sentence, where every part of it is one."""
        pieces = apart(text)
        if len(pieces) < 2:
            return None
        if len(pieces) > _MOST_RULES:
            return Draft(problem="That is more than I can take at once. Say one after the other.")
        rules: tuple[Rule, ...] = ()
        for piece in pieces:
            linked = self._linked(piece, rules)
            draft = next((one for text in linked if (one := self._one(text, area)) is not None), None)
            if draft is None and not rules:
                return None
            if draft is None:
                return Draft(problem=f"I follow the first part, but not “{piece}”. Say one after the other, in full.")
            rules += tuple(draft.rules)
        if any(_loops(rule, [one for one in rules if one is not rule]) for rule in rules):
            return Draft(problem="These would set each other off again and again, so I left them.")
        return Draft(rules)

    def after(self, text: str, area: str | None, before: tuple[Rule, ...]) -> Draft | None:
        """A rule that goes on from those that were just made: "and turn them on again when it goes off"."""
        piece = _LED.sub("", text).strip(" .!")
        if not before or _THEM.search(piece) is None or re.search(rf"\b{LEAD}\b", piece, re.IGNORECASE) is None:
            return None
        for said in self._linked(piece, before):
            if said != piece and (draft := self._one(said, area)) is not None:
                return _said(said, draft)
        return None

    def _one(self, text: str, area: str | None) -> Draft | None:
        draft = self.clauses.read(text, area, self._route(text, area))
        return draft if draft is not None and draft.rules else None

    def _linked(self, piece: str, before: tuple[Rule, ...]) -> Iterator[str]:
        """A sentence, and it again with names for what it takes from the one before: "close it again"."""
        if not before:
            yield piece
            return
        sensor = self._registry.devices.get(before[0].trigger.device)
        targets = [str(one) for action in before[0].actions for one in action.call.get("targets", ())]
        moved = [known for one in targets if (known := self._registry.devices.get(one)) is not None]
        it = re.compile(rf"({LEAD}) it(?=['’]s | )", re.IGNORECASE)
        about = it.sub(rf"\1 {device_name(sensor, self._registry)}", piece) if sensor else piece
        if moved:
            name = names(moved, self._registry)
            for text in dict.fromkeys((about, piece)):
                for pattern, named in ((_IT, rf"\1 {name}"), (_ALONE, rf"\1turn off {name} ")):
                    yield from {pattern.sub(named, text, count=1)} - {text}
        yield from dict.fromkeys((piece, about))

    def _unknown(self, text: str, area: str | None, routing: Routing) -> Draft | None:
        """What to ask where a condition and an order were heard, and one of them is about nothing known."""
        told = next((str(heard) for call in routing.calls if (heard := call.arguments.get("condition"))), "")
        if any(call.function.startswith("notify.") or _not_said(call) for call in routing.calls):
            return None
        surely = bool(told) or (_EVER.match(text) is not None and not text.endswith("?"))
        for one in parted(text, told) if surely else ():
            if not ordered(one.orders) or not self._is_order(one.orders, area):
                continue
            if self.clauses.sensed(one, area):
                which = self._route(one.orders, area).question or ""
                which = which if "which" in which.lower() else f"Which one do you mean? {which}"
                return Draft(problem=f"{which.strip()} Say it once more with that.")
            told = told or one.condition
        return Draft(problem=_NOTHING.format(told)) if told else None

    def _is_order(self, text: str, area: str | None) -> bool:
        return bool(spoken(text).say) or self._route(text, area).decision in (Decision.ACT, Decision.CLARIFY)

    def _only_person(self) -> str:
        """Who "I" is in a house of one; empty in others."""
        people = tuple(self._registry.of_kind("person"))
        return self._registry.devices[people[0]].name if len(people) == 1 else ""

    def _in_there(self, text: str) -> str:
        """ "Lights off in the den if nobody's been in there": the room in the place of the word."""
        if "in there" not in text.lower():
            return text
        for area in self._registry.areas.values():
            for name in (area.name, *area.aliases):
                if re.search(rf"\bin the {re.escape(name)}\b", text, re.IGNORECASE):
                    return re.sub(r"\bin there\b", f"in the {name}", text, flags=re.IGNORECASE)
        return text


def _may_be(text: str, routing: Routing) -> bool:
    """Whether it may be a rule: not what is for a timer, a list or the rules themselves."""
    told = any(call.arguments.get("condition") for call in routing.calls) or _EVER.match(text) is not None
    return not any(_not_said(call) or (is_ours(call) and not told) for call in routing.calls[:1])


def _not_said(call: Call) -> bool:
    """Whether it is the assistant's own, and does not only say something."""
    return is_ours(call) and call.function not in _SAYS


def _said(text: str, draft: Draft) -> Draft:
    return Draft(tuple(replace(rule, said=text) for rule in draft.rules))


def _loops(rule: Rule, others: list[Rule]) -> bool:
    return any(one.trouble is Trouble.LOOP for one in conflicts(replace(rule, id=""), others))


def _instead(routing: Routing, again: Routing) -> bool:
    """Whether what another manner of saying it comes to stands for what the router made of a sentence."""
    calls = again.calls
    if again.decision is not Decision.ACT or not calls or not all(call.targets for call in calls):
        return False
    if any(call.function == WARNS for call in calls):
        return routing.decision is not Decision.ACT or any(map(_warns, routing.calls))
    return routing.decision is not Decision.ACT and not any(call.arguments.get("condition") for call in calls)


def _warns(call: Call) -> bool:
    return call.function == WARNS
