"""The gate that all orders pass: what whoever asks may not have is held back, and what nobody has confirmed."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final

from edge.assistant.calls import for_devices, reads
from edge.assistant.cause import cause, confirmed, done
from edge.assistant.confirmation import Confirmation
from edge.assistant.lockout import Lockout
from edge.assistant.model import Performed, Source, Utterance
from edge.assistant.naming import names
from edge.assistant.people.guests import GuestMode
from edge.assistant.people.limits import CHAT, FREE, Limit, Limits, group_of
from edge.assistant.phrases import joined, number, sentence
from edge.assistant.wording import instruction
from edge.devices.critical import is_critical
from edge.devices.model import Cause, Device, Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call

log = logging.getLogger(__name__)

LEAVE: Final = "guests.off"
"""Ends guest mode, and takes proof."""
_GUESTS_SAY: Final = "while there are visitors"
_PROVED: Final = frozenset({Source.CLI.value, Source.DEMO.value})


class Gate:
    """Knows the limits, the visitors, and what has to be confirmed; asks for whom something is done (`cause`)."""

    def __init__(self, registry: Registry, confirmation: Confirmation, asks_first: Callable[[Call], bool]) -> None:
        """`asks_first`: whether a call waits for a yes, whoever asks for it."""
        self._registry = registry
        self._confirmation = confirmation
        self._asks_first = asks_first
        self.lockout = Lockout()
        self.limits = Limits()
        self.guests: GuestMode | None = None
        self.reading: Callable[[str], bool] = lambda function: False  # noqa: ARG005 (nobody keeps anything yet)
        """Whether a function of somebody's own only asks."""

    # Who asks ------------------------------------------------------------------------------------------------------

    def entering(self, utterance: Utterance) -> Cause:
        """For whom an utterance's work is done."""
        limit = self.limits.of(utterance.source.value, utterance.origin)
        guest = limit is not None and limit.guest
        if self.guests is not None and self.guests.active:
            guest = guest or not (utterance.authenticated or utterance.source.value in _PROVED)
        return Cause(utterance.source.value, utterance.origin, utterance.area, utterance.id, guest=guest)

    def is_limited(self, utterance: Utterance) -> bool:
        """Whether there is anything that whoever asks may not."""
        return bool(self._limits(self.entering(utterance)))

    def must_prove(self) -> bool:
        """Whether whoever asks has to prove who they are before guest mode ends: a yes is enough in no room with a
        PIN, and nowhere outside of one."""
        whose = cause()
        if whose is None or not whose.guest:
            return False
        return self._confirmation.pin is not None or whose.source != Source.VOICE.value

    def placed(self, utterance: Utterance) -> Utterance:
        """With the area that the settings give its source, where it has none."""
        if utterance.area is not None or not self.limits:
            return utterance
        limit = self.limits.of(utterance.source.value, utterance.origin)
        area = self._area(limit.area) if limit is not None and limit.area else None
        return utterance if area is None else replace(utterance, area=area)

    # What they ask for ---------------------------------------------------------------------------------------------

    def sift(self, calls: Iterable[Call]) -> tuple[tuple[Call, ...], str]:
        """The calls that may be carried out or asked about, for their devices that may be moved; and what to say of
        the others."""
        apart = (part for call in calls for part in self._apart(call))
        calls = tuple(self._proving(call) if call.function == LEAVE else call for call in apart)
        limits = self._limits(cause())
        if not limits:
            return calls, ""
        passed: list[Call] = []
        held: list[str] = []
        for call in calls:
            kept = self._targets(call, limits)
            if kept is None:
                self._refuse(call, call.targets)
                held.append(self._not(call, limits))
                continue
            left = [one for one in call.targets if one not in kept]
            passed.append(replace(call, targets=kept) if left else call)
            if left and for_devices(call):
                self._refuse(call, left)
                held.append(instruction(replace(call, targets=tuple(left)), self._registry))
        return tuple(passed), self._refused(held, limits)

    def bars_talk(self) -> str:
        """Why the language model is not asked; empty where it is."""
        limits = self._limits(cause())
        return "" if all(one.allows(CHAT) or CHAT not in one.may_not for one in limits) else "I may not chat here."

    def for_members(self, told: Callable[[str], Awaitable[str]]) -> Callable[[str], Awaitable[str]]:
        """What is told of what was remembered, to those alone who may ask for it."""

        async def guarded(text: str) -> str:
            known = all("memory" not in one.may_not for one in self._limits(cause()))
            return await told(text) if known else ""

        return guarded

    def hides(self, devices: Iterable[str]) -> str:
        """Why nothing is told of these devices; empty where it may be."""
        limits = self._limits(cause())
        hidden = any(not self._may_ask(one, limit) for one in devices for limit in limits)
        return "I keep that to the people who live here." if hidden else ""

    def holds(self, call: ServiceCall) -> str:
        """Why a service is not called now, as a sentence; empty where it is. The last look, whatever led there."""
        device = self._registry.devices.get(call.device)
        if device is None:
            return ""
        whose = cause()
        limits = self._limits(whose)
        critical = is_critical(device, call) and device.id not in self._confirmation.never
        if any(not self._may_move(device, critical, one) for one in limits):
            self._note(call, "limit")
            return self._refused([f"move {names([device], self._registry)}"], limits)
        if any(one.guest for one in limits) and (why := self._beyond(call, device)):
            self._note(call, "bounds")
            return why
        if critical and not confirmed():
            self._note(call, "unconfirmed")
            return sentence(f"I left {names([device], self._registry)} as it is: nobody has confirmed that")
        return ""

    def _apart(self, call: Call) -> tuple[Call, ...]:
        """What asks first apart from what does not, so that the question names it, and it alone."""
        if len(call.targets) < 2 or not for_devices(call) or not self._asks_first(call):
            return (call,)
        alone = {one: self._asks_first(replace(call, targets=(one,), confirm=False)) for one in call.targets}
        asks = tuple(one for one in call.targets if alone[one])
        rest = tuple(one for one in call.targets if not alone[one])
        if not asks or not rest:
            return (call,)
        return (replace(call, targets=rest, confirm=False), replace(call, targets=asks, confirm=True))

    def _proving(self, call: Call) -> Call:
        order = {"order": "turn guest mode off"}
        return replace(call, arguments={**call.arguments, **order}, confirm=call.confirm or self.must_prove())

    # Looking -------------------------------------------------------------------------------------------------------

    def _limits(self, whose: Cause | None) -> list[Limit]:
        if whose is None:
            return []
        limit = self.limits.of_cause(whose)
        found = [limit] if limit is not None else []
        if self.guests is not None and whose.guest:
            found.append(self.guests.house.limit)
        return found

    def _targets(self, call: Call, limits: list[Limit]) -> tuple[str, ...] | None:
        """The devices that a call may be for; None where it may not be at all."""
        asks = reads(call) or self.reading(call.function)
        if not for_devices(call) and not (asks and call.targets):
            words = (call.function, call.function.partition(".")[0], group_of(call.function))
            if call.function in FREE or all(self._may_do(one, words, asks=asks) for one in limits):
                return call.targets
            return None
        devices = [self._registry.devices[one] for one in call.targets if one in self._registry.devices]
        if asks:
            kept = [one for one in devices if all(self._may_ask(one.id, limit) for limit in limits)]
        else:
            critical = self._asks_first(call)
            kept = [one for one in devices if all(self._may_move(one, critical, limit) for limit in limits)]
        return tuple(one.id for one in kept) if kept or not devices else None

    @staticmethod
    def _may_do(limit: Limit, words: tuple[str, ...], *, asks: bool) -> bool:
        if words[0] == LEAVE and limit.guest:
            return limit.source == "guest"
        return not limit.may_not.intersection(words) if asks else limit.allows(*words)

    def _may_ask(self, device_id: str, limit: Limit) -> bool:
        device = self._registry.devices.get(device_id)
        if device is None:
            return True
        words = {device.id, device.domain, device.device_class or device.domain}
        return not limit.may_not.intersection(words) and self._within(device, limit)

    def _may_move(self, device: Device, critical: bool, limit: Limit) -> bool:
        if limit.source == "guest" and critical:
            return self._confirmation.pin is not None
        return limit.allows(device.id, device.domain) and self._within(device, limit)

    def _within(self, device: Device, limit: Limit) -> bool:
        return limit.areas is None or device.area in {self._area(one) for one in limit.areas}

    def _area(self, given: str) -> str | None:
        if given in self._registry.areas:
            return given
        return next(iter(self._registry.area_names.exact(tokens(given))), None)

    def _beyond(self, call: ServiceCall, device: Device) -> str:
        """Why visitors may not have it so warm or cold; empty where they may."""
        guests = self.guests
        if guests is None or device.domain not in ("climate", "water_heater"):
            return ""
        given = [call.data.get(key) for key in ("temperature", "target_temp_low", "target_temp_high")]
        least, most = guests.house.celsius
        if device.unit == "°F":
            least, most = least * 9 / 5 + 32, most * 9 / 5 + 32
        if all(not isinstance(one, int | float) or least <= one <= most for one in given):
            return ""
        return sentence(f"{_GUESTS_SAY} I keep it between {number(least)} and {number(most)} degrees")

    def _refuse(self, call: Call, targets: Iterable[str]) -> None:
        """Have it kept with the request."""
        log.info("people.refused", extra={"function": call.function, "targets": list(targets)})
        for target in targets:
            state = self._registry.state(target)
            refused = ServiceCall(target, call.function.partition(".")[2], cause=cause())
            done(Performed(refused, Outcome.REFUSED, state, state, call))

    # Saying --------------------------------------------------------------------------------------------------------

    def _not(self, call: Call, limits: list[Limit]) -> str:
        if reads(call) or self.reading(call.function):
            return "tell you that"
        if for_devices(call):
            return instruction(call, self._registry)
        return "do that" if not limits[0].guest else "change that"

    def _refused(self, held: list[str], limits: list[Limit]) -> str:
        if not held:
            return ""
        guest = any(one.source == "guest" for one in limits)
        why = _GUESTS_SAY if guest else "for whoever asks from here"
        return sentence(f"I'm sorry, I may not {joined(list(dict.fromkeys(held)), 'or')} {why}")

    def _note(self, call: ServiceCall, why: str) -> None:
        whose = cause()
        facts = {"device": call.device, "service": call.service, "why": why}
        by = (whose.author or f"{whose.source} {whose.origin}".strip()) if whose else ""
        log.warning("people.held_back", extra={**facts, "by": by})
