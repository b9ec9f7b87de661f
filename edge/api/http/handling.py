"""How the request of a route is answered: let in or not, read, handled, and whatever goes wrong told in its format."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from edge.api.http.access import Caller
from edge.api.http.errors import HttpError, from_edge
from edge.api.http.routes import Bodies, Call, Route, failed, parsed, read_body
from edge.errors import EdgeError
from edge.log import RateLimited

log = logging.getLogger(__name__)

PASSED_ON: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
"""Headers with which a proxy says that a request is somebody else's."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Admit = Callable[[web.Request, Route], Awaitable[Caller]]
"""Says who asks, or raises `EdgeError`."""
MakeHandler = Callable[[Route, Admit], Handler]

_limited: Final = RateLimited(log)


def handler_of(route: Route, admit: Admit, most_bytes: int, bodies: Bodies) -> Handler:
    """What answers a route's requests; `most_bytes` is what one may have where the route says nothing else."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            caller = await admit(request, route)
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
                _limited.warning("http.refused", who, {"path": route.path, "status": http.status, "why": str(http)})
            return failed(http, route.style)
        except ConnectionError:
            raise asyncio.CancelledError from None  # the client has gone: nobody is to be told
        except Exception:
            log.exception("http.fault", extra={"path": route.path})
            fault = HttpError(500, "there is a fault in the service: its log says more", code="internal")
            return failed(fault, route.style)

    return handle


def was_passed_on(request: web.Request) -> bool:
    """Whether a proxy says that it is somebody else's."""
    return any(header in request.headers for header in PASSED_ON)
