"""The one path: every utterance, from whatever source, becomes one reply here."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from edge.assistant import wording
from edge.assistant.answers import Candidate, pick
from edge.assistant.confirmation import Confirmation, Doorkeeper, Verdict
from edge.assistant.dialogue import CLARIFY_S, Choosing, Confirming, Dialogue, Dialogues
from edge.assistant.hands import Hands
from edge.assistant.model import OnText, Performed, Reply, ReplySource, Utterance
from edge.assistant.naming import names
from edge.assistant.phrases import joined, sentence
from edge.assistant.ports import Actuator, ChatModel
from edge.assistant.questions import ANSWERED, answer
from edge.devices.commands import moves_devices
from edge.devices.critical import is_critical
from edge.devices.model import ServiceCall
from edge.devices.registry import Registry
from edge.devices.undo import restore
from edge.errors import EdgeError
from edge.router.model import Call, Decision, Routing
from edge.schedule.clock import Clock

log = logging.getLogger(__name__)

Route = Callable[[str, str | None], Routing]
"""The router: a text and the id of the speaker's area to what is to be done."""

_LONGEST: Final = 2000
"""Characters of an utterance that are taken; more is a document, not a request."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one utterance came to, before it is a `Reply`."""

    decision: Decision
    text: str
    calls: tuple[Call, ...] = ()
    source: ReplySource = ReplySource.ROUTER
    performed: tuple[Performed, ...] = ()
    listen: bool = False
    streamed: bool = False


class Assistant:
    """Routes utterances, carries their calls out and words the replies.

    `route` is called on the event loop itself: it reads the registry, which belongs to the loop, and takes a
    millisecond or two; a thread would add a hop and a race for nothing. Nothing is carried out unless the decision is
    `act`, or a question of the assistant's own was answered.
    """

    def __init__(
        self,
        *,
        route: Route,
        registry: Registry,
        actuator: Actuator,
        chat: ChatModel,
        clock: Clock,
        confirmation: Confirmation | None = None,
    ) -> None:
        self._route = route
        self._registry = registry
        self._hands = Hands(registry, actuator)
        self._chat_model = chat
        self._clock = clock
        self._confirmation = confirmation or Confirmation()
        self._doorkeeper = Doorkeeper(self._confirmation)
        self._dialogues = Dialogues()

    async def ask(self, utterance: Utterance, on_text: OnText | None = None) -> Reply:
        """Answer one utterance; `on_text` gets the reply's text as it comes. Raises nothing but cancellation."""
        started = time.perf_counter()
        dialogue = self._dialogues.of(utterance)
        text = " ".join(utterance.text.split())
        if not text:
            turn = _Turn(Decision.IGNORE, "")
        elif len(text) > _LONGEST:
            turn = _Turn(Decision.IGNORE, f"That was too long for me: I take up to {_LONGEST} characters.")
        else:
            turn = await self._answer(replace(utterance, text=text), dialogue, on_text)
        if on_text is not None and turn.text and not turn.streamed:
            await on_text(turn.text)
        if turn.text and not any(call.function == "assistant.repeat" for call in turn.calls):
            dialogue.last_reply = turn.text
        ms = (time.perf_counter() - started) * 1000
        log.info(
            "assistant.answered",
            extra={
                "id": utterance.id,
                "source": utterance.source.value,
                "decision": turn.decision.value,
                "functions": [call.function for call in turn.calls],
                "ms": round(ms, 1),
            },
        )
        return Reply(utterance.id, turn.text, turn.decision, turn.calls, turn.source, ms, turn.performed, turn.listen)

    async def _answer(self, utterance: Utterance, dialogue: Dialogue, on_text: OnText | None) -> _Turn:
        pending = dialogue.take_pending()
        if pending is not None:
            turn = await self._follow_up(pending, utterance, dialogue)
            if turn is not None:
                return turn
        try:
            routing = self._route(utterance.text, utterance.area)
        except EdgeError as error:
            log.error("assistant.route_failed", extra={"id": utterance.id, "error": str(error)})  # noqa: TRY400
            return _Turn(Decision.IGNORE, f"I can't understand anything now: {error}")
        return await self._follow(routing, utterance, dialogue, on_text)

    async def _follow(
        self, routing: Routing, utterance: Utterance, dialogue: Dialogue, on_text: OnText | None
    ) -> _Turn:
        match routing.decision:
            case Decision.ACT:
                return await self._act(routing.calls, utterance, dialogue)
            case Decision.QUERY:
                return self._query(routing.calls)
            case Decision.CLARIFY:
                return self._clarify(routing, dialogue)
            case Decision.CHAT:
                return await self._chat(utterance, dialogue, on_text)
            case Decision.IGNORE:
                return _Turn(Decision.IGNORE, "")

    # Acting --------------------------------------------------------------------------------------------------------

    async def _act(self, calls: tuple[Call, ...], utterance: Utterance, dialogue: Dialogue) -> _Turn:
        refusal = _refusal(calls)
        if refusal:
            return _Turn(Decision.ACT, refusal, calls)
        critical = tuple(call for call in calls if self._asks_first(call))
        now = [call for call in calls if call not in critical]
        turn = await self._carry_out(now, calls, dialogue)
        if not critical:
            return turn
        question = self._ask_to_confirm(critical, utterance, dialogue)
        marked = tuple(replace(call, confirm=True) if call in critical else call for call in calls)
        listen = dialogue.pending is not None
        return replace(turn, text=f"{turn.text} {question}".strip(), calls=marked, listen=listen)

    async def _carry_out(self, now: Sequence[Call], calls: tuple[Call, ...], dialogue: Dialogue) -> _Turn:
        performed, notes = await self._hands.carry_out([call for call in now if moves_devices(call.function)])
        if performed:
            dialogue.remember_done(performed, self._clock.boot_s())
        said = []
        source = ReplySource.ROUTER
        for call in now:
            if call.function in ANSWERED:
                said.append(answer(call, self._registry, self._clock))
            elif moves_devices(call.function):
                if not call.targets:
                    notes.append("I found nothing here that does that.")
            else:
                text, source = await self._own(call, dialogue)
                said.append(text)
        text = wording.report(performed, self._registry, list(dict.fromkeys(notes)))
        return _Turn(Decision.ACT, " ".join(part for part in (text, *said) if part), calls, source, tuple(performed))

    async def _own(self, call: Call, dialogue: Dialogue) -> tuple[str, ReplySource]:
        """What the assistant does itself, with no device."""
        match call.function:
            case "assistant.repeat":
                return dialogue.last_reply or "I have not said anything yet.", ReplySource.DIALOGUE
            case "assistant.nevermind":
                return "", ReplySource.DIALOGUE
            case "assistant.stop":
                if dialogue.talking is not None:
                    dialogue.talking.cancel()
                return "", ReplySource.DIALOGUE
            case "assistant.undo":
                return await self._undo(dialogue), ReplySource.DIALOGUE
            case _:
                return "I can't do that yet.", ReplySource.ROUTER

    async def _undo(self, dialogue: Dialogue) -> str:
        done = dialogue.take_done(self._clock.boot_s())
        if not done:
            return "There is nothing to undo."
        backwards: list[ServiceCall] = []
        kept: list[ServiceCall] = []
        for one in reversed(done):
            device = self._registry.devices.get(one.call.device)
            if device is None:
                continue
            for call in restore(device, one.before, self._registry.state(device.id)):
                (kept if is_critical(device, call) else backwards).append(call)
        performed = await self._hands.perform(backwards, "assistant.undo")
        notes = []
        if kept:
            devices = [self._registry.devices[call.device] for call in kept]
            notes.append(sentence(f"I left {names(devices, self._registry)} as it is: ask me for that yourself"))
        return wording.report(performed, self._registry, notes) or "There is nothing to undo."

    # Asking back ---------------------------------------------------------------------------------------------------

    def _asks_first(self, call: Call) -> bool:
        confirmation = self._confirmation
        if not moves_devices(call.function):
            return call.confirm
        if call.function in confirmation.also or confirmation.also.intersection(call.targets):
            return True
        if call.targets and confirmation.never.issuperset(call.targets):
            return False
        if call.confirm:
            return True
        return bool(set(self._hands.critical_targets(call)) - confirmation.never)

    def _ask_to_confirm(self, calls: tuple[Call, ...], utterance: Utterance, dialogue: Dialogue) -> str:
        what = joined([self._said(call) for call in calls])
        if self._doorkeeper.needs_pin(utterance) and self._confirmation.pin is None:
            return f"I may not {what} for {_SOURCES.get(utterance.source.value, 'you')} without a PIN, and none is set."
        question = f"Shall I {what}?"
        if self._doorkeeper.needs_pin(utterance):
            question = f"To {what}, tell me the PIN."
        expires = self._clock.boot_s() + self._confirmation.within_s
        dialogue.pending = Confirming(calls, question, expires)
        return question

    def _said(self, call: Call) -> str:
        """A call as an order, for a question: "unlock the front door"."""
        devices = [self._registry.devices[one] for one in call.targets if one in self._registry.devices]
        verb = _VERBS.get(call.function) or call.function.partition(".")[2].replace("_", " ")
        return f"{verb} {names(devices, self._registry)}" if devices else verb

    async def _follow_up(
        self, pending: Confirming | Choosing, utterance: Utterance, dialogue: Dialogue
    ) -> _Turn | None:
        """The turn where the utterance answers the open question; None where it is something else."""
        now_s = self._clock.boot_s()
        if isinstance(pending, Choosing):
            return await self._choose(pending, utterance, dialogue) if now_s <= pending.expires_s else None
        verdict = self._doorkeeper.judge(utterance, pending.question, now_s)
        if verdict is Verdict.OTHER:
            return None
        if now_s > pending.expires_s:
            return _dialogue_turn("That took too long, so I left it. Ask me again if you want it.")
        match verdict:
            case Verdict.YES:
                turn = await self._carry_out(pending.calls, pending.calls, dialogue)
                return replace(turn, source=ReplySource.DIALOGUE)
            case Verdict.NO:
                return _dialogue_turn("All right, I left it.")
            case Verdict.NEEDS_PIN:
                dialogue.pending = pending
                return replace(_dialogue_turn("I need the PIN for that."), listen=True)
            case Verdict.WRONG_PIN:
                return _dialogue_turn("That is not the PIN. I left it.")
            case _:
                return _dialogue_turn("I may not do that now.")

    def _clarify(self, routing: Routing, dialogue: Dialogue) -> _Turn:
        dialogue.pending = Choosing(routing, self._clock.boot_s() + CLARIFY_S)
        question = routing.question or "Which one do you mean?"
        return _Turn(Decision.CLARIFY, question, routing.calls, ReplySource.DIALOGUE, listen=True)

    async def _choose(self, pending: Choosing, utterance: Utterance, dialogue: Dialogue) -> _Turn | None:
        routing = pending.routing
        picked = pick(utterance.text, [self._candidate(one) for one in routing.candidates])
        if picked is None:
            return None
        if not picked.ids:
            return _dialogue_turn("All right, I left it.")
        if picked.again:
            narrowed = replace(routing, candidates=picked.ids, question=self._which(picked.ids))
            return self._clarify(narrowed, dialogue)
        calls = self._chosen(routing, picked.ids)
        if not calls:
            return _dialogue_turn("I'm sorry, I lost track of that. Please say it again in full.")
        if all(call.function in ANSWERED for call in calls):
            return replace(self._query(calls), source=ReplySource.DIALOGUE)
        return replace(await self._act(calls, utterance, dialogue), source=ReplySource.DIALOGUE)

    def _chosen(self, routing: Routing, ids: tuple[str, ...]) -> tuple[Call, ...]:
        """The calls that were held back, now with what was picked; a picked area is routed again as the speaker's."""
        devices = [one for one in ids if one in self._registry.devices]
        areas = [one for one in ids if one in self._registry.areas]
        if devices and routing.calls:
            name = self._registry.devices[devices[0]].name if len(devices) == 1 else None
            first = routing.calls[0]
            arguments = {**first.arguments, **({"name": name} if name else {})}
            return (replace(first, arguments=arguments, targets=tuple(devices)), *routing.calls[1:])
        calls: list[Call] = []
        for area in areas:
            again = self._route(routing.text, area)
            if again.decision not in (Decision.ACT, Decision.QUERY):
                return ()
            calls.extend(again.calls)
        return tuple(calls)

    def _candidate(self, one: str) -> Candidate:
        device = self._registry.devices.get(one)
        area = self._registry.areas.get((device.area or "") if device else one)
        spoken = [*((device.name, *device.aliases) if device else ()), *((area.name, *area.aliases) if area else ())]
        return Candidate(one, tuple(spoken))

    def _which(self, ids: tuple[str, ...]) -> str:
        devices = [self._registry.devices[one] for one in ids if one in self._registry.devices]
        return sentence(f"{names(devices, self._registry, 'or')}?") if devices else "Which one do you mean?"

    # Answering -----------------------------------------------------------------------------------------------------

    def _query(self, calls: tuple[Call, ...]) -> _Turn:
        said = [answer(call, self._registry, self._clock) for call in calls if call.function in ANSWERED]
        text = " ".join(said) or "I can't answer that yet."
        return _Turn(Decision.QUERY, text, calls, ReplySource.SENSORS)

    async def _chat(self, utterance: Utterance, dialogue: Dialogue, on_text: OnText | None) -> _Turn:
        unavailable = self._chat_model.unavailable
        if unavailable is not None:
            return _Turn(Decision.CHAT, unavailable, source=ReplySource.LLM)
        turns = dialogue.chat(utterance.text, self._clock.boot_s())
        pieces: list[str] = []

        async def stream() -> None:
            async with aclosing(self._chat_model.answer(turns)) as answered:  # type: ignore[type-var]
                async for piece in answered:
                    pieces.append(piece)
                    if on_text is not None:
                        await on_text(piece)

        failed = ""
        task = asyncio.create_task(stream(), name="assistant.chat")
        dialogue.talking = task
        try:
            await asyncio.wait((task,))
            if not task.cancelled() and (error := task.exception()) is not None:
                if not isinstance(error, EdgeError):
                    raise error
                log.warning("assistant.chat_failed", extra={"id": utterance.id, "error": str(error)})
                failed = "I could not finish that: the language model stopped."
        finally:
            dialogue.talking = None
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))
        text = "".join(pieces)
        dialogue.chat_answered(text.strip(), self._clock.boot_s())
        if failed:
            failed = f" {failed}" if text else failed
            if on_text is not None:
                await on_text(failed)
        return _Turn(Decision.CHAT, text + failed, source=ReplySource.LLM, streamed=on_text is not None)


def _dialogue_turn(text: str) -> _Turn:
    return _Turn(Decision.ACT, text, source=ReplySource.DIALOGUE)


def _refusal(calls: Sequence[Call]) -> str:
    """Why none of the calls is carried out: a part that is not understood makes the rest a guess."""
    if any(call.arguments.get("condition") for call in calls):
        return "I can't act on conditions yet, so I have done nothing."
    if any(call.arguments.get("repeat") for call in calls):
        return "I can't do things again and again yet, so I have done nothing."
    if any(call.arguments.get("sun") for call in calls):
        return "I don't know sunrise and sunset yet, so I have done nothing."
    if any(call.arguments.get(key) is not None for call in calls for key in ("after", "at", "duration")):
        return "I can't do things later yet, so I have done nothing."
    return ""


_SOURCES: Final = {"mqtt": "MQTT", "http": "the network", "home_assistant": "Home Assistant", "wyoming": "Wyoming"}
_VERBS: Final = {
    "lock.unlock": "unlock",
    "cover.open": "open",
    "cover.toggle": "move",
    "cover.set_position": "move",
    "valve.open": "open",
    "valve.set_position": "set",
    "alarm_control_panel.disarm": "disarm",
    "alarm_control_panel.arm": "arm",
}
