"""Does what the language model calls for: each call is resolved, confirmed and carried out as a person's would be."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from edge.assistant.calls import not_found
from edge.assistant.cause import through
from edge.assistant.dialogue import Dialogue
from edge.assistant.model import Performed, Utterance
from edge.assistant.naming import device_name
from edge.assistant.phrases import joined
from edge.assistant.told import Undo
from edge.assistant.toolbox import FIND, Toolset, toolset
from edge.assistant.turn import Turn
from edge.devices.model import Agent
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.errors import EdgeError
from edge.llm.tools import Toolbox, ToolCall, plain, plain_result
from edge.router.model import Call, Decision, RawCall, Slot, Span, Value
from edge.router.resolution import Resolution, resolve
from edge.router.vocabulary import Function, load_vocabulary
from edge.schedule.clock import Clock

log = logging.getLogger(__name__)

_FOUND = 12

CarryOut = Callable[[tuple[Call, ...], Utterance, Dialogue], Awaitable[Turn]]
"""Answers or carries out resolved calls; asks first where that is right, and then the turn listens."""


@dataclass(slots=True)
class Work:
    """What was done for one utterance so far."""

    calls: list[Call] = field(default_factory=list)
    performed: list[Performed] = field(default_factory=list)
    undo: list[Undo] = field(default_factory=list)
    told: str = ""
    """What the last calls came to, for a person."""
    asked: str = ""
    """The question that has to be answered before anything else is done, or why it may not even be asked."""
    listen: bool = False


class ToolWork:
    """The tools of the house as it is now, and what comes of calling them."""

    def __init__(self, registry: Registry, clock: Clock, carry_out: CarryOut) -> None:
        self._registry = registry
        self._clock = clock
        self._carry_out = carry_out
        self._made: tuple[int, Toolset] | None = None

    @property
    def toolbox(self) -> Toolbox:
        """What may be called now; made again when devices or areas changed."""
        return self._toolset.toolbox

    async def do(self, calls: tuple[ToolCall, ...], utterance: Utterance, dialogue: Dialogue, work: Work) -> str:
        """Do these, in order, until one of them has to be asked about; the results for the model to read."""
        results: list[str] = []
        told: list[str] = []
        for call in calls:
            result = await self._do(call, utterance, dialogue, work)
            log.info("assistant.tool", extra={"id": utterance.id, "tool": call.name, "asks": bool(work.asked)})
            told.append(result)
            results.append(plain_result(result) or "Done.")
            if work.asked:
                break
        work.told = " ".join(told)
        return " ".join(results)

    @property
    def _toolset(self) -> Toolset:
        version = self._registry.version
        if self._made is None or self._made[0] != version:
            self._made = version, toolset(self._registry, load_vocabulary())
        return self._made[1]

    async def _do(self, call: ToolCall, utterance: Utterance, dialogue: Dialogue, work: Work) -> str:
        if call.name == FIND:
            return self._find(call)
        function = self._toolset.functions.get(call.name)
        if function is None:
            return f"There is no tool called {call.name}."
        resolution = self._resolved(function, call, utterance)
        if refused := self._refusal(resolution, call):
            return refused
        last = dialogue.undos[-1] if dialogue.undos else None
        try:
            with through(Agent.MODEL):
                turn = await self._carry_out(resolution.calls, utterance, dialogue)
        except EdgeError as error:
            log.warning("assistant.tool_failed", extra={"id": utterance.id, "tool": call.name, "error": str(error)})
            return f"That went wrong: {error}"
        work.calls += turn.calls
        work.performed += turn.performed
        if dialogue.undos and dialogue.undos[-1] is not last:
            # What was done for one utterance is undone together.
            new, _ = dialogue.undos.pop()
            if work.undo:
                dialogue.undos.pop()
            work.undo += new
            dialogue.remember(tuple(work.undo), self._clock.boot_s())
        if turn.asked or turn.listen:
            work.asked, work.listen = turn.text, turn.listen
        return turn.text

    def _resolved(self, function: Function, call: ToolCall, utterance: Utterance) -> Resolution:
        """The call on devices, by the same rules that resolve what the router hears."""
        spans: list[Span] = []
        given: dict[str, Value] = {}
        named = self._named(call)
        for slot, argument in function.slots.items():
            value = call.arguments.get(argument)
            if isinstance(value, str) and value:
                spans.append(
                    _span(slot, self._registry.devices[named[0]].name if slot is Slot.TARGET and named else value)
                )
            elif value is not None:
                given[argument] = value
        if len(named) == 1:
            spans = [span for span in spans if span.slot is not Slot.PLACE]
        raw = RawCall(function.name, tuple(spans), arguments=given)
        now = self._clock.now()
        return resolve([raw], utterance.text, self._registry, load_vocabulary(), utterance.area, now)

    def _named(self, call: ToolCall) -> tuple[str, ...]:
        """The devices of the name that a call gives: it was read out of the toolbox, as it was written there."""
        ids = self._toolset.devices.get(str(call.arguments.get("name") or ""), ())
        return tuple(one for one in ids if one in self._registry.devices)

    def _refusal(self, resolution: Resolution, call: ToolCall) -> str:
        """Why a call is not carried out, for the model to read; empty where it is."""
        if resolution.decision is Decision.CLARIFY:
            devices = [self._registry.devices[one] for one in resolution.candidates if one in self._registry.devices]
            areas = [self._registry.areas[one].name for one in resolution.candidates if one in self._registry.areas]
            which = [*(device_name(one, self._registry, place=True) for one in devices), *areas]
            return f"Not done: {resolution.question or 'which one?'} {joined(which, 'or')}".strip()
        lost = [one for one in resolution.calls if not one.targets] if resolution.unresolved else []
        if lost:
            return f"Not done. {not_found(lost[0])}"
        moved = {target for one in resolution.calls for target in one.targets}
        if (named := self._named(call)) and not moved <= set(named):
            return f"Not done. {self._registry.devices[named[0]].name} can't do that."
        return "" if resolution.calls else "Not done. I found nothing here that does that."

    def _find(self, call: ToolCall) -> str:
        """Names of devices that are like the words, in the area, or both."""
        said = tokens(str(call.arguments.get("words") or ""))
        area = next(iter(self._registry.area_names.exact(tokens(str(call.arguments.get("area") or "")))), None)
        names = self._registry.device_names
        found = (
            list(names.partial(said) or [one.id for one in names.like(said)]) if said else list(self._registry.devices)
        )
        devices = [self._registry.devices[one] for one in found]
        kept = [one for one in devices if one.category is None and (area is None or one.area == area)][:_FOUND]
        if not kept:
            return "Nothing like that was found."
        placed = ((one, self._registry.areas.get(one.area or "")) for one in kept)
        return ", ".join(f"{plain(one.name)}{f' ({plain(area.name)})' if area else ''}" for one, area in placed)


def _span(slot: Slot, text: str) -> Span:
    return Span(slot, text, 0, len(text))
