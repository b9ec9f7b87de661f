"""A sentence from a client: done here and answered (`handled`), or told as intents that the client carries out."""

import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from edge.api.wyoming.intents import entities, intents
from edge.api.wyoming.ports import Mind
from edge.assistant.calls import for_devices
from edge.assistant.model import Reply, Source, Utterance
from edge.router.model import Decision, Routing
from edge.wyoming import Event, EventStream, table, text

log = logging.getLogger(__name__)

_SEVERAL: Final = (1, 8)
"""From this version of Wyoming's library on, clients know that several intents may come."""
_LONGEST: Final = 20_000
_LONGEST_ROUTED: Final = 2000
"""Characters of a request; what is longer the assistant refuses."""
_LONGEST_ID: Final = 100
_ANSWER_S: Final = 30.0
"""How long it is remembered that a question was asked in a conversation."""
_MOST_OPEN: Final = 64


class Conversations:
    """Answers sentences; one for all clients, since a client comes back on another connection."""

    def __init__(self, mind: Mind, *, hands_over: bool) -> None:
        """`hands_over`: whether the client is to carry out what it can."""
        self._mind = mind
        self._hands_over = hands_over
        self._open: OrderedDict[str, float] = OrderedDict()

    async def answer(self, stream: EventStream, data: Mapping[str, Any]) -> None:
        """Answer `transcript` or `recognize`; raises `WyomingError` for what is neither."""
        said = text(data, "text", _LONGEST) or ""
        context = table(data, "context")
        conversation = text(context, "conversation_id", _LONGEST_ID) or ""
        origin = f"{stream.peer} {conversation}".strip()
        utterance = Utterance(said, Source.WYOMING, origin=origin)
        over = self._hands_over and not self._mind.is_limited(utterance)
        if over and len(said) <= _LONGEST_ROUTED and not self._awaited(origin):
            routing = self._mind.route(said)
            if await self._handed_over(stream, routing, context):
                return
            utterance = Utterance(said, Source.WYOMING, id=utterance.id, origin=origin, reading=routing)
        await self._handled(stream, utterance, context)

    async def _handed_over(self, stream: EventStream, routing: Routing, context: Mapping[str, Any]) -> bool:
        """Whether the client was told what to do, or that there is nothing for it here."""
        critical = any(self._mind.asks_first(call) for call in routing.calls)
        given = () if critical else intents(routing)
        if given and (len(given) == 1 or _knows_several(stream.version)):
            events = [Event("intent", {"name": c.ha_intent, "entities": entities(c), "text": "Done."}) for c in given]
            for event in events:
                event.data["context"] = dict(context)
            if len(given) > 1:
                events = [Event("intents-start", {"context": dict(context)}), *events, Event("intents-stop")]
            for event in events:
                await stream.write(event)
            log.info("wyoming.intents", extra={"peer": stream.peer, "intents": [call.ha_intent for call in given]})
            return True
        if _ours(routing):
            return False
        why = "One thing at a time, please." if len(given) > 1 else routing.question or ""
        await stream.write(Event("not-recognized", {"text": why, "context": dict(context)}))
        log.info("wyoming.not_recognized", extra={"peer": stream.peer, "decision": routing.decision.value})
        return True

    async def _handled(self, stream: EventStream, utterance: Utterance, context: Mapping[str, Any]) -> None:
        """Carried out here; what comes in several pieces, from a language model, goes out as it comes."""
        held: str | None = None
        started = False

        async def told(piece: str) -> None:
            nonlocal held, started
            if held is None and not started:
                held = piece
                return
            if not started:
                started = True
                await stream.write(Event("handled-start", {"context": dict(context)}))
                await stream.write(Event("handled-chunk", {"text": held or ""}))
            await stream.write(Event("handled-chunk", {"text": piece}))

        reply = await self._mind.ask(utterance, told)
        self._remember(utterance.origin, reply)
        kind = "handled" if _went_well(reply) else "not-handled"
        await stream.write(Event(kind, {"text": reply.text, "context": dict(context)}))
        if started:
            await stream.write(Event("handled-stop"))
        log.info("wyoming.handled", extra={"peer": stream.peer, "decision": reply.decision.value, "kind": kind})

    def _awaited(self, origin: str) -> bool:
        return self._open.pop(origin, 0.0) > time.monotonic()

    def _remember(self, origin: str, reply: Reply) -> None:
        if reply.listen:
            self._open[origin] = time.monotonic() + _ANSWER_S
            self._open.move_to_end(origin)
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)


def _ours(routing: Routing) -> bool:
    """Whether edge itself answers what the client can't be told: it knows the devices, or needs none."""
    match routing.decision:
        case Decision.ACT | Decision.QUERY:
            return all(call.targets or not for_devices(call) for call in routing.calls)
        case Decision.CLARIFY:
            return bool(routing.candidates) or all(call.targets for call in routing.calls)
        case _:
            return False


def _went_well(reply: Reply) -> bool:
    if reply.decision is Decision.IGNORE:
        return False
    return not reply.outcomes or any(one.went_well for one in reply.outcomes)


def _knows_several(version: str | None) -> bool:
    parts = (version or "").split(".")[:2]
    return len(parts) == 2 and all(part.isdecimal() for part in parts) and tuple(map(int, parts)) >= _SEVERAL
