"""What the assistant would answer, as far as that can be said without doing anything: questions, answers, refusals."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from edge.assistant.assistant import Assistant
from edge.assistant.calls import reads, refusal
from edge.assistant.choices import Route
from edge.assistant.confirmation import Confirmation
from edge.assistant.model import Source, Utterance
from edge.assistant.ports import ChatTurn
from edge.assistant.questions import ANSWERED
from edge.devices.model import Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.llm.gate import Priority
from edge.llm.tools import Toolbox, ToolCalls
from edge.router.model import Decision, Routing
from edge.schedule import Schedule
from edge.schedule.clock import Clock


class Rehearsal:
    """An assistant that moves nothing, keeps nothing and has no timers and lists."""

    def __init__(self, route: Route, registry: Registry, clock: Clock, confirmation: Confirmation) -> None:
        self._assistant = Assistant(
            route=route,
            registry=registry,
            actuator=_Still(),
            chat=_Silent(),
            schedule=Schedule(None, clock, boot_id=""),
            clock=clock,
            confirmation=confirmation,
            tools=False,
        )

    async def reply(self, routing: Routing, area: str | None = None) -> str:
        """The words for it, said in a room in that area; empty where they depend on what a device does, on timers and
        lists, or on a language model, and where silence is right.
        """
        alone = self._without_deeds(routing)
        if alone is None:
            return ""
        # A room of its own each time: one sentence is no answer to the question that another led to.
        utterance = Utterance(routing.text, Source.VOICE, area=area, reading=alone)
        return (await self._assistant.ask(replace(utterance, origin=utterance.id))).text

    def _without_deeds(self, routing: Routing) -> Routing | None:
        match routing.decision:
            case Decision.CLARIFY:
                return routing
            case Decision.QUERY if all(call.function in ANSWERED for call in routing.calls if reads(call)):
                return routing
            case Decision.ACT if refusal(routing.calls):
                return routing
            case Decision.ACT:
                asked = tuple(call for call in routing.calls if self._assistant.asks_first(call))
                return replace(routing, calls=asked) if asked else None
            case _:
                return None


class _Still:
    """Moves nothing."""

    async def perform(self, call: ServiceCall) -> Outcome:  # noqa: ARG002 (the protocol's)
        return Outcome.UNAVAILABLE


class _Silent:
    """No language model."""

    unavailable: str | None = ""

    async def answer(
        self,
        turns: Sequence[ChatTurn],  # noqa: ARG002 (the protocol's)
        *,
        priority: Priority = Priority.NORMAL,  # noqa: ARG002
        toolbox: Toolbox | None = None,  # noqa: ARG002
        may_call: bool = True,  # noqa: ARG002
    ) -> AsyncIterator[str | ToolCalls]:
        for piece in tuple[str, ...]():
            yield piece

    async def prepare(self, toolbox: Toolbox | None) -> None:
        """Nothing to take in."""
