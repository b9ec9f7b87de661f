"""A real server with a page that has one view, and somebody who asks it as a browser would."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import BaseModel

from edge.api.http.errors import Style
from edge.api.http.handling import MakeHandler
from edge.api.http.page.front import Front
from edge.api.http.page.guard import Guard
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.page.sessions import Sessions, Tries
from edge.api.http.page.shell import Shell
from edge.api.http.routes import Call, Route, given
from edge.api.http.server import HttpServer, Listening
from edge.api.http.tokens import PASSWORD, Tokens
from tests.api.http.serving import until

SECRET = "correct-horse-battery-staple"  # noqa: S105 (of tests)


class Note(BaseModel):
    text: str


@dataclass
class Clock:
    """Goes only when it is told to."""

    now_s: float = field(default_factory=time.monotonic)

    def __call__(self) -> float:
        return self.now_s


@dataclass
class View:
    """Remembers what it is told, and tells what it is given."""

    notes: list[str] = field(default_factory=list)
    callers: list[tuple[str, bool]] = field(default_factory=list)
    publish: Publish | None = None
    begun: int = 0

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/page/notes", Style.EDGE, "Notes", self._read),
            Route("POST", "/page/notes", Style.EDGE, "Note", self._write, Note),
        )

    def begin(self, publish: Publish) -> Callable[[], None]:
        self.publish, self.begun = publish, self.begun + 1
        return lambda: setattr(self, "publish", None)

    async def _read(self, call: Call) -> web.StreamResponse:
        self.callers.append((call.caller.name, call.caller.authenticated))
        return given(call, {"notes": self.notes})

    async def _write(self, call: Call) -> web.StreamResponse:
        self.notes.append(call.body.text)
        return given(call, {})


@dataclass
class Browser:
    """Asks, with the headers a browser sends and the cookies it was given."""

    base: str
    session: aiohttp.ClientSession
    view: View
    hub: Hub
    clock: Clock
    tokens: Tokens

    @property
    def host(self) -> str:
        return self.base.removeprefix("http://")

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if method == "POST":
            sent = {"Origin": self.base, "Sec-Fetch-Site": "same-origin"} | sent
        sent = {name: value for name, value in sent.items() if value}
        content = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        async with self.session.request(method, self.base + path, headers=sent, **content) as answer:
            json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if json else answer.read()), answer

    async def log_in(self, password: str = SECRET, **headers: str) -> tuple[int, Any, Any]:
        return await self.ask("POST", "/page/log-in", {"password": password}, **headers)


@asynccontextmanager
async def opened(
    directory: Path, *, password: str | None = None, listening: Listening | None = None, hosts: tuple[str, ...] = ()
) -> AsyncIterator[Browser]:
    """The page on a free port; `password`: the one there is."""
    tokens, clock, view, hub = Tokens.in_state(directory), Clock(), View(), Hub()
    if password is not None:
        await asyncio.to_thread(tokens.put, PASSWORD, password)
    where = replace(listening or Listening(), ports=(0,))

    def make(handler: MakeHandler) -> Shell:
        hub.offer("notes", view.begin)
        guard = Guard(
            tokens,
            Sessions(clock),
            Tries(clock),
            needs_password=where.on_network or where.require_token,
            names=("board",),
            hosts=hosts,
        )
        return Shell(guard, hub, view.routes, handler, https=False)

    async def routes() -> Sequence[Route]:
        return ()

    async with HttpServer(where, routes, tokens, Front(make)) as server:
        await until(lambda: server.ports)
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Browser(f"http://127.0.0.1:{server.ports[0]}", session, view, hub, clock, tokens)
