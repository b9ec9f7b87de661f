"""Carries calls out: every device at once, the calls of one device in the order they were said."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from edge.assistant.cause import cause as whose
from edge.assistant.cause import done
from edge.assistant.model import Performed
from edge.assistant.people.gate import Gate
from edge.assistant.ports import Actuator
from edge.assistant.timing import timed
from edge.devices.commands import CommandError, services
from edge.devices.critical import is_critical
from edge.devices.model import Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.router.model import Call

log = logging.getLogger(__name__)


class Hands:
    """Turns calls into service calls and has them performed."""

    def __init__(self, registry: Registry, actuator: Actuator, gate: Gate) -> None:
        self._registry = registry
        self._actuator = actuator
        self._gate = gate

    async def carry_out(self, calls: Sequence[Call]) -> tuple[list[Performed], list[str]]:
        """What became of every service call, and sentences about what could not be tried."""
        steps: dict[str, list[Call]] = {}
        for call in calls:
            for target in call.targets:
                steps.setdefault(target, []).append(call)
        ended = await asyncio.gather(*(self._move(device, of_device) for device, of_device in steps.items()))
        performed = [one for some, _ in ended for one in some]
        notes = dict.fromkeys(note for _, some in ended for note in some)
        return performed, list(notes)

    async def perform(self, service_calls: Iterable[ServiceCall]) -> list[Performed]:
        """Service calls as they are, for undoing and for ends of durations; devices that are gone are left out."""
        steps: dict[str, list[ServiceCall]] = {}
        for call in service_calls:
            if call.device in self._registry.devices:
                steps.setdefault(call.device, []).append(call)

        async def in_order(some: list[ServiceCall]) -> list[Performed]:
            return [await self._perform(call, None) for call in some if not self._held(call)]

        ended = await asyncio.gather(*(in_order(some) for some in steps.values()))
        return [one for some in ended for one in some]

    def critical_targets(self, call: Call) -> tuple[str, ...]:
        """The devices that the call would unlock, open or disarm, now or, where it toggles, at some other time."""
        found = []
        for target in call.targets:
            device = self._registry.devices.get(target)
            if device is not None and any(is_critical(device, one) for one in self._possible(call, target)):
                found.append(target)
        return tuple(found)

    def services(self, call: Call) -> tuple[ServiceCall, ...]:
        """What the call would be now; nothing for targets where it is impossible."""
        return tuple(one for target in call.targets for one in self._services(call, target))

    def _possible(self, call: Call, target: str) -> tuple[ServiceCall, ...]:
        toggled = (ServiceCall(target, "toggle"),) if timed(call) and call.function.endswith(".toggle") else ()
        return self._services(call, target) + toggled

    def _services(self, call: Call, target: str) -> tuple[ServiceCall, ...]:
        try:
            return services(call.function, call.arguments, (target,), self._registry)
        except CommandError:
            return ()

    def _held(self, call: ServiceCall) -> bool:
        held = bool(self._gate.holds(call))
        if held:
            done(self._refused(call, None))
        return held

    async def _move(self, device: str, calls: Sequence[Call]) -> tuple[list[Performed], list[str]]:
        performed: list[Performed] = []
        notes: list[str] = []
        for call in calls:
            try:
                service_calls = services(call.function, call.arguments, (device,), self._registry)
            except CommandError as error:
                notes.append(str(error))
                continue
            if not service_calls:
                state = self._registry.state(device)
                nothing = ServiceCall(device, "turn_off")
                performed.append(Performed(nothing, Outcome.ALREADY, state, state, call))
            for one in service_calls:
                if why := self._gate.holds(one):
                    notes.append(why)
                    done(self._refused(one, call))
                else:
                    performed.append(await self._perform(one, call))
        return performed, notes

    def _refused(self, call: ServiceCall, cause: Call | None) -> Performed:
        state = self._registry.state(call.device)
        return Performed(replace(call, cause=whose()), Outcome.REFUSED, state, state, cause)

    async def _perform(self, call: ServiceCall, cause: Call | None) -> Performed:
        call = replace(call, cause=whose())
        before = self._registry.state(call.device)
        outcome = await self._outcome(call)
        performed = Performed(call, outcome, before, self._registry.state(call.device), cause)
        done(performed)
        return performed

    async def _outcome(self, call: ServiceCall) -> Outcome:
        try:
            return await self._actuator.perform(call)
        except EdgeError as error:
            log.warning(
                "assistant.call_failed", extra={"device": call.device, "service": call.service, "error": str(error)}
            )
            return Outcome.UNANSWERED
