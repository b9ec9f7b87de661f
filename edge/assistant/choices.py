"""Which one? What a short answer can pick, and the calls that come of it."""

from collections.abc import Callable
from dataclasses import replace

from edge.assistant.answers import Candidate
from edge.assistant.calls import aimed
from edge.assistant.naming import names
from edge.assistant.phrases import joined, sentence
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing

Route = Callable[[str, str | None], Routing]
"""The router: a text and the id of the speaker's area to what is to be done."""
Name = Callable[[str], tuple[str, ...]]
"""What something that a keeper keeps can be called, by its id; nothing for what nobody keeps."""


class Choices:
    """Knows devices, areas and what is kept (timers, facts) by what people answer."""

    def __init__(self, registry: Registry, route: Route, name: Name) -> None:
        self._registry = registry
        self._route = route
        self._name = name

    def candidates(self, routing: Routing) -> list[Candidate]:
        """What can be picked, each with the words for it."""
        return [self._candidate(one) for one in routing.candidates]

    def question(self, ids: tuple[str, ...]) -> str:
        """Which of these is meant."""
        devices = [self._registry.devices[one] for one in ids if one in self._registry.devices]
        if devices:
            return sentence(f"{names(devices, self._registry, 'or')}?")
        labels = [name[0] for one in ids if (name := self._name(one))]
        return sentence(f"{joined(labels, 'or')}?") if labels else "Which one do you mean?"

    def chosen(self, routing: Routing, ids: tuple[str, ...]) -> tuple[Call, ...]:
        """The calls that were held back, now for what was picked; none where that can't be told any more.

        A picked area is routed again as the speaker's own.
        """
        devices = tuple(one for one in ids if one in self._registry.devices)
        waiting = next((at for at, call in enumerate(routing.calls) if not call.targets), None)
        if devices and waiting is not None:
            made = tuple(aimed(routing.calls[waiting], self._registry.devices[one]) for one in devices)
            return (*routing.calls[:waiting], *made, *routing.calls[waiting + 1 :])
        if routing.calls and any(self._name(one) for one in ids):
            first = routing.calls[0]
            return tuple(replace(first, arguments={**first.arguments, "id": one}) for one in ids)
        calls: list[Call] = []
        for area in ids:
            again = self._route(routing.text, area) if area in self._registry.areas else None
            if again is None or again.decision not in (Decision.ACT, Decision.QUERY):
                return ()
            calls.extend(again.calls)
        return tuple(calls)

    def completed(self, routing: Routing, answer: str, area: str | None) -> Routing | None:
        """The request with what it lacked, routed as one sentence; None where no such sentence makes sense.

        "Set a timer" and "ten minutes" are tried together; a name that nothing has gives way to the answer.
        """
        wanted = {call.function.partition(".")[2] for call in routing.calls}
        unknown = [str(call.arguments.get("name") or "") for call in routing.calls if not call.targets]
        tries = [routing.text.replace(name, answer) for name in unknown if name and name in routing.text]
        tries += [f"{routing.text} {bridge}{answer}" for bridge in ("for ", "to ", "at ", "")]
        for text in tries:
            again = self._route(text, area)
            said = {call.function.partition(".")[2] for call in again.calls}
            if again.decision in (Decision.ACT, Decision.QUERY) and wanted & said:
                return again
        return None

    def _candidate(self, one: str) -> Candidate:
        device = self._registry.devices.get(one)
        area = self._registry.areas.get((device.area or "") if device else one)
        spoken = [*((device.name, *device.aliases) if device else ()), *((area.name, *area.aliases) if area else ())]
        return Candidate(one, (*spoken, *self._name(one)))
