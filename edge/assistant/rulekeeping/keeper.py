"""Keeps the rules for people: reads them back, keeps them on a yes, lists, explains, switches off, deletes."""

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.phrases import count, joined, sentence
from edge.assistant.rulekeeping.amending import amended
from edge.assistant.rulekeeping.narrowing import narrowed
from edge.assistant.rulekeeping.reading import Draft
from edge.assistant.rulekeeping.sentences import RuleReader
from edge.assistant.rulekeeping.wording import orders_said, rule_said, when_said
from edge.assistant.rulekeeping.working import order
from edge.assistant.told import Told
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call, Decision, Routing
from edge.schedule.rules.conflicts import Trouble, conflicts
from edge.schedule.rules.model import Action, Rule
from edge.schedule.rules.running import Rules

ADD: Final = "rules.add"
_READING: Final = frozenset({"rules.list", "rules.show"})
_WARNINGS: Final = "alarms.rules"
_WARN: Final = "I warn you"
_TOLD: Final = 5
_DRAFTS: Final = 16
_SPOKEN_OF_S: Final = 120.0
"""How long what a rule is narrowed by need not name it."""
_THAT: Final = ("last", "that", "this", "")
_NTH: Final = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}
"""As they are listed."""
_NO_NAMES: Final = frozenset(
    ["the", "a", "an", "my", "our", "about", "of", "for", "with", "that", "which", "rule", "rules", "one", "it", "does"]
)


class RuleKeeper:
    """The functions `rules.…`; `asks_first` tells whether a call waits for a yes whoever asks for it, `sift` what
    whoever asks may order at all."""

    source = ReplySource.SCHEDULE

    def __init__(
        self,
        rules: Rules,
        reader: RuleReader,
        registry: Registry,
        asks_first: Callable[[Call], bool],
        sift: Callable[[Sequence[Call]], tuple[tuple[Call, ...], str]],
    ) -> None:
        self._rules = rules
        self._reader = reader
        self._registry = registry
        self._asks_first = asks_first
        self._sift = sift
        self._drafts: OrderedDict[str, tuple[tuple[Rule, ...], frozenset[str]]] = OrderedDict()
        """What waits for a yes, and the ids of those kept whose place it takes."""
        self._last: tuple[Rule, ...] = ()
        """The rules of the last draft, or as they were kept."""
        self._last_where, self._last_s = "", 0.0
        self._spoken = ""
        """The id of the rule that was told of, or kept, last."""
        self.others: Callable[[Call, Utterance], Awaitable[tuple[Told, ReplySource] | None]] | None = None
        """Who tells of the rules that only warn."""

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function.startswith("rules.")

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function in _READING

    def seen(self, routing: Routing, utterance: Utterance) -> Routing:
        """The routing of a sentence that makes a rule: to keep it, once somebody has said yes; others as they are."""
        text = routing.text or utterance.text  # with a name in the place of "it"
        draft = self._narrower(utterance, routing)
        instead = frozenset(rule.id for rule in draft.rules if self._is_kept(rule)) if draft else frozenset()
        draft = draft or self._going_on(utterance) or self._reader.read(text, utterance.area, routing)
        if draft is None:
            return routing
        if draft.routing is not None:
            return draft.routing
        if not draft.rules:
            return replace(routing, decision=Decision.ACT, calls=(Call(ADD, {"problem": draft.problem}),))
        by = " ".join(part for part in (utterance.source.value, utterance.origin) if part)
        orders = [order(action) for action in _calls(draft.rules)]
        if problem := self._sift(orders)[1]:
            return replace(routing, decision=Decision.ACT, calls=(Call(ADD, {"problem": problem}),), candidates=())
        critical = any(self._asks_first(one) for one in orders)
        made = tuple(replace(rule, by=by) for rule in draft.rules)
        key = secrets.token_hex(4)
        self._drafts[key] = made, instead
        while len(self._drafts) > _DRAFTS:
            self._drafts.popitem(last=False)
        said = joined([f"{orders_said(rule, self._registry)} {when_said(rule, self._registry)}" for rule in made])
        self._last, self._last_where, self._last_s = made, _where(utterance), self._reader.clock.boot_s()
        call = Call(ADD, {"rule": key, "order": said}, confirm=critical)
        return replace(routing, decision=Decision.ACT, calls=(call,), candidates=(), question=None)

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it and say so, or ask first. Raises `EdgeError` where it can't be kept."""
        match call.function:
            case "rules.add":
                return await self._add(call)
            case "rules.list":
                warnings = await self._warnings(utterance)
                return Told(
                    " ".join(part for part in (self._list(tuple(self._rules.rules.values())), warnings) if part)
                    or "There are no rules."
                )
            case "rules.show":
                return Told(self._show(self._about(call), utterance))
            case "rules.delete":
                return await self._a_warning(call, utterance) or await self._delete(self._about(call), call)
            case "rules.delete_all":
                return await self._delete(tuple(self._rules.rules.values()), call)
            case "rules.disable" | "rules.enable":
                warned = None if call.function == "rules.enable" else await self._a_warning(call, utterance)
                return warned or await self._switch(call, enabled=call.function == "rules.enable")
            case _:
                return Told("I can't do that with rules yet.")

    async def _warnings(self, utterance: Utterance) -> str:
        """The rules that only tell, which others keep; empty where there are none."""
        told = await self.others(Call(_WARNINGS), utterance) if self.others is not None else None
        return told[0].text if told is not None and told[0].text.startswith(_WARN) else ""

    async def _a_warning(self, call: Call, utterance: Utterance) -> Told | None:
        """Where there is nothing but warnings, "it" is one of them, which has no switch: it is forgotten."""
        if self.others is None or self._rules.rules or str(call.arguments.get("about") or "") not in _THAT:
            return None
        told = await self.others(Call("alarms.delete_rule"), utterance) if await self._warnings(utterance) else None
        return told[0] if told is not None else None

    def said(self, key: str) -> str | None:
        """What a rule does, in words; None where there is none of that id."""
        rule = self._rules.rules.get(key)
        if rule is None:
            return None
        self._spoken = key
        return rule_said(rule, self._registry)

    # Making --------------------------------------------------------------------------------------------------------

    async def _add(self, call: Call) -> Told:
        problem = call.arguments.get("problem")
        if problem:
            return Told(str(problem))
        kept_draft = self._drafts.get(str(call.arguments.get("rule")))
        if kept_draft is None:
            return Told("I'm sorry, I lost track of that. Please say it again in full.")
        drafted, instead = kept_draft
        said = joined([rule_said(rule, self._registry) for rule in drafted])
        known = tuple(rule for rule in self._rules.rules.values() if rule.id not in instead)
        if all(any(_same(rule, one) for one in known) for rule in drafted):
            return Told(sentence(f"I do that already: {said}"))
        found = [one for rule in drafted for one in conflicts(rule, known)]
        loop = next((one for one in found if one.trouble is Trouble.LOOP), None)
        if loop is not None:
            others = [rule for rule in loop.rules if rule not in drafted]
            with_ = f" together with the rule that {_named(others, self._registry)}" if others else ""
            return Told(f"That would set itself off again and again{with_}, so I left it.")
        if not call.confirm and "confirmed" not in call.arguments:
            against = [one.rules[1] for one in found]
            warning = f" That goes against the rule that {_named(against, self._registry)}." if against else ""
            then = replace(call, arguments={**call.arguments, "confirmed": True})
            return Told(f"{sentence(said)}{warning} Shall I?", then=(then,))
        self._drafts.pop(str(call.arguments["rule"]), None)
        before = [self._rules.rules[key] for key in instead if key in self._rules.rules]
        free = {rule.id: rule.id if rule.id in instead else self._free(rule.id) for rule in drafted}
        kept = [await self._rules.add(replace(rule, id=free[rule.id])) for rule in drafted]
        self._last, self._spoken = tuple(kept), kept[-1].id

        async def undo() -> str:
            await self._rules.remove(*(rule.id for rule in kept))
            for rule in before:
                await self._rules.add(rule)
            return "The rule is as it was." if before else "The rule is gone again."

        each_time = " I'll ask before I do, each time." if call.confirm else ""
        return Told(f"{sentence(f'all right: {said}')}{each_time}", undo)

    def _narrower(self, utterance: Utterance, routing: Routing) -> Draft | None:
        """The rule that was made or asked about last, with what is said to narrow it."""
        too_late = self._reader.clock.boot_s() - self._last_s > _SPOKEN_OF_S
        elsewhere = self._last_where != _where(utterance)
        if len(self._last) != 1 or too_late or elsewhere:
            return None
        known = self._last[0]
        rule = amended(known, utterance.text)
        if rule is None and routing.decision is Decision.ACT and any(call.targets for call in routing.calls):
            self._last = ()  # from here on "it" is what was moved
            return None
        rule = rule or narrowed(known, utterance.text, utterance.area, self._reader.clauses.sensing)
        return Draft((rule,)) if rule is not None else None

    def _is_kept(self, rule: Rule) -> bool:
        """Whether a narrower rule was made of one that is kept, and not of a draft that only has its name."""
        known = self._rules.rules.get(rule.id)
        return known is not None and (known.made_s, known.said) == (rule.made_s, rule.said)

    def _going_on(self, utterance: Utterance) -> Draft | None:
        """One more rule of the things of those that were made or told of last."""
        too_late = self._reader.clock.boot_s() - self._last_s > _SPOKEN_OF_S
        if too_late or self._last_where != _where(utterance):
            return None
        return self._reader.after(utterance.text, utterance.area, self._last)

    def _free(self, key: str) -> str:
        taken, place = self._rules.rules, 2
        while key in taken:
            key = f"{key.rstrip('0123456789').rstrip('_')}_{place}"
            place += 1
        return key

    # What there is -------------------------------------------------------------------------------------------------

    def _list(self, rules: Sequence[Rule]) -> str:
        said = [
            sentence(f"{'switched off: ' if not rule.enabled else ''}{rule_said(rule, self._registry)}")
            for rule in rules[:_TOLD]
        ]
        more = f" And {count(len(rules) - _TOLD)} more." if len(rules) > _TOLD else ""
        return f"{' '.join(said)}{more}"

    def _show(self, rules: Sequence[Rule], utterance: Utterance) -> str:
        """What rules do; the only one is what is spoken of from then on."""
        if not rules:
            return (
                "There is no such rule: ask me which rules there are." if self._rules.rules else "There are no rules."
            )
        if len(rules) == 1:
            self._last, self._spoken = tuple(rules), rules[0].id
            self._last_where, self._last_s = _where(utterance), self._reader.clock.boot_s()
        return self._list(rules)

    def _about(self, call: Call) -> tuple[Rule, ...]:
        """The rules that a person may mean: all the words are in what it says, or in what it was said as."""
        wanted = set(tokens(str(call.arguments.get("about") or ""))) - _NO_NAMES
        rules = tuple(self._rules.rules.values())
        if (nth := _NTH.get(str(call.arguments.get("about") or ""))) is not None:
            return rules[nth : nth + 1]
        if not wanted:
            spoken = self._rules.rules.get(self._spoken)
            about = str(call.arguments.get("about") or "")
            if about not in _THAT:
                return ()
            return (spoken,) if spoken is not None and about != "last" else rules[-1:]
        scored = [(len(wanted & self._words(rule)), rule) for rule in rules]
        best = max((score for score, _ in scored), default=0)
        return tuple(rule for score, rule in scored if score == best and score * 2 >= len(wanted)) if best else ()

    def _words(self, rule: Rule) -> set[str]:
        return set(tokens(f"{rule_said(rule, self._registry)} {rule.said} {rule.id.replace('_', ' ')}"))

    async def _delete(self, rules: Sequence[Rule], call: Call) -> Told:
        if not rules:
            return Told(
                "There is no such rule: ask me which rules there are." if self._rules.rules else "There are no rules."
            )
        if len(rules) > 1 and "confirmed" not in call.arguments:
            then = replace(call, arguments={**call.arguments, "confirmed": True})
            listed = " ".join(sentence(rule_said(rule, self._registry)) for rule in rules[:_TOLD])
            all_ = "both" if len(rules) == 2 else f"all {count(len(rules))}"
            return Told(f"{listed} Shall I delete {all_}?", then=(then,))
        await self._rules.remove(*(rule.id for rule in rules))

        async def undo() -> str:
            for rule in rules:
                await self._rules.add(rule)
            return "The rule is back." if len(rules) == 1 else "The rules are back."

        return Told(sentence(f"I forget the rule that {_named(rules, self._registry)}"), undo)

    async def _switch(self, call: Call, *, enabled: bool) -> Told:
        rules = [rule for rule in self._about(call) if rule.enabled is not enabled]
        if not rules:
            return Told("There is no such rule: ask me which rules there are.")
        for rule in rules:
            await self._rules.enable(rule.id, enabled)

        async def undo() -> str:
            for rule in rules:
                await self._rules.enable(rule.id, not enabled)
            return f"The rule is {'off' if enabled else 'on'} again."

        state = "on" if enabled else "off"
        return Told(sentence(f"I switched {state} the rule that {_named(rules, self._registry)}"), undo)


def _calls(rules: Sequence[Rule]) -> list[Action]:
    return [action for rule in rules for action in rule.actions if action.call]


def _where(utterance: Utterance) -> str:
    return f"{utterance.source.value} {utterance.origin} {utterance.area}"


def _same(one: Rule, other: Rule) -> bool:
    same = one.trigger == other.trigger and set(one.conditions) == set(other.conditions)
    return other.enabled and same and one.actions == other.actions


def _named(rules: Sequence[Rule], registry: Registry) -> str:
    return joined([f"{_third(orders_said(rule, registry))} {when_said(rule, registry)}" for rule in rules[:_TOLD]])


def _third(orders: str) -> str:
    """ "turn on the light" as a rule does it: "is to turn on the light"."""
    return f"is to {orders}"
