"""What the router made of a sentence, mended in view of what was spoken of: which list, both lamps, what "it" is."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.assistant.calls import for_devices
from edge.assistant.following.bounded import bounded
from edge.assistant.following.kept import asked_item, on_the_list, one_more
from edge.assistant.following.orders import THING, order
from edge.assistant.following.past import Deed
from edge.assistant.following.referents import PRONOUN, Referents
from edge.assistant.following.said import Said
from edge.assistant.following.timed import split_time
from edge.assistant.naming import device_name
from edge.assistant.timing import timed
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call, Decision, Routing
from edge.schedule.agenda import Agenda
from edge.schedule.clock import Clock

_LIGHT: Final = re.compile(r"(?:the )?(?:lights?|lamps?)")
_STOP: Final = "assistant.stop"
_SWITCHED: Final = re.compile(r"\b(on|off)\b")
_BARE: Final = ("light.",)
_VERBLESS: Final = re.compile(
    r"(?P<what>(?:all (?:of )?)?(?:the |my |our )?[\w' ]+?) (?P<state>on|off)"
    r"(?P<where>(?: in (?:here|there|the [\w' ]+))?)"
)
_ENDED: Final = frozenset({"alarm.cancel", "timer.cancel", "reminder.cancel"})
_ENDS: Final = re.compile(
    r"\b(?:alarms?|timers?|reminders?|clock|wake|waking|remind|it|that|them|all|ring\w*|cancel|delete|remove|forget|stop|"
    r"clear|skip|scrap|drop|end|never|no|do not|don't|turn|switch|get rid|one|minute|minutes|hour|hours|sleep|snooze)\b"
)
"""What a sentence has that ends something: "I'm off to bed" does not."""
_WHICH: Final = re.compile(
    r"lock (?:up|everything|everything up|the house|up the house)(?: for the night| please)?|"
    r"(?:good \w+ )?(?:which|what) (?:of the )?[a-z]+(?: [a-z]+)? are (?:still |currently |now )?"
    r"(?:on|off|open|closed|shut|locked|unlocked|running|playing)"
)
"""What is about the whole house, wherever it is said."""
_RIGHT: Final = re.compile(r"right(?: then)?\s*,\s*", re.IGNORECASE)
_ON_OR_OFF: Final = re.compile(r"(?P<order>(?:turn|switch|put|flick|shut) (?:.*? )?(?:on|off)\b)(?P<rest> .+)")
_IF: Final = r"\b(?:if|when(?:ever)?|once|unless|as soon as|every time|each time|the moment|should)\b"
_DOES: Final = (
    r"opens?|closes?|shuts|locks|unlocks|turns|goes (?:on|off)|comes on|switches|starts|stops|finishes|moves|"
    r"is (?:still )?(?:on|off|open|closed|shut|locked|unlocked|running|playing|left)|"
    r"['’]s (?:still )?(?:on|off|open|closed|left)"
)
_IT_DOES: Final = re.compile(rf"({_IF}) it (?={_DOES})", re.IGNORECASE)
_IT_IS_DONE: Final = re.compile(rf"({_IF} .*?\w) (?:it|that)(?=[,.!?]*$)", re.IGNORECASE)
_SOMEBODY: Final = re.compile(rf"({_IF}) (?:he|she|they)\b", re.IGNORECASE)
_BOTH: Final = re.compile(r"\bboth\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mending:
    """Of one house; holds no state between sentences."""

    registry: Registry
    route: Callable[[str, str | None], Routing]
    agenda: Agenda
    clock: Clock

    def mended(self, routing: Routing, one: Said, deeds: Sequence[Deed], area: str | None) -> Routing:
        """The routing, or a better one."""
        if routing.decision is Decision.CHAT and (named := self._named_alone(routing, one, area)) is not None:
            return named
        if _ENDED.issuperset(call.function for call in routing.calls) and routing.calls and not _ENDS.search(one.core):
            return replace(routing, decision=Decision.CHAT, calls=(), question=None)
        routing = self._not_a_side(routing, area)
        routing = self._at_its_time(self._anywhere(routing, one, area), one, area)
        routing = bounded(asked_item(routing, one), self.clock.now(), lambda text: self.route(text, area))
        routing = self._only_heating(routing)
        listed = one_more(on_the_list(routing, one, deeds), one, deeds)
        return self._lonely(self._both(self._with_verb(listed, one, area), area), one, area)

    def named_in_condition(self, routing: Routing, who: Referents, area: str | None) -> Routing:
        """ "Let me know if anyone opens it", with the name of what was spoken of in the place of "it"."""
        manner = next((one for one in (_IT_DOES, _IT_IS_DONE, _SOMEBODY) if one.search(routing.text)), None)
        if manner is None or (routing.decision is Decision.ACT and manner is _IT_IS_DONE):
            return routing
        devices = who.pronoun("it")
        person = len(devices) == 1 and devices[0].startswith("person.")
        if len(devices) != 1 or person is not (manner is _SOMEBODY):
            return routing
        name = device_name(self.registry.devices[devices[0]], self.registry)
        ending = " " if manner is _IT_DOES else ""
        text = manner.sub(rf"\1 {name}{ending}", routing.text)
        again = self.route(text, area)
        meant = again.decision is Decision.ACT and any(map(_conditional, again.calls))
        return replace(again, text=text) if meant else routing

    def _named_alone(self, routing: Routing, one: Said, area: str | None) -> Routing | None:
        """A lamp's very name and no more: it is to be on, which is asked unless somebody said please."""
        if _LIGHT.fullmatch(one.core) and area is not None:
            lit = self.route(f"turn on {one.core}", area)
            off = all(self.registry.state(target).state != "on" for call in lit.calls for target in call.targets)
            if lit.decision is Decision.ACT and off and all(call.targets for call in lit.calls):
                return replace(lit, text=routing.text, decision=Decision.ACT if one.polite else Decision.CLARIFY)
        found = self.registry.device_names.exact(tokens(one.core))
        lamps = tuple(device for device in found if device.startswith(_BARE))
        if len(found) != 1 or not lamps or self.registry.state(lamps[0]).state == "on":
            return None
        call = Call("light.turn_on", {"name": self.registry.devices[lamps[0]].name}, lamps)
        return Routing(routing.text, Decision.ACT if one.polite else Decision.CLARIFY, (call,), routing.confidence)

    def _with_verb(self, routing: Routing, one: Said, area: str | None) -> Routing:
        """An order without a verb ("lights off in here") that the router is not sure of, as it is with one."""
        found = (
            _VERBLESS.fullmatch(one.core) if routing.decision is Decision.CLARIFY and not routing.candidates else None
        )
        if found is None:
            return routing
        written = self.route(f"turn {found['state']} {found['what']}{found['where']}", area)
        same = [call.targets for call in written.calls] == [call.targets for call in routing.calls]
        return replace(written, text=routing.text) if same and written.decision is Decision.ACT else routing

    def _not_a_side(self, routing: Routing, area: str | None) -> Routing:
        """ "Right, lights on": the word before the comma is no lamp's."""
        led = _RIGHT.match(routing.text)
        if led is None:
            return routing
        again = self.route(routing.text[led.end() :], area)
        return replace(again, text=routing.text) if again.decision is not Decision.CHAT else routing

    def _anywhere(self, routing: Routing, one: Said, area: str | None) -> Routing:
        """ "Which lights are on": where no place is said, in the whole house."""
        if area is None or one.again or not _WHICH.fullmatch(one.core):
            return routing
        if not all(call.function in ("state.get", "lock.lock") for call in routing.calls):
            return routing
        again = self.route(routing.text, None)
        return again if again.decision in (Decision.ACT, Decision.QUERY) else routing

    def _at_its_time(self, routing: Routing, one: Said, area: str | None) -> Routing:
        """An order with a time that the router makes nothing of, or a level of: as it is without the time, then."""
        if routing.decision not in (Decision.CHAT, Decision.CLARIFY) or routing.candidates:
            return routing
        found = _ON_OR_OFF.match(one.core)
        if found is None:
            return routing
        rest, times = split_time(found["rest"], self.clock.now())
        made = self.route(f"{found['order']} {rest}".strip(), area) if times is not None else routing
        if times is None or made.decision is not Decision.ACT or not all(for_devices(call) for call in made.calls):
            return routing
        if not made.calls or not all(call.targets and not timed(call) for call in made.calls):
            return routing
        calls = tuple(replace(call, arguments=times.put(call.arguments)) for call in made.calls)
        return replace(made, text=routing.text, calls=calls)

    def _only_heating(self, routing: Routing) -> Routing:
        """ "Make it warmer in here", where there is none in the room: the only one of the house heats it."""
        if routing.decision is not Decision.CLARIFY or routing.candidates or len(routing.calls) != 1:
            return routing
        call = routing.calls[0]
        known = list(self.registry.of_kind("climate")) if call.function.startswith("climate.") else []
        if call.targets or call.arguments.get("name") or len(known) != 1:
            return routing
        arguments = {**call.arguments, "name": self.registry.devices[known[0]].name}
        arguments.pop("area", None)
        calls = (replace(call, arguments=arguments, targets=(known[0],)),)
        return replace(routing, decision=Decision.ACT, calls=calls, question=None)

    def _both(self, routing: Routing, area: str | None) -> Routing:
        """Both lamps are the two in the room, where there are others in the house."""
        if area is None or not _BOTH.search(routing.text):
            return routing
        calls = []
        for call in routing.calls:
            here = [one for one in call.targets if self.registry.devices[one].area == area]
            calls.append(replace(call, targets=tuple(here)) if len(here) == 2 < len(call.targets) else call)
        return replace(routing, calls=tuple(calls))

    def _lonely(self, routing: Routing, one: Said, area: str | None) -> Routing:
        """An order about "it" where nothing was spoken of: what is meant is asked, and not guessed in other rooms."""
        whole = order(one.core)
        if whole is None or not PRONOUN.fullmatch(whole.thing):
            return routing
        moves = [call for call in routing.calls if for_devices(call)]
        switched = _SWITCHED.search(whole.text)
        if not moves and switched and any(call.function == _STOP for call in routing.calls):
            if self.agenda.ringing(area):
                return replace(routing, decision=Decision.ACT, question=None)
            moves = [Call(f"switch.turn_{switched[1]}")]
        devices = [self.registry.devices.get(target) for call in moves for target in call.targets]
        here = [one for one in devices if one is not None and area in (None, one.area)]
        sure = not moves or (len(devices) == 1 and len(here) == 1)
        if sure or routing.decision not in (Decision.ACT, Decision.CLARIFY):
            return routing
        calls = tuple(Call(call.function, {"name": whole.thing}) for call in moves[:1])
        text = whole.text.replace(THING, whole.thing)
        return Routing(text, Decision.CLARIFY, calls, routing.confidence, question="Which one do you mean?")


def _conditional(call: Call) -> bool:
    return bool(call.arguments.get("condition")) or call.function == "alarms.add_rule"
