"""Hands what is not for a device to the language model, streams its answer and keeps the turns."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing

from edge.assistant.dialogue import Dialogue
from edge.assistant.model import OnText
from edge.assistant.ports import ChatModel, ChatTurn
from edge.errors import EdgeError
from edge.schedule.clock import Clock

log = logging.getLogger(__name__)


class Talker:
    """One language model for all rooms."""

    def __init__(self, model: ChatModel, clock: Clock) -> None:
        self._model = model
        self._clock = clock

    async def answer(self, text: str, dialogue: Dialogue, on_text: OnText | None) -> str:
        """The whole answer, which `on_text` got piece by piece; why there is none, where the model can't.

        An answer that somebody stops ends where it was.
        """
        unavailable = self._model.unavailable
        if unavailable is not None:
            if on_text is not None:
                await on_text(unavailable)
            return unavailable
        turns = dialogue.chat(text, self._clock.boot_s())
        pieces: list[str] = []
        failed = await self._stream(turns, dialogue, pieces, on_text)
        said = "".join(pieces)
        dialogue.chat_answered(said.strip(), self._clock.boot_s())
        if failed:
            failed = f" {failed}" if said else failed
            if on_text is not None:
                await on_text(failed)
        return said + failed

    async def _stream(
        self, turns: Sequence[ChatTurn], dialogue: Dialogue, pieces: list[str], on_text: OnText | None
    ) -> str:
        async def take() -> None:
            async with aclosing(self._model.answer(turns)) as answered:  # type: ignore[type-var]
                async for piece in answered:
                    pieces.append(piece)
                    if on_text is not None:
                        await on_text(piece)

        task = asyncio.create_task(take(), name="assistant.chat")
        dialogue.talking = task
        try:
            await asyncio.wait((task,))
        finally:
            if dialogue.talking is task:
                dialogue.talking = None
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))
        error = None if task.cancelled() else task.exception()
        if error is None:
            return ""
        if not isinstance(error, EdgeError):
            raise error
        log.warning("assistant.chat_failed", extra={"error": str(error)})
        return "I could not finish that: the language model stopped."
