"""Sees which sentences are answered, or change, what was remembered: questions before statements."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from edge.assistant.model import Utterance
from edge.assistant.remembering.facts import ANSWER, FactKeeper
from edge.assistant.remembering.statements import stated, swapped
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens
from edge.memory.matching import content, negated, spelt
from edge.memory.memory import Memory
from edge.memory.model import Kind, Match
from edge.router.model import Call, Decision, Routing
from edge.router.phrases.spoken import bared, spoken

_WHICH: Final = r"where|when|who|whose|whom|which|what|why|how"
_LEAD: Final = r"(?:do|did|can|could|would) you (?:still |also |happen to )?"
_EXPLICIT: Final = re.compile(
    rf"^(?:{_LEAD}(?:know|remember|recall|tell me|remind me)|(?:remind|tell) me|i forgot|i have forgotten|"
    rf"i cannot remember|i do not (?:know|remember)|what do you (?:know|remember)|"
    rf"what (?:do|should) (?:i|we) (?:need to )?know|(?:is there )?(?:anything|something)(?: that)? (?:i|we) (?:should|"
    rf"need to|ought to|must|have to) (?:know|remember|mind)|"
    rf"(?:is there )?anything (?:known|worth knowing|to know))\b(?: again| once more)?"
    rf"(?: (?:(?P<which>{_WHICH})|(?P<about>(?:anything |something )?about|of)))?\b(?P<rest>.*)$"
)
_ASKS: Final = re.compile(rf"^(?:and |so |but )?(?:{_WHICH})\b")
_WHETHER: Final = re.compile(
    r"^(?:and |so |but )?(?:is|are|was|were|does|do|did|has|have|can|should|must|will)\b (?P<rest>.+)$"
)
_ASKS_LAST: Final = re.compile(rf"^(?P<rest>.+?) (?:{_WHICH})(?: (?:is|are|was|were) (?:it|they|that|he|she))?$")
_TELLS: Final = re.compile(r"^(?:tell|give|show) me (?:the|my|our|his|her|their) (?P<rest>.+)$")
_GENERAL: Final = re.compile(
    r"^(?:what|who) (?:is|are|was|were) (?:a|an|the (?:meaning|capital|point|difference|origin|history|definition))\b"
    r"|^what does .* mean$|^how (?:do|does) .* (?:work|function)$|^how (?:does|do) (?:a|an|you)\b|^why\b"
)
"""What asks the world and not the house."""
_WHAT: Final = re.compile(r"^(?:what|who) (?:is|are|was) (?P<rest>(?:the |our |my )?.+)$")
_CALENDAR: Final = frozenset({"time", "date", "day", "today", "tomorrow", "clock", "oclock", "o'clock"})
_TIMELIKE: Final = ("date.", "time.", "timer.status", "alarm.status", "reminder.status")
_REMINDER: Final = "reminder.set"
_FIXES: Final = re.compile(
    r"^(?:no|nope|actually|sorry|wait|correction|wrong|that is wrong|oops|i mean|i meant|rather)[ ,]+"
    r"(?:that is wrong |i mean |sorry |actually )?(?P<rest>.+)$"
)
_IT: Final = re.compile(r"^(?:it|that|they|he|she|this) (?:is|are|was|were) (?:now )?(?P<rest>.+)$")
_MOVED_IT: Final = re.compile(
    r"^(?:i|we|he|she|they|somebody|someone)(?: have| has)?(?: now| just)? "
    r"(?:moved|put|parked|left|hid|hidden|hung|taken|stuck) (?:it|them)(?: now)? "
    r"(?P<place>(?:to|in|on|at|under|behind|above|below|beside|by|near|inside|next) .+)$"
)
_IT_WORDS: Final = listed("it, that, they, them, this, those, one")
_MORE: Final = re.compile(r"^(?:and|also|plus|oh and)(?: also)? (?P<that>that )?(?P<rest>.+)$")
_FORGETS: Final = re.compile(r"^(?:you can )?(?:forget|unremember|delete|erase)(?: all)?(?: about)? (?P<rest>.+)$")
_IN: Final = re.compile(r"^(?:in|on|at|under|behind|above|below|beside|by|near|inside|next to|between)\b .+$")
_ENDED: Final = re.compile(r"\b(?:any ?more|any longer|no longer)\b")
_CHANGED: Final = re.compile(r"\b(?:now|moved|these days|nowadays)\b")
_JOINTS: Final = listed(
    "in, on, at, under, behind, above, below, beside, by, near, inside, between, with, from, for, of, to, next, "
    "off, over"
)
_THAT: Final = frozenset({"forget that", "forget it", "forget that again", "forget this", "do not remember that"})
_LATELY_S: Final = 120.0
_OF_DEVICES: Final = frozenset({"state.get", "sensor.query"})
_COPULAS: Final = frozenset({"is", "are", "was", "were", "do", "does", "did", "has", "have", "the", "a", "not"})
_HALF: Final = 0.5
_TELLING: Final = 2
"""Words that a question whether something is so must have: one says no more than what it is about."""
_FIRM: Final = 0.999
_MOST: Final = 4


class Questions:
    """A `Reader` of routings; `talks`: whether there is a language model that answers what is not sure."""

    def __init__(
        self,
        memory: Memory,
        facts: FactKeeper,
        registry: Registry,
        now_s: Callable[[], float],
        talks: Callable[[], bool],
    ) -> None:
        """`now_s`: seconds on the boot clock."""
        self._memory = memory
        self._facts = facts
        self._registry = registry
        self._now_s = now_s
        self._talks = talks
        self._last: tuple[tuple[str, str, str], float] | None = None
        """Who had what remembered last, and when."""

    async def read(self, routing: Routing, utterance: Utterance) -> Routing:
        """The routing, or the one that the memory makes of the sentence."""
        speaker = (utterance.source.value, utterance.origin, utterance.area or "")
        if any(call.function in ("memory.add", "memory.find", ANSWER) for call in routing.calls):
            self._last = speaker, self._now_s()
            return routing
        said = spoken(utterance.text)
        if not said.words or (self._memory.empty and not self._memory.aliases):
            return routing
        start, end = bared(said.words)
        whole, bare = " ".join(said.words), " ".join(said.words[start:end])
        lately = self._last is not None and self._last[0] == speaker and self._now_s() - self._last[1] <= _LATELY_S
        more = _MORE.match(whole) if lately else None
        if more is not None and (more["that"] or (_left(routing) and stated(bare))):
            return _acting(routing, Call("memory.add", {"fact": _as_said(utterance.text, more["rest"])}))
        fixed = self._fixed(whole, said.said(start, end), bare) if lately else None
        if fixed is not None:
            return _acting(routing, fixed)
        if (named := self._named(bare)) is not None:
            return replace(_asking(routing, (), ""), calls=(named,))
        for text in dict.fromkeys((whole, bare)):
            made = await self._answered(text, routing) or (self._of_it(text, routing) if lately else None)
            if made is not None:
                self._last = speaker, self._now_s()
                return made
        if (forgets := _FORGETS.match(bare)) is not None and _left(routing):
            found = await self._memory.find(forgets["rest"])
            if found and found[0].share >= _FIRM:
                return _acting(routing, Call("memory.forget", {"about": forgets["rest"]}))
        told = self._told_anew(said.said(start, end), bare) if _left(routing) else None
        return routing if told is None else _acting(routing, told)

    # Questions -----------------------------------------------------------------------------------------------------

    async def _answered(self, text: str, routing: Routing) -> Routing | None:
        explicit = _EXPLICIT.match(text)
        if explicit is not None and (explicit["which"] or explicit["about"]):
            if not (_left(routing) or _unsure(routing, _REMINDER) or explicit["about"]):
                return None
            return await self._recalled(explicit["rest"], routing, least=_HALF)
        unsaid = self._unsaid(text, routing)
        if _GENERAL.match(text) or not (_left(routing) or _unsure(routing, *_TIMELIKE) or unsaid):
            return None
        if _ASKS.match(text):
            about = [word for word in content(text) if word not in _CALENDAR]
            sure = not _left(routing) or self._talks()
            return await self._recalled(" ".join(about), routing, least=_FIRM if sure else _HALF)
        if (told := _TELLS.match(text) or _ASKS_LAST.match(text)) is not None:
            return await self._recalled(told["rest"], routing, least=_FIRM)
        whether = _WHETHER.match(text)
        return await self._whether(whether["rest"], text, routing) if whether is not None else None

    def _unsaid(self, text: str, routing: Routing) -> bool:
        """Whether a question about devices says something that none of them is called: "the front door key"."""
        targets = [one for call in routing.calls for one in call.targets]
        asks = routing.decision is Decision.QUERY and all(call.function in _OF_DEVICES for call in routing.calls)
        if not targets or not asks or not _ASKS.match(text):
            return False
        known: set[str] = set()
        for device in (self._registry.devices[one] for one in targets if one in self._registry.devices):
            area = self._registry.areas.get(device.area or "")
            for name in (
                device.name,
                *device.aliases,
                device.domain,
                device.device_class or "",
                area.name if area else "",
            ):
                known.update(tokens(name.replace("_", " ")))
        return any(not known.intersection(tokens(word)) for word in content(text))

    async def _recalled(self, text: str, routing: Routing, *, least: float) -> Routing | None:
        matches = await self._memory.find(text)
        words = content(text)
        best = [one for one in matches if one.share >= least and one.share == matches[0].share]
        if not best or (best[0].share < _FIRM and not _about(best[0], words)):
            return None
        return _asking(routing, best, "what")

    async def _whether(self, rest: str, text: str, routing: Routing) -> Routing | None:
        """Whether something is so: what was told of it, where that is about the same thing."""
        matches = await self._memory.find(rest)
        same = [one for one in matches if _same(rest, one.entry.text)]
        if same:
            return _asking(routing, same[:1], "sure", negated=negated(text))
        if not matches or len(content(rest)) < _TELLING:
            return None
        if matches[0].share >= _FIRM:
            known = stated(matches[0].entry.text)
            if known is not None and set(content(rest)) <= set(content(known.subject)):
                return None
            return _asking(routing, matches[:1], "sure", negated=negated(text))
        about = [one for one in matches if one.share > _HALF and _about(one, content(rest))]
        if not about and (subject := _subject(rest)):
            about = [one for one in await self._memory.find(subject) if one.share >= _FIRM]
        return _asking(routing, about, "perhaps") if len(about) == 1 else None

    def _of_it(self, text: str, routing: Routing) -> Routing | None:
        """A question about what was spoken of just now: "where do I find it?"."""
        entry = self._facts.spoken
        about_it = _ASKS.match(text) is not None and not content(text) and not _IT_WORDS.isdisjoint(spelt(text))
        if entry is None or not about_it or not _left(routing) or self._memory.entry(entry.id) is None:
            return None
        return _asking(routing, (Match(entry, 1.0),), "what")

    def _named(self, text: str) -> Call | None:
        """ "What is Vesuvius?" where that is a name that was given."""
        asked = _WHAT.match(text)
        said = tokens(asked["rest"]) if asked is not None else ()
        known = any(tokens(one.name) == said for one in self._memory.aliases)
        return Call("names.list", {"about": " ".join(said)}) if said and known else None

    # Statements ----------------------------------------------------------------------------------------------------

    def _fixed(self, whole: str, said: str, bare: str) -> Call | None:
        """What puts right, or takes back, what the same person said just now."""
        last = self._facts.last
        if last is None or self._memory.entry(last.id) is None:
            return None
        if whole in _THAT:
            return Call("memory.forget", {"id": last.id})
        fixes = _FIXES.match(whole)
        known = stated(last.text)
        rest = fixes["rest"] if fixes is not None else ""
        if not rest and _CHANGED.search(bare) is not None and _IT.match(bare):
            rest = bare
        it = _IT.match(rest) if rest else None
        if rest and (fact := swapped(last.text, it["rest"] if it is not None else rest)) is not None:
            return Call("memory.add", {"fact": fact, "instead": last.id})
        if not rest and known is not None and known.where and (moved := _MOVED_IT.match(bare)) is not None:
            place = re.sub(r"^to ", f"{known.rest.split()[0]} ", moved["place"])
            return Call("memory.add", {"fact": f"{known.subject} {known.copula} {place}", "instead": last.id})
        if not rest or known is None:
            return None
        if it is not None:
            fact = f"{known.subject} {known.copula} {it['rest']}"
        elif _IN.match(rest) and known.where:
            fact = f"{known.subject} {known.copula} {rest}"
        else:
            new = stated(rest)
            if new is None or set(content(new.subject)) != set(content(known.subject)):
                return None
            fact = _as_said(said, rest)
        return Call("memory.add", {"fact": fact, "instead": last.id})

    def _told_anew(self, text: str, bare: str) -> Call | None:
        """What was not asked to be remembered, and says that something remembered is not so any more."""
        if _ASKS.match(bare) or _WHETHER.match(bare):
            return None
        ended, changed = _ENDED.search(bare) is not None, _CHANGED.search(bare) is not None
        new = stated(bare) if ended or changed else None
        if new is None:
            return None
        for entry in reversed(self._memory.entries(Kind.FACT)):
            old = stated(entry.text)
            if old is None or set(content(old.subject)) != set(content(new.subject)) or not content(new.subject):
                continue
            if ended and negated(bare) and set(content(entry.text)) <= set(content(bare)):
                return Call("memory.forget", {"id": entry.id, "ask": True})
            if changed and not negated(bare) and new.replaces(old):
                return Call("memory.add", {"fact": text, "instead": entry.id, "ask": True})
        return None


def _left(routing: Routing) -> bool:
    """Whether nothing of the house is meant by it."""
    if routing.decision in (Decision.CHAT, Decision.IGNORE):
        return True
    return _unsure(routing, "") and routing.decision is Decision.CLARIFY and not routing.candidates


def _unsure(routing: Routing, *functions: str) -> bool:
    """Whether it is one of these functions, and for no device."""
    return bool(routing.calls) and all(
        call.function.startswith(functions) and not call.targets for call in routing.calls
    )


def _about(match: Match, words: Sequence[str]) -> bool:
    """Whether it has what the question is about: one of the first two words that say anything."""
    stems = {word.rstrip("s")[:6] for word in words[:2]}
    return any(word.startswith(stem) for word in content(match.entry.text) for stem in stems if stem)


def _same(rest: str, fact: str) -> bool:
    """Whether a question is word by word about what was told: "we out of coffee", "we are out of coffee"."""
    asked, told = set(spelt(rest)) - _COPULAS, set(spelt(fact)) - _COPULAS
    return asked == told


def _subject(rest: str) -> str:
    """What stands before "in", "at" and their like; empty where none of them is said."""
    words = rest.split()
    return " ".join(words[: next((at for at, word in enumerate(words) if at and word in _JOINTS), 0)])


def _as_said(said: str, rest: str) -> str:
    """The end of what was said, in the words as they were given."""
    count = len(rest.split())
    return " ".join(said.split()[-count:])


def _asking(routing: Routing, found: Sequence[Match], asked: str, **more: bool) -> Routing:
    ids = " ".join(one.entry.id for one in found[:_MOST])
    call = Call(ANSWER, {"ids": ids, "asked": asked, **more})
    return replace(routing, decision=Decision.QUERY, calls=(call,), confidence=1.0, question=None, candidates=())


def _acting(routing: Routing, call: Call) -> Routing:
    return replace(routing, decision=Decision.ACT, calls=(call,), confidence=1.0, question=None, candidates=())
