"""The application: every request is let in or not, read, answered, and whatever goes wrong told in its own format."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web

from edge.api.http.access import Asked, Caller, Door
from edge.api.http.errors import HttpError, Style, from_edge, told
from edge.api.http.routes import Bodies, Call, Route, dumps, failed, parsed, read_body, sent
from edge.api.http.tokens import LOCAL
from edge.errors import EdgeError
from edge.log import RateLimited

log = logging.getLogger(__name__)

KEYED: Final = "/token/{key}"
"""What a path may begin with, for clients that can send no header: the token."""

PASSED_ON: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
"""Headers with which a proxy says that a request is somebody else's."""
ALL_BODIES: Final = 25
"""How many times the largest request all of them together may be."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(
    routes: Sequence[Route], door: Door, most_bytes: int, served: Callable[[web.Request], None]
) -> web.Application:
    """The application of a table of routes; `served` is told of each request that has come in."""
    limited = RateLimited(log)
    bodies = Bodies(ALL_BODIES * most_bytes)

    @web.middleware
    async def whole(request: web.Request, handler: Handler) -> web.StreamResponse:
        served(request)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = _refused(request, error)
        return await sent(request, response)

    app = web.Application(middlewares=[whole], client_max_size=0)
    for route in routes:
        handle = _handler(route, door, most_bytes, bodies, limited)
        for path in (route.path, KEYED + ("" if route.path == "/" else route.path)):
            app.router.add_route(route.method, path, handle)
    return app


def _handler(route: Route, door: Door, most_bytes: int, bodies: Bodies, limited: RateLimited) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            caller = await _admitted(request, route, door)
            with bodies.holding() as held:
                call = Call(request, route, caller, held)
                if route.takes is not None:
                    data = await read_body(request, route.most_bytes or most_bytes, held)
                    call.body = parsed(data, route.takes)
                return await route.handle(call)
        except EdgeError as error:
            http = from_edge(error)
            if http.status in (401, 403):
                who = str(request.remote)
                limited.warning("http.refused", who, {"path": route.path, "status": http.status, "why": str(http)})
            return failed(http, route.style)
        except ConnectionError:
            raise asyncio.CancelledError from None  # the client has gone: nobody is to be told
        except Exception:
            log.exception("http.fault", extra={"path": route.path})
            fault = HttpError(500, "there is a fault in the service: its log says more", code="internal")
            return failed(fault, route.style)

    return handle


async def _admitted(request: web.Request, route: Route, door: Door) -> Caller:
    """Who asks. Raises `HttpError`."""
    key = request.match_info.get("key")
    if route.open and key is None:
        return Caller(LOCAL, authenticated=False)
    headers = request.headers
    asked = Asked(
        headers.get("Host"),
        headers.get("Origin"),
        headers.get("Authorization"),
        key,
        headers.get("Sec-Fetch-Site"),
        passed_on=any(header in headers for header in PASSED_ON),
    )
    return await asyncio.to_thread(door.admit, asked)


def _refused(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """What the library answers by itself, in the format of the interface that was meant."""
    style = Style.OPENAI if "/v1/" in request.path else Style.EDGE
    if error.status == 404:
        where = "" if request.path.startswith("/token/") else f" {request.path[:100]}"
        message = f"there is no {request.method}{where} here: GET /openapi.json says what there is"
    else:
        message = error.reason
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return web.json_response(
        told(HttpError(error.status, message), style), status=error.status, headers=headers, dumps=dumps
    )
