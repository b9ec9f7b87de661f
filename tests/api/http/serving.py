"""A real server on a free port, with a model and an assistant behind it that follow a script."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from edge.api.http.desk import Desk, Piece
from edge.api.http.names import Names
from edge.api.http.routes import Route
from edge.api.http.server import HttpServer, Listening
from edge.api.http.shop import Shop, Usual
from edge.api.http.table import table
from edge.api.http.tokens import Tokens
from edge.assistant.model import OnText, Reply, ReplySource, Utterance
from edge.llm import Figures, State
from edge.llm.order import Order
from edge.llm.tools import ToolCalls
from edge.llm.wire import Done, Reason
from edge.models import ModelStore
from edge.router.model import Decision
from tests.gguf_maker import make

FIGURES = Figures(State.READY, "tiny", None, 2048, 1, 0.1, 1, 1, "watched", 1.0, 1.0, 0, 0, 0, 0, True, "")
DONE = Done(1, Reason.STOP, prompt_tokens=7, reused_tokens=3, prompt_s=0.01, tokens=3, tokens_s=0.02)


@dataclass
class ScriptedModel:
    """Says what it is told to; `hold` keeps it from saying more after the first piece."""

    script: list[Piece] = field(default_factory=lambda: ["Hel", "lo", "."])
    done: Done = DONE
    error: Exception | None = None
    hold: asyncio.Event | None = None
    figures: Figures = FIGURES
    orders: list[Order] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    unavailable = None
    state = State.READY

    async def complete(self, order: Order) -> AsyncGenerator[Piece, None]:
        self.orders.append(order)
        self.begun.set()
        try:
            if self.error is not None:
                raise self.error
            for piece in self.script:
                yield piece
                if self.hold is not None:
                    await self.hold.wait()
            yield self.done
        finally:
            self.ended.set()

    def calls(self, *calls: Any) -> None:
        self.script = [ToolCalls(tuple(calls), "written")]


@dataclass
class ScriptedAssistant:
    """Remembers what it was asked, and answers the same."""

    says: str = "The lamp is on."
    asked: list[Utterance] = field(default_factory=list)

    async def ask(self, utterance: Utterance, on_text: OnText | None = None) -> Reply:
        self.asked.append(utterance)
        if on_text is not None:
            await on_text(self.says)
        return Reply(utterance.id, self.says, Decision.ACT, source=ReplySource.ROUTER, ms=1.5)


@dataclass
class Client:
    """Asks the server."""

    base: str
    session: aiohttp.ClientSession
    server: HttpServer
    shop: Shop
    tokens: Tokens

    async def get(self, path: str, **headers: str) -> tuple[int, Any, dict[str, str]]:
        async with self.session.get(self.base + path, headers=_plain(headers)) as response:
            return response.status, await _content(response), dict(response.headers)

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any, dict[str, str]]:
        given = {"data": body} if isinstance(body, bytes | aiohttp.FormData) else {"json": body}
        async with self.session.post(self.base + path, headers=_plain(headers), **given) as response:
            return response.status, await _content(response), dict(response.headers)


def _plain(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


async def _content(response: aiohttp.ClientResponse) -> Any:
    return await (response.json() if response.content_type == "application/json" else response.text())


async def until(condition: Callable[[], object]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(
    directory: Path,
    model: ScriptedModel | None = None,
    assistant: ScriptedAssistant | None = None,
    *,
    most_waiting: int = 16,
    aliases: dict[str, str] | None = None,
    listening: Listening | None = None,
    **parts: Any,
) -> AsyncIterator[Client]:
    """A server on a free port, and somebody who asks it; `tiny` is installed and in use."""
    store = ModelStore(directory / "models")
    await asyncio.to_thread(lambda: store.add(make(directory / "tiny.gguf")))
    scripted: Any = model or ScriptedModel()
    names = Names(scripted, store, None, aliases or {}, may_switch=False)
    desk = Desk(scripted, assistant or ScriptedAssistant(), most_waiting)
    shop = Shop(model=scripted, names=names, desk=desk, usual=Usual(), **parts)
    where = replace(listening or Listening(), ports=(0,))
    tokens = Tokens.in_state(directory)

    async def routes() -> Sequence[Route]:
        return table(shop, where.most_bytes, "0")

    async with HttpServer(where, routes, tokens) as server:
        if not where.on_network or await asyncio.to_thread(tokens.all):
            await until(lambda: server.ports)
        scheme = "https" if where.certificate else "http"
        base = f"{scheme}://127.0.0.1:{(server.ports or [1])[0]}"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
            yield Client(base, session, server, shop, tokens)
