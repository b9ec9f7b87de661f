"""Reads a sentence in view of the last ones: as an order or a question that says everything, or not at all."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.assistant.calls import aimed, for_devices, repeated
from edge.assistant.following.anew import again_at, corrected, from_then_on
from edge.assistant.following.calling import renamed
from edge.assistant.following.counterparts import counterparts, measures, only_tells, through
from edge.assistant.following.entries import Entries
from edge.assistant.following.kept import figure_of_a_rule, rule_or_item
from edge.assistant.following.mending import Mending
from edge.assistant.following.orders import THING, UNIT, Whole, as_it_was, fragment, lasts, order, question, step
from edge.assistant.following.past import ENTRIES_S, Deed, Past
from edge.assistant.following.picking import Picking
from edge.assistant.following.referents import PRONOUN, Referents
from edge.assistant.following.restating import changed, restated
from edge.assistant.following.said import Said, said
from edge.assistant.following.scaling import factor, scaled
from edge.assistant.following.stepping import stepped
from edge.assistant.following.thattime import at_that_time
from edge.assistant.following.timed import Times, split_time
from edge.assistant.naming import device_name
from edge.devices.commands import CommandError, services
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing
from edge.router.phrases.sayings import OWN_SCENES
from edge.schedule.agenda import Agenda
from edge.schedule.clock import Clock

Route = Callable[[str, str | None], Routing]

JUST_NOW_S: Final = 30.0
"""How long a level alone ("thirty percent") is for what was moved last."""
_SAME: Final = re.compile(
    r"(?:(?:do )?(?:the )?same(?: thing)? (?:for|with|in|to|on|goes for)|(?:what|how) about|(?:in|for|on|at)|"
    r"do|try|include|not (?:just )?that(?: one)? but) (?P<phrase>.+)"
)
_SETTLED: Final = re.compile(
    r"(?:(?:that's |that is |it's |it is )?"
    r"(?:perfect|great|lovely|good|nice|fine|better|enough|brilliant|just right|grand|smashing|champion|awesome|ace|"
    r"super|wonderful|ideal|plenty|sorted) ?)?"
    r"(?:(?:leave|keep) (?:it|them|that) (?:like that|there|at that|as it is|as they are|that way|be))?"
)
"""What says that nothing more is to be done."""
_WHICH: Final = re.compile(
    r"(?:which|what)(?: ones| lights| lamps| devices)? (?:(?:are|were) (?:those|they|these|them|that)|"
    r"(?:did|have) you (?:just )?(?:changed?|turn(?:ed)? (?:on|off)|moved?))"
)
_NOT_BUT: Final = re.compile(r"not (?P<wrong>.+?) (?:but )?(?P<right>(?:the|my|in the) .+)")
_RELATIONAL: Final = re.compile(r"(?:the )?other|both\b|(?:the )?(?:left|right|first|second|last) one")
_AGAIN: Final = re.compile(r"(?:do )?(?:it|that|this|the same|same|the same thing)|and")
_ANYWHERE: Final = frozenset({"turn_on", "turn_off", "toggle"})
"""What any device takes."""
_MAKING: Final = frozenset({"rules.add", "alarms.add_rule"})
_ANSWER: Final = 4
"""Words of a yes; a sentence that makes a rule has more."""
_MOST: Final = 6
"""Devices that one short word is for."""
_BACK: Final = re.compile(r"\bback\b")
_NOT: Final = re.compile(
    r"(?:but )?(?:(?:not|except|apart from|leave out|without) (?P<phrase>.+)|"
    r"(?:leave|keep) (?P<phrase2>.+?) (?:on|off|open|closed|shut|running|alone|as it is|as it was))"
)
_OPPOSITE: Final = {"turn_on": "turn_off", "turn_off": "turn_on", "open": "close", "close": "open"}
_READ: Final = ("state.get", "sensor.query", "climate.get_temperature")


@dataclass(frozen=True, slots=True)
class Followed:
    """What a sentence comes to; `instead`: what was done last is to be taken back first."""

    routing: Routing
    instead: bool = False


class Following:
    """Of one house; holds no state between sentences."""

    def __init__(self, registry: Registry, route: Route, clock: Clock, agenda: Agenda) -> None:
        self._registry = registry
        self._route = route
        self._clock = clock
        self._agenda = agenda
        self._mending = Mending(registry, route, agenda, clock)

    def read(self, text: str, area: str | None, past: Past) -> Followed | None:
        """None where the sentence stands by itself, or nothing was spoken of that it could go on from."""
        now_s = self._clock.boot_s()
        longer = past.since(now_s, ENTRIES_S)
        one = said(text) if longer or self._agenda.entries else None
        if one is None:
            return self._at_that_time(text, longer, area, past) if self._agenda.entries else None
        kept = rule_or_item(text, one, longer)
        if kept is not None:
            return Followed(kept)
        if longer and figure_of_a_rule(one, longer[0]):
            return None
        planned = Entries(self._registry, self._agenda, self._clock, longer, area).read(text, one)
        if planned is not None:
            return Followed(planned)
        if (then := self._at_that_time(text, longer, area, past)) is not None:
            return then
        deeds = past.since(now_s)
        who = Referents(self._registry, deeds, area)
        latest = who.latest
        if latest is None:
            # "Put it back" may be about a list.
            undo = Routing(text, Decision.ACT, (Call("assistant.undo"),), 1.0)
            return Followed(undo) if deeds and deeds[0].acted and as_it_was(one.core) else None
        if _SETTLED.fullmatch(one.core):
            return Followed(Routing(text, Decision.IGNORE, (), 1.0))
        if _WHICH.fullmatch(one.core) and len(latest.devices) > 1:
            return Followed(Routing(text, Decision.QUERY, (Call("state.get", {}, latest.devices),), 1.0))
        if as_it_was(one.core):
            return Followed(Routing(text, Decision.ACT, (Call("assistant.undo"),), 1.0))
        just_now = now_s - latest.at_s <= JUST_NOW_S
        return (
            self._renamed(text, one, who, longer, area)
            or self._scaled(text, one, latest)
            or self._with_pronoun(text, one, who, area)
            or self._again(text, one, deeds)
            or self._at_other_times(text, again_at(one, deeds, self._clock.now()))
            or self._at_other_times(text, from_then_on(one, deeds, self._clock.now()))
            or self._except(text, one, who)
            or self._lasting(text, one, latest, area)
            or self._stepped(text, one, latest)
            or self._fragment(text, one, latest, area, just_now=just_now or one.corrects)
            or self._at_other_times(text, corrected(one, latest, self._clock.now()))
            or self._elliptic(text, one, who, deeds, just_now=just_now)
        )

    def after(self, routing: Routing, area: str | None, past: Past) -> Routing:
        """What the router made of a sentence, where that leaves open what was spoken of before."""
        deeds = past.since(self._clock.boot_s())
        one = said(routing.text)
        if deeds and routing.decision is not Decision.QUERY:
            routing = self._mending.named_in_condition(routing, Referents(self._registry, deeds, area), area)
        return routing if one is None else self._mending.mended(routing, one, deeds, area)

    def restated(self, text: str, past: Past) -> str | None:
        """The last request with what this says is wrong in it put right; None where it says no such thing."""
        deeds = past.since(self._clock.boot_s())
        one = said(text) if deeds else None
        return restated(deeds[0].text, one, self._registry) if one is not None else None

    def rule_changed(self, text: str, past: Past) -> str | None:
        """The sentence of the rule that was made last with a change of it; None where the text is no change."""
        deeds = past.since(self._clock.boot_s())
        making = [deed for deed in deeds if any(call.function in _MAKING for call in deed.calls)]
        one = said(text) if making and making[0] is deeds[0] else None
        same = [deed for deed in making if _drafted(deed) == _drafted(making[0])]
        request = next((deed.text for deed in same if len(deed.text.split()) > _ANSWER), None)
        return changed(request, one, self._registry) if one is not None and request is not None else None

    # One after the other -------------------------------------------------------------------------------------------

    def _at_that_time(self, text: str, deeds: Sequence[Deed], area: str | None, past: Past) -> Followed | None:
        """An order for when something on the schedule is due, with that time in it."""
        picking = Picking(self._registry, self._agenda, self._clock, deeds, area)
        full = at_that_time(text, picking, deeds, self._clock)
        if full is None:
            return None
        return self.read(full, area, past) or Followed(self.after(self._route(full, area), area, past))

    def _with_pronoun(self, text: str, one: Said, who: Referents, area: str | None) -> Followed | None:
        whole = order(one.core) or question(one.core)
        if whole is None:
            return None
        devices = who.pronoun(whole.thing) if PRONOUN.fullmatch(whole.thing) else who.named(whole.thing)
        if whole.asks and devices and not whole.text.startswith("how ") and all(map(measures, devices)):
            # A reading is neither on nor off: "is it on" is about what was moved before it was asked for.
            devices = who.moved or tuple(devices)
        if devices and len(devices) == 1 and not whole.asks and only_tells(devices[0]):
            through_ = counterparts(devices[0], whole.text.partition(" ")[0], self._registry)
            if through_ == () and whole.text.startswith(("turn", "switch")) and who.moved:
                devices, through_ = who.moved, None
            if through_ is not None:
                full = self._written_out(text, whole, through_, area) if len(through_) == 1 else None
                return Followed(full or through(text, whole, devices[0], through_, self._registry))
        just = who.latest is not None and set(devices or ()) == set(who.latest.devices)
        if just and devices and len(devices) > 1 and who.latest is not None and _BACK.search(one.core):
            # What was off before "everything off" does not come on with "all back on".
            devices = tuple(device for device in devices if device in who.latest.changed) or devices
        routing = self._written_out(text, whole, devices, area) if devices else None
        return Followed(routing) if routing is not None else None

    def _renamed(
        self, text: str, one: Said, who: Referents, deeds: Sequence[Deed], area: str | None
    ) -> Followed | None:
        """Another name for what was spoken of: "call it the big light"."""
        written = renamed(one.core, text, who, deeds, area, self._registry)
        if written is None:
            return None
        if written.device.startswith(OWN_SCENES):
            key = {"id": written.device.removeprefix(OWN_SCENES), "called": written.name}
            return Followed(Routing(text, Decision.ACT, (Call("scenes.rename", key),), 1.0))
        calls = tuple(call for call in self._route(written.text, area).calls if call.function == "names.add")[:1]
        if written.device:
            calls = tuple(replace(call, targets=(written.device,)) for call in calls)
        return Followed(Routing(text, Decision.ACT, calls, 1.0)) if calls else None

    def _scaled(self, text: str, one: Said, latest: Deed) -> Followed | None:
        """ "Half of that", of a level that was set or asked about."""
        by = factor(one.core, again=one.again)
        calls = scaled(by, latest, self._registry) if by is not None else ()
        return Followed(Routing(text, Decision.ACT, calls, 1.0)) if calls else None

    def _again(self, text: str, one: Said, deeds: Sequence[Deed]) -> Followed | None:
        """The same order once more."""
        if not (one.again and _AGAIN.fullmatch(one.core)):
            return None
        calls = next((deed.moves for deed in deeds if deed.moves), ())
        return Followed(Routing(text, Decision.ACT, calls, 1.0)) if calls else None

    def _at_other_times(self, text: str, calls: tuple[Call, ...]) -> Followed | None:
        return Followed(Routing(text, Decision.ACT, calls, 1.0)) if calls else None

    def _except(self, text: str, one: Said, who: Referents) -> Followed | None:
        """One of those that were just moved back as it was: "but not the TV"."""
        found, latest = _NOT.fullmatch(one.core), who.latest
        if found is None or latest is None or len(latest.devices) < 2 or not latest.acted:
            return None
        devices = [
            device for device in who.named(found["phrase"] or found["phrase2"]) or () if device in latest.devices
        ]
        calls = []
        for call in latest.moves:
            domain, _, verb = call.function.partition(".")
            back = [device for device in devices if device in call.targets]
            if back and verb in _OPPOSITE:
                calls.append(
                    replace(repeated(call, back[0]), function=f"{domain}.{_OPPOSITE[verb]}", targets=tuple(back))
                )
        return Followed(Routing(text, Decision.ACT, tuple(calls), 1.0)) if calls else None

    def _lasting(self, text: str, one: Said, latest: Deed, area: str | None) -> Followed | None:
        """How long the last order is to hold, said after it."""
        moves = [call for call in latest.moves if not call.arguments.get("duration")]
        if not moves or not lasts(one.core):
            return None
        device = device_name(self._registry.devices[moves[0].targets[0]], self._registry)
        read = self._route(f"turn on {device} {one.core}", area)
        length = next((call.arguments["duration"] for call in read.calls if "duration" in call.arguments), None)
        if length is None:
            return None
        calls = tuple(replace(call, arguments={**call.arguments, "duration": length}) for call in moves)
        return Followed(Routing(text, Decision.ACT, calls, 1.0))

    def _stepped(self, text: str, one: Said, latest: Deed) -> Followed | None:
        more = step(one.core)
        if more is None or _ended(latest):
            return None
        calls = stepped(more, latest, self._registry)
        return Followed(Routing(text, Decision.ACT, calls, 1.0)) if calls else None

    def _fragment(self, text: str, one: Said, latest: Deed, area: str | None, *, just_now: bool) -> Followed | None:
        whole = fragment(one.core, just_now=just_now)
        if whole is None:
            core, times = split_time(one.core, self._clock.now())
            whole = fragment(core, just_now=just_now) if times is not None else None
            whole = replace(whole, text=whole.text + one.core[len(core) :]) if whole is not None else None
        if whole is None:
            return None
        if whole.takes and _ended(latest):
            return None
        devices = tuple(
            device
            for device in latest.devices
            if device in self._registry.devices and (not whole.takes or device.partition(".")[0] in whole.takes)
        )
        routing = self._written_out(text, whole, devices, area) if devices else None
        return Followed(routing) if routing is not None else None

    def _elliptic(
        self, text: str, one: Said, who: Referents, deeds: Sequence[Deed], *, just_now: bool
    ) -> Followed | None:
        """The last order or question, of something else: "and the kitchen", "no, the left one"."""
        core, instead = one.core, one.corrects
        same = _SAME.fullmatch(core)
        phrase = same["phrase"] if same else core
        if instead and (found := _NOT_BUT.fullmatch(core)):
            phrase = found["right"]
        relational = (
            re.match(r"(?:the )?other|both\b|(?:the )?(?:left|right|first|second|last) one", phrase) is not None
        )
        if not (one.also or instead or same or relational or (just_now and deeds[0] is who.latest)):
            return None
        phrase, times = split_time(phrase, self._clock.now())
        last = next((deed for deed in deeds if deed.moves or any(call.function in _READ for call in deed.calls)), None)
        if last is None:
            return None
        devices = who.named(phrase)
        if devices is None:
            return None
        base = last.moves[-1:] or tuple(call for call in last.calls if call.function in _READ)[-1:]
        if one.now:
            base = tuple(replace(call, arguments=Times().put(call.arguments)) for call in base)
        if times is not None:
            base = tuple(replace(call, arguments=times.put(call.arguments)) for call in base)
        if not devices:
            return self._open(text, base, who.choices(phrase))
        calls = tuple(
            repeated(aimed(call, self._registry.devices[device]), device) for call in base for device in devices
        )
        if not self._makes_sense(calls):
            return None
        decision = Decision.ACT if any(for_devices(call) for call in calls) else Decision.QUERY
        undo = instead and last is deeds[0] and bool(last.moves) and decision is Decision.ACT
        undo = undo and not set(last.devices) <= set(devices)
        return Followed(Routing(text, decision, calls, 1.0), instead=undo)

    def _open(self, text: str, base: Sequence[Call], choices: tuple[str, ...]) -> Followed | None:
        if not 1 < len(choices) <= 8:
            return None
        calls = tuple(replace(call, targets=()) for call in base)
        return Followed(Routing(text, Decision.CLARIFY, calls, 1.0, candidates=choices))

    # What it comes to ----------------------------------------------------------------------------------------------

    def _written_out(self, text: str, whole: Whole, devices: tuple[str, ...], area: str | None) -> Routing | None:
        """The sentence with the device's name in it, as the router reads that, for all the devices."""
        first = self._registry.devices[devices[0]]
        for sentence in (whole.text, *whole.others):
            unit = "degrees" if first.domain in ("climate", "water_heater") else "percent"
            full = sentence.replace(THING, device_name(first, self._registry)).replace(UNIT, unit)
            routing = self._route(full, area)
            made = self._aimed(routing, devices, asks=whole.asks)
            if made is not None:
                rule = any(call.arguments.get("condition") for call in made.calls)
                return replace(made, text=full if rule else text)
        return None

    def _aimed(self, routing: Routing, devices: tuple[str, ...], *, asks: bool) -> Routing | None:
        """What was made of the sentence for the first device, for all of them; None where it is about another."""
        calls: list[Call] = []
        found = False
        for call in routing.calls:
            about = devices[0] in call.targets or (not call.targets and devices[0] in routing.candidates)
            if not about:
                calls.append(call)
                continue
            found = True
            if for_devices(replace(call, targets=devices)):
                of_each = [repeated(aimed(call, self._registry.devices[one]), one) for one in devices]
                calls += of_each
            else:
                calls.append(replace(call, targets=devices))
        acts = any(for_devices(call) for call in calls)
        if not found or acts is asks or not self._makes_sense(calls):
            return None
        if routing.decision in (Decision.CHAT, Decision.IGNORE):
            return None
        return replace(
            routing,
            decision=Decision.ACT if acts else Decision.QUERY,
            calls=tuple(calls),
            candidates=(),
            question=None,
        )

    def _makes_sense(self, calls: Sequence[Call]) -> bool:
        """Whether the devices know these orders."""
        try:
            for call in calls:
                if not for_devices(call):
                    continue
                domain, _, verb = call.function.partition(".")
                if verb not in _ANYWHERE and any(target.partition(".")[0] != domain for target in call.targets):
                    return False
                services(call.function, call.arguments, call.targets, self._registry)
        except CommandError:
            return False
        return True


def _ended(latest: Deed) -> bool:
    """Whether the last order turned off what it was about, or was about so many that no level is meant for all."""
    off = latest.moves and all(call.function.endswith(".turn_off") for call in latest.moves)
    return bool(off) or len(latest.devices) > _MOST


def _drafted(making: Deed) -> object:
    """Which draft a turn made, or said yes to: one that was narrowed since is not what the first sentence says."""
    return next((call.arguments.get("rule") for call in making.calls if call.function in _MAKING), None)
