"""The shell of the page: its files, logging in and out, what is told while it happens, and the routes of its views."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from edge.api.http.access import Caller
from edge.api.http.errors import HttpError, Style
from edge.api.http.handling import Handler, MakeHandler, was_passed_on
from edge.api.http.page.guard import Guard, Visit
from edge.api.http.page.hub import Hub
from edge.api.http.page.sessions import LONGEST_S
from edge.api.http.page.static import FIRST, Assets
from edge.api.http.routes import SSE, Call, Route, given, streamed

COOKIE: Final = "edge_session"


class LogIn(BaseModel):
    """`POST /page/log-in`."""

    model_config = ConfigDict(extra="forbid")
    password: Annotated[str, Field(min_length=1, max_length=300)]


class Shell:
    """Answers everything under `/page/`, and `/` for browsers."""

    def __init__(
        self, guard: Guard, hub: Hub, views: Callable[[], tuple[Route, ...]], handler: MakeHandler, *, https: bool
    ) -> None:
        """`views`: gives the routes of all views, each of a fixed path under `/page/`; called in a thread, once.

        May block.
        """
        self._guard = guard
        self._hub = hub
        self._https = https
        self._assets = Assets()
        own = (
            Route("GET", "/page/session", Style.EDGE, "Whether to log in", self._state, open=True),
            Route("POST", "/page/log-in", Style.EDGE, "Log in", self._log_in, LogIn, open=True),
            Route("POST", "/page/log-out", Style.EDGE, "Log out", self._log_out, open=True),
        )
        self._views = views
        self._making = asyncio.Lock()
        self._handler = handler
        self._own: dict[tuple[str, str], Handler] = {
            (route.method, route.path): handler(route, self._admit) for route in own
        }
        self._handlers: dict[tuple[str, str], Handler] | None = None
        self._file = handler(Route("GET", "/page/", Style.EDGE, "A file", self._asset, open=True), self._glance)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The answer. What views are made of is imported once something of theirs is asked for."""
        asked = request.method, request.path
        handle = self._own.get(asked)
        if handle is None and request.method in ("GET", "HEAD") and self._named(request) in self._assets:
            handle = self._file
        if handle is None:
            handle = (await self._of_views()).get(asked, self._nothing)
        return await handle(request)

    async def _of_views(self) -> dict[tuple[str, str], Handler]:
        async with self._making:
            if self._handlers is None:
                events = Route("GET", "/page/events", Style.EDGE, "What happens", self._events)
                routes = (events, *await asyncio.to_thread(self._views))
                self._handlers = {(route.method, route.path): self._handler(route, self._admit) for route in routes}
        return self._handlers

    def _named(self, request: web.Request) -> str:
        """The name of the file that is asked for."""
        return FIRST if request.path == "/" else request.path.removeprefix("/page/")

    def close(self) -> None:
        """Hang up on all who watch."""
        self._hub.close()

    # Who is let in -------------------------------------------------------------------------------------------------

    async def _admit(self, request: web.Request, route: Route) -> Caller:
        if route.open:
            return await self._glance(request, route)
        return await asyncio.to_thread(self._guard.admit, _visit(request))

    async def _glance(self, request: web.Request, route: Route) -> Caller:
        """For what says nothing of the house."""
        await asyncio.to_thread(self._guard.check, _visit(request), is_file=route.path == "/page/")
        return Caller("", authenticated=False)

    async def _nothing(self, request: web.Request) -> web.StreamResponse:  # noqa: ARG002 (every handler takes one)
        return web.json_response({"error": "there is nothing like that here"}, status=404)

    # Routes of its own ---------------------------------------------------------------------------------------------

    async def _asset(self, call: Call) -> web.StreamResponse:
        return self._assets.answer(call.request, self._named(call.request))

    async def _state(self, call: Call) -> web.StreamResponse:
        return given(call, await asyncio.to_thread(self._guard.state, _visit(call.request)))

    async def _log_in(self, call: Call) -> web.StreamResponse:
        body: LogIn = call.body
        secret = await asyncio.to_thread(self._guard.log_in, _visit(call.request), body.password)
        response = given(call, {"open": True})
        response.set_cookie(
            COOKIE, secret, max_age=int(LONGEST_S), path="/", httponly=True, samesite="Strict", secure=self._https
        )
        return response

    async def _log_out(self, call: Call) -> web.StreamResponse:
        await asyncio.to_thread(self._guard.log_out, _visit(call.request))
        response = given(call, {"open": False})
        response.del_cookie(COOKIE, path="/")
        return response

    async def _events(self, call: Call) -> web.StreamResponse:
        visit = _visit(call.request)

        async def still() -> None:
            await asyncio.to_thread(self._guard.admit, visit)

        topics = [topic for topic in call.request.query.get("topics", "").split(",") if topic]
        return await streamed(call, self._hub.follow(topics, still), SSE, _gone)


def _gone(error: HttpError) -> bytes:
    """The last event of a stream that ends for a reason."""
    return f"event: over\ndata: {error.status}\n\n".encode()


def _visit(request: web.Request) -> Visit:
    headers = request.headers
    return Visit(
        request.method,
        str(request.remote or ""),
        headers.get("Host"),
        headers.get("Origin"),
        headers.get("Sec-Fetch-Site"),
        request.cookies.get(COOKIE),
        passed_on=was_passed_on(request),
    )
