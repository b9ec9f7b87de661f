"""Hands what is not for a device to the language model, does what it calls for, streams its answer, keeps the turns."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from edge.assistant.dialogue import Dialogue
from edge.assistant.model import OnText, ReplySource, Source, Utterance
from edge.assistant.ports import ChatModel, ChatTurn
from edge.assistant.toolwork import ToolWork, Work
from edge.assistant.turn import Turn
from edge.errors import EdgeError
from edge.llm.errors import LlmBusy
from edge.llm.gate import Priority
from edge.llm.tools import Toolbox, ToolCalls
from edge.router.model import Decision
from edge.schedule.clock import Clock

log = logging.getLogger(__name__)

MOST_ROUNDS: Final = 4
"""How often one question may lead to calls; after that it is answered in words."""


@dataclass(slots=True)
class _Talk:
    """One answer while it comes: what is said so far, and the turns that calls and their results made."""

    utterance: Utterance
    dialogue: Dialogue
    on_text: OnText | None
    turns: list[ChatTurn]
    work: Work = field(default_factory=Work)
    said: str = ""
    answer: str = ""
    """What was said since the last result."""

    async def say(self, piece: str) -> None:
        self.said += piece
        self.answer += piece
        if self.on_text is not None:
            await self.on_text(piece)

    async def add(self, sentence: str) -> None:
        """Say a whole sentence after what was said."""
        if sentence:
            await self.say(f" {sentence}" if self.said and not self.said[-1].isspace() else sentence)


class Talker:
    """One language model for all rooms."""

    def __init__(self, model: ChatModel, clock: Clock, tools: ToolWork | None) -> None:
        """Without `tools` the model talks and does nothing."""
        self._model = model
        self._clock = clock
        self._tools = tools
        self.told: Callable[[str], Awaitable[str]] | None = None
        """What people here once said of what a text is about; empty where nobody did."""

    async def answer(self, utterance: Utterance, dialogue: Dialogue, on_text: OnText | None) -> Turn:
        """The whole answer, which `on_text` got piece by piece; why there is none, where the model can't.

        An answer that somebody stops ends where it was. What was to be confirmed ends it with the question.
        """
        unavailable = self._model.unavailable
        if unavailable is not None:
            if on_text is not None:
                await on_text(unavailable)
            return Turn(Decision.CHAT, unavailable, source=ReplySource.LLM, streamed=on_text is not None)
        told = await self.told(utterance.text) if self.told is not None else ""
        asked = f"{told}\n{utterance.text}" if told else utterance.text
        turns = list(dialogue.chat(asked, self._clock.boot_s()))
        talk = _Talk(utterance, dialogue, on_text, turns)
        known = len(turns)
        failed = await self._finished(talk)
        told = talk.work.told if failed and not talk.answer else ""
        await talk.add(told or failed)
        kept = talk.answer.removesuffix(failed).strip()
        dialogue.chat_answered(kept, self._clock.boot_s(), talk.turns[known:])
        work = talk.work
        return Turn(
            Decision.CHAT,
            talk.said,
            tuple(work.calls),
            ReplySource.LLM,
            tuple(work.performed),
            listen=work.listen,
            streamed=on_text is not None,
            asked=bool(work.asked),
        )

    async def prepare(self) -> None:
        """Have the model read what every chat begins with."""
        await self._model.prepare(self._toolbox)

    @property
    def _toolbox(self) -> Toolbox | None:
        return self._tools.toolbox if self._tools else None

    async def _finished(self, talk: _Talk) -> str:
        """Talk in a task of its own, so that it can be stopped; why it ended early, as a sentence."""
        task = asyncio.create_task(self._talk(talk), name="assistant.chat")
        talk.dialogue.talking = task
        try:
            await asyncio.wait((task,))
        finally:
            if talk.dialogue.talking is task:
                talk.dialogue.talking = None
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))
            if task.done() and not task.cancelled():
                task.exception()  # whoever has left need not be told
        error = None if task.cancelled() else task.exception()
        if error is None:
            return ""
        if not isinstance(error, EdgeError):
            raise error
        log.warning("assistant.chat_failed", extra={"error": str(error)})
        if isinstance(error, LlmBusy):
            return "I am busy with other questions: ask me again in a moment."
        return "I could not finish that: the language model stopped."

    async def _talk(self, talk: _Talk) -> None:
        """Rounds of words and calls, until there are words alone. Raises `LlmError`."""
        for rounds in range(MOST_ROUNDS + 1):
            called = await self._round(talk, may_call=rounds < MOST_ROUNDS)
            if called is None or self._tools is None:
                return
            results = await self._tools.do(called.calls, talk.utterance, talk.dialogue, talk.work)
            talk.turns += [ChatTurn("assistant", called.text), ChatTurn("tool", results)]
            talk.answer = ""
            if talk.work.asked:
                await talk.add(talk.work.asked)
                return

    async def _round(self, talk: _Talk, *, may_call: bool) -> ToolCalls | None:
        """One answer of the model's; the calls it ends in, or None."""
        called: ToolCalls | None = None
        apart = bool(talk.said)
        aloud = talk.utterance.source is Source.VOICE or talk.utterance.speak
        answered = self._model.answer(
            tuple(talk.turns),
            priority=Priority.VOICE if aloud else Priority.NORMAL,
            toolbox=self._toolbox,
            may_call=may_call,
        )
        async with aclosing(answered) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                if isinstance(piece, ToolCalls):
                    called = piece
                elif apart:
                    await talk.add(piece.lstrip())
                    apart = not piece.strip()
                else:
                    await talk.say(piece)
        return called
