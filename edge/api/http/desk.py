"""Has work done for clients: answers of the raw model in their turn, and requests to the assistant."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any, Final, Protocol, TypeVar

from edge.api.http.access import Caller
from edge.api.http.errors import HttpError
from edge.api.http.queue import FairQueue
from edge.assistant.model import OnText, Reply, Source, Utterance
from edge.llm.order import Order
from edge.llm.tools import ToolCalls
from edge.llm.wire import Done

log = logging.getLogger(__name__)

MOST_ASKS: Final = 64
"""Requests to the assistant at once: a lamp must not wait for those that are talked about with the model."""

Piece = str | ToolCalls | Done
_T = TypeVar("_T")


class Model(Protocol):
    """The language model, as far as this needs it."""

    def complete(self, order: Order) -> AsyncGenerator[Piece, None]:
        """See `edge.llm.LanguageModel.complete`."""
        ...


class Asks(Protocol):
    """The assistant, as far as this needs it."""

    async def ask(self, utterance: Utterance, on_text: OnText | None = None) -> Reply:
        """See `edge.assistant.assistant.Assistant.ask`."""
        ...


class Desk:
    """Takes orders. Closing what it returns, or cancelling, stops the work at once."""

    def __init__(self, model: Model, assistant: Asks, most_waiting: int) -> None:
        self.queue = FairQueue(most_waiting)
        self._model = model
        self._assistant = assistant
        self._asking = 0

    async def answer(self, order: Order, caller: Caller) -> AsyncGenerator[Piece, None]:
        """The answer to an order, at the model's own pace: a client who reads slowly keeps nobody waiting."""
        pieces: asyncio.Queue[Piece | None] = asyncio.Queue()

        async def work() -> None:
            async with self.queue.turn(caller.name), aclosing(self._model.complete(order)) as answer:
                async for piece in answer:
                    pieces.put_nowait(piece)

        async with aclosing(_following(work(), pieces)) as told:
            async for piece in told:
                yield piece

    async def ask(self, text: str, caller: Caller, area: str | None = None) -> AsyncGenerator[str | Reply, None]:
        """The assistant's reply, piece by piece, and then as a whole. Raises `HttpError` (503) where too many ask."""
        if self._asking >= MOST_ASKS:
            raise HttpError(503, f"{MOST_ASKS} requests are being answered: ask again later", code="busy", retry_s=2)
        pieces: asyncio.Queue[str | Reply | None] = asyncio.Queue()
        utterance = Utterance(text, Source.HTTP, area=area, origin=caller.name, authenticated=caller.authenticated)

        async def on_text(piece: str) -> None:
            pieces.put_nowait(piece)

        async def work() -> None:
            pieces.put_nowait(await self._assistant.ask(utterance, on_text))

        self._asking += 1
        try:
            async with aclosing(_following(work(), pieces)) as told:
                async for piece in told:
                    yield piece
        finally:
            self._asking -= 1


async def _following(work: Coroutine[Any, Any, None], pieces: "asyncio.Queue[_T | None]") -> AsyncGenerator[_T, None]:
    """What some work puts into a queue, until it ends; closing this cancels it. Raises what it raises."""
    task = asyncio.create_task(work, name="http.work")

    def ended(task: asyncio.Task[None]) -> None:
        pieces.put_nowait(None)
        if not task.cancelled():
            task.exception()  # whoever does not wait any longer need not be told

    task.add_done_callback(ended)
    try:
        while (piece := await pieces.get()) is not None:
            yield piece
        await task
    finally:
        task.cancel()
        await asyncio.wait((task,))
