"""The application: every request is let in or not, read, answered, and whatever goes wrong told in its own format."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from aiohttp import web

from edge.api.http.access import Asked, Caller, Door
from edge.api.http.errors import HttpError, Style, told
from edge.api.http.handling import Handler, handler_of, was_passed_on
from edge.api.http.page.front import HEADERS, Front
from edge.api.http.routes import Bodies, Route, dumps, sent
from edge.api.http.tokens import LOCAL

KEYED: Final = "/token/{key}"
"""What a path may begin with, for clients that can send no header: the token."""

ALL_BODIES: Final = 25
"""How many times the largest request all of them together may be."""

PAGE_BYTES: Final = 64 * 1024
"""Of a request to the page, where its route says nothing else."""


def application(
    routes: Sequence[Route],
    door: Door,
    most_bytes: int,
    served: Callable[[web.Request], None],
    page: Front | None = None,
) -> web.Application:
    """The application of a table of routes, and the page; `served` is told of each request that has come in."""
    bodies = Bodies(ALL_BODIES * most_bytes)
    for_route = partial(handler_of, most_bytes=most_bytes, bodies=bodies)
    for_page = partial(handler_of, most_bytes=PAGE_BYTES, bodies=bodies)
    admitted = partial(_admitted, door=door)

    @web.middleware
    async def whole(request: web.Request, handler: Handler) -> web.StreamResponse:
        served(request)
        try:
            if page is not None and page.claims(request):
                response = await page.answer(request, for_page)
            else:
                response = await handler(request)
        except web.HTTPException as error:
            response = _refused(request, error)
        try:
            return await sent(request, response)
        except ConnectionError:
            raise asyncio.CancelledError from None  # the client has gone: nobody is to be told

    async def dress(request: web.Request, response: web.StreamResponse) -> None:
        if page is not None and page.claims(request):
            response.headers.update(HEADERS)

    app = web.Application(middlewares=[whole], client_max_size=0)
    app.on_response_prepare.append(dress)
    for route in routes:
        handle = for_route(route, admitted)
        for path in (route.path, KEYED + ("" if route.path == "/" else route.path)):
            app.router.add_route(route.method, path, handle)
    return app


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
        passed_on=was_passed_on(request),
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
