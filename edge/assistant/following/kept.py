"""Goes on about lists and rules that were spoken of: "what's on it?", "take that off", "switch it off"; pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.assistant.following.past import Deed
from edge.assistant.following.said import Said, as_spelt
from edge.devices.words import tokens
from edge.router.model import Call, Decision, Routing

_IT: Final = r"(?:it|that|that one|this|them|those)"
_OFF_IT: Final = re.compile(
    rf"(?:take|cross|tick|strike|scratch|get|cut) {_IT}(?: back)? off(?: (?:it|there|again|the list))?|"
    rf"(?:remove|delete|drop|scrap|scratch|lose|take off|cross off|cancel) {_IT}(?: (?:from|off) (?:it|there))?"
)
_ADD_IT: Final = re.compile(
    r"(?:add|put|stick) (?:it|that) (?:to|on|onto) (?:my |the |our )?(?P<list>[\w -]+?)(?: list)?"
)
_ITEM_OFF: Final = re.compile(
    r"(?:take|cross|tick|strike|scratch|get|knock) (?P<item>.+?)(?: back)? off(?: (?:it|there|again|(?:the|my) list))?"
    r"|(?:remove|delete|drop|scrap|lose) (?P<item2>.+?)(?: (?:from|off) (?:it|there|the list))?|"
    r"(?:i|we) (?:do not|don't) (?:need|want) (?P<item3>.+?)(?: any ?more)?"
)
_ASKED: Final = re.compile(
    r"(?:did|have) (?:i|we|you|somebody|someone|anybody|anyone)(?: already)? (?:put|add|added|got|get|write|written)"
    r"(?: down)? (?P<item>.+?)(?: already)? (?:on|to|onto)(?: to)? "
    r"(?:it|there|that|(?:the|my|our) (?P<list>[\w -]+? )?list)(?: already)?|"
    r"(?:is|are) (?:there )?(?P<item2>.+?)(?: already| still)? on (?:it|there|(?:the|my|our) (?P<list2>[\w -]+? )?list)"
    r"(?: already| yet)?|(?:do|have) (?:i|we)(?: have| got) (?P<item3>.+?) on (?:it|there|the list)"
)
_ANYTHING: Final = re.compile(
    r"(?:(?:any|some)?things?|much|many|lots?|stuff|items?)(?: things| items)?(?: else| left| more)?"
)
"""No thing of its own: all that is on the list is asked for."""
_HOW_MANY: Final = re.compile(
    r"how many(?: things| items)?(?: (?:is|are|do i have|have i got|is on|are on)"
    r"(?: (?:that|it|there|on it|on there))*)?(?: (?:now|altogether|in all))*"
)
_PUT_IT: Final = re.compile(
    r"(?:put|add|stick|pop) (?:it|that|them|those|some)(?: (?:on|to|onto|in))?(?: (?:it|there|the list))?"
)
_PUT_ON: Final = re.compile(
    r"(?:put|add|stick|pop|write|get) (?P<item>.+?) (?:on|to|onto|down on) (?:it|there|that)(?: too)?"
)
_LEFT: Final = re.compile(
    r"what(?:'s| is| else is)(?: still)? (?:left|on it|on there|missing|to get|to buy|still to get|to come)"
    r"(?: on (?:it|there))?"
)
_EMPTY_IT: Final = re.compile(rf"(?:clear|empty|wipe|delete|bin|reset) (?:{_IT}|the (?:whole )?list|all of it)")
_DONE_IT: Final = re.compile(rf"(?:i'?ve )?(?:got|done|bought|finished) {_IT}|(?:tick|check) {_IT}(?: off)?")
_RULE: Final = r"(?:it|that|that one|this|(?:that|this|the) (?:rule|warning|alert|automation))"
_RULE_OFF: Final = re.compile(
    rf"(?:turn|switch) {_RULE} off|(?:turn|switch) off {_RULE}|(?:pause|disable|suspend|stop|deactivate) {_RULE}"
)
_RULE_ON: Final = re.compile(
    rf"(?:turn|switch) {_RULE}(?: back)? on|(?:enable|resume|activate) {_RULE}|(?:turn|switch) (?:back )?on {_RULE}"
)
_RULE_GONE: Final = re.compile(
    rf"(?:bin|delete|remove|scrap|drop|forget|cancel|ditch|lose|get rid of|erase|never ?mind|forget about) {_RULE}"
)
_ALL_GONE: Final = re.compile(
    r"(?:bin|delete|remove|scrap|drop|forget|cancel|ditch|get rid of|erase) "
    r"(?:them all|them|all of them|both of them|both|the lot|all the rules|every one of them)"
)
_NTH: Final = re.compile(
    r"\b(?:the )?(?:rule (?:number )?)?(?P<nth>first|second|third|fourth|fifth|last)(?: (?:one|rule))?\b"
)
_RULE_SHOWN: Final = re.compile(
    rf"(?:and )?what (?:does|would|will|did) {_RULE} (?:actually |exactly )?do(?: exactly)?|"
    rf"(?:explain|describe) {_RULE}|what(?:'s| is| was) {_RULE}|(?:read|tell|say) (?:me )?{_RULE}(?: to me| back| out)?"
    rf"|when does {_RULE} (?:run|apply|happen|go off|come on|kick in)"
)
_FIGURE: Final = re.compile(r"(?:make|change|set|put) (?:it|that|this)(?: to| at| for)? .+")
_WARNED: Final = ("alarms.add_rule", "alarms.rules")
"""After these "it" is a warning."""
_PRONOUN: Final = re.compile(r"it|that|this|them|those|that one|everything|all|all of it|one")
_LONGEST_ITEM: Final = 6
_TALK: Final = re.compile(
    r"(?:what|how|who|why|when|where|which|is|are|was|do|does|did|can|could|would|will|thank|that|it|you|good|bye|i)\b"
)
"""Begins a sentence that is no thing for a list."""
_SURE: Final = frozenset({"todo.complete_item"})
"""What nobody has to be asked about while a list is spoken of: there is an item of that name, or nothing is done."""
_LIST_CALLS: Final = ("todo.get_items", "todo.clear", "todo.add_item")


def rule_or_item(text: str, one: Said, deeds: Sequence[Deed]) -> Routing | None:
    """A short sentence about the rule or the list that was spoken of last; None where it is about neither."""
    spoken = deeds[0].calls if deeds else ()
    kept = [call for call in spoken if call.function.startswith(("rules.", "todo.", "alarms."))]
    if not kept:
        return None
    if kept[0].function.startswith("rules."):
        return _rule(text, one)
    if kept[0].function.startswith("alarms."):
        return _warning(text, one, kept[0])
    added = [call for call in kept if call.function == "todo.add_item"]
    if len(added) > 1 and _OFF_IT.fullmatch(one.core) and re.search(r"\b(?:them|those)\b", one.core):
        off = tuple(_of(call, "todo.remove_item", str(call.arguments.get("item") or "")) for call in added)
        return Routing(text, Decision.ACT, off, 1.0)
    return _that_item(text, one, kept[-1]) or _on_it(text, one, kept[-1])


def _that_item(text: str, one: Said, last: Call) -> Routing | None:
    """About the very thing that was put on the list, or asked about."""
    item = str(last.arguments.get("item") or "")
    if not item:
        return None
    calls: tuple[Call, ...] = ()
    if last.function == "todo.add_item" and _OFF_IT.fullmatch(one.core):
        calls = (_of(last, "todo.remove_item", item),)
    elif one.corrects and last.function == "todo.add_item" and _more_of(item, one.core):
        calls = (_of(last, "todo.remove_item", item), _of(last, "todo.add_item", as_spelt(one.core, text)))
    elif elsewhere := _ADD_IT.fullmatch(one.core):
        calls = (Call("todo.add_item", {"item": item, "name": elsewhere["list"]}),)
    elif _DONE_IT.fullmatch(one.core):
        calls = (_of(last, "todo.complete_item", item),)
    elif last.function == "todo.get_items" and _PUT_IT.fullmatch(one.core):
        calls = (_of(last, "todo.add_item", item),)
    return Routing(text, Decision.ACT, calls, 1.0) if calls else None


def _on_it(text: str, one: Said, last: Call) -> Routing | None:
    """About other things on the list, or all of it."""
    if (off := _ITEM_OFF.fullmatch(one.core)) and not _PRONOUN.fullmatch(found := _bare(_first(off))):
        return Routing(text, Decision.ACT, (_of(last, "todo.remove_item", found),), 1.0)
    if (asked := _ASKED.fullmatch(one.core)) and not asked["list"] and not asked["list2"]:
        item = _bare(_first(asked))
        whole = _ANYTHING.fullmatch(item) is not None
        call = _whole(last, "todo.get_items") if whole else _of(last, "todo.get_items", item)
        return Routing(text, Decision.QUERY, (call,), 1.0)
    if (put := _PUT_ON.fullmatch(one.core)) and not _PRONOUN.fullmatch(put["item"]):
        return Routing(text, Decision.ACT, (_of(last, "todo.add_item", as_spelt(_bare(put["item"]), text)),), 1.0)
    if last.function == "todo.get_items" and _EMPTY_IT.fullmatch(one.core):
        return Routing(text, Decision.ACT, (_whole(last, "todo.clear"),), 1.0)
    if _HOW_MANY.fullmatch(one.core) or _LEFT.fullmatch(one.core):
        return Routing(text, Decision.QUERY, (_whole(last, "todo.get_items"),), 1.0)
    return None


def asked_item(routing: Routing, one: Said) -> Routing:
    """A question whether one thing is on a list that is named: about that thing."""
    calls = routing.calls
    if len(calls) != 1 or calls[0].function != "todo.get_items" or "item" in calls[0].arguments:
        return routing
    found = _ASKED.fullmatch(one.core)
    item = _bare(_first(found)) if found is not None else ""
    if not item or _ANYTHING.fullmatch(item):
        return routing
    return replace(routing, calls=(replace(calls[0], arguments={**calls[0].arguments, "item": item}),))


def _more_of(item: str, core: str) -> bool:
    """Whether the words are the same thing in more of them: "two dozen eggs" of "eggs"."""
    said = set(tokens(core))
    return len(core.split()) <= _LONGEST_ITEM and set(tokens(item)) < said


def _first(found: "re.Match[str]") -> str:
    facts = found.groupdict()
    return next(facts[key] for key in ("item", "item2", "item3") if facts.get(key))


def _bare(item: str) -> str:
    return re.sub(r"^(?:the|any|some|a|an) ", "", item.strip())


def _whole(last: Call, function: str) -> Call:
    """The same list, whatever is on it."""
    return Call(function, {key: value for key, value in last.arguments.items() if key != "item"})


def figure_of_a_rule(one: Said, latest: Deed) -> bool:
    """Whether a figure is said right after a rule was made or told: who keeps the rules knows which one it is."""
    about = any(call.function in ("rules.add", "rules.show") for call in latest.calls)
    return about and _FIGURE.fullmatch(one.core) is not None


def on_the_list(routing: Routing, one: Said, deeds: Sequence[Deed]) -> Routing:
    """What was said of a list that was not named, for the one that was spoken of last."""
    spoken = [call for deed in deeds for call in deed.calls if call.function.startswith("todo.")]
    last = next((call for call in spoken if call.arguments.get("name") or call.arguments.get("list")), None)
    if last is None:
        return routing
    named = last.arguments.get("name") or last.arguments["list"]
    if routing.decision is Decision.CLARIFY and all(call.function in _SURE for call in routing.calls):
        routing = replace(routing, decision=Decision.ACT, question=None)
    unnamed = [
        call for call in routing.calls if call.function in _LIST_CALLS and not {"name", "list"} & call.arguments.keys()
    ]
    goes_on = one.also or " there" in one.core or any(call.function != "todo.add_item" for call in unnamed)
    if not unnamed or not goes_on:
        return routing
    key = "name" if "name" in last.arguments else "list"
    calls = tuple(
        replace(call, arguments={**call.arguments, key: named}) if call in unnamed else call for call in routing.calls
    )
    return replace(routing, calls=calls)


def one_more(routing: Routing, one: Said, deeds: Sequence[Deed]) -> Routing:
    """What else there is for a list or the notes, where the last thing was put there: "also mend the gate"."""
    kinds = ("todo.add_item", "notes.add")
    last = next((call for call in deeds[0].calls if call.function in kinds), None) if deeds else None
    if last is None or not one.also or routing.decision not in (Decision.CHAT, Decision.IGNORE, Decision.CLARIFY):
        return routing
    if last.function == "notes.add":
        if _TALK.match(one.core):
            return routing
        note = as_spelt(re.sub(r"^that ", "", one.core), routing.text)
        return Routing(routing.text, Decision.ACT, (Call("notes.add", {"note": note}),), routing.confidence)
    if len(one.core.split()) > _LONGEST_ITEM or _TALK.match(one.core):
        return routing
    return Routing(routing.text, Decision.ACT, (_of(last, "todo.add_item", one.core),), routing.confidence)


def _rule(text: str, one: Said) -> Routing | None:
    if (nth := _NTH.search(one.core)) is not None:
        it = Said(_NTH.sub("that rule", one.core, count=1))
        routing = _rule(text, it)
        calls = tuple(replace(call, arguments={"about": nth["nth"]}) for call in routing.calls) if routing else ()
        return replace(routing, calls=calls) if routing is not None else None
    for pattern, verb in ((_RULE_OFF, "disable"), (_RULE_ON, "enable"), (_RULE_GONE, "delete")):
        if pattern.fullmatch(one.core):
            return Routing(text, Decision.ACT, (Call(f"rules.{verb}", {"about": "that"}),), 1.0)
    if _ALL_GONE.fullmatch(one.core):
        return Routing(text, Decision.ACT, (Call("rules.delete_all"),), 1.0)
    if _RULE_SHOWN.fullmatch(one.core):
        return Routing(text, Decision.QUERY, (Call("rules.show", {"about": "that"}),), 1.0)
    return None


def _warning(text: str, one: Said, last: Call) -> Routing | None:
    """A warning has no switch: off is gone, and on again is what undoes that."""
    if last.function in _WARNED and (_RULE_OFF.fullmatch(one.core) or _RULE_GONE.fullmatch(one.core)):
        return Routing(text, Decision.ACT, (Call("alarms.delete_rule", {}, last.targets),), 1.0)
    if last.function == "alarms.delete_rule" and _RULE_ON.fullmatch(one.core):
        return Routing(text, Decision.ACT, (Call("assistant.undo"),), 1.0)
    return None


def _of(last: Call, function: str, item: str) -> Call:
    where = {key: last.arguments[key] for key in ("name", "list") if key in last.arguments}
    return Call(function, {**where, "item": item})
