"""The view *Now*: what is asked, wherever, and what becomes of it; and a way to ask."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from edge.api.http.desk import Desk
from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.routes import NDJSON, Call, Route, dumps, given, streamed
from edge.assistant.model import Reply, Utterance

if TYPE_CHECKING:
    from edge.service.service import Service

KEPT: Final = 30
"""Requests that a page which is opened later is shown."""
MOST_CHARACTERS: Final = 2000


class Ask(Body):
    """`POST /page/now/ask`."""

    text: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]
    area: Annotated[str, Field(max_length=200)] | None = None
    """An area's id."""


class Now:
    """Answers for the view."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._desk = Desk(service.model, service.assistant, service.loaded.settings.http.most_waiting)
        self._recent: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        return (
            Route("GET", "/page/now", Style.EDGE, "The state of the room, and what was asked lately", self._state),
            Route("POST", "/page/now/ask", Style.EDGE, "Ask the assistant", self._ask, Ask),
        )

    def begin(self, publish: Publish) -> Callable[[], None]:
        """Tell of requests and of the room while somebody watches."""

        def asked(utterance: Utterance, reply: Reply) -> None:
            told = _told(utterance, reply)
            self._recent.append(told)
            publish({"request": told})

        def observed() -> None:
            publish({"room": self._room()})

        ends = (self._service.assistant.watch(asked), self._service.voice.observe(observed))

        def end() -> None:
            for one in ends:
                one()

        return end

    def _room(self) -> Mapping[str, Any]:
        voice = self._service.voice
        return {"state": voice.state, "trouble": voice.trouble}

    async def _state(self, call: Call) -> web.StreamResponse:
        areas = [{"id": area.id, "name": area.name} for area in self._service.registry.areas.values()]
        return given(call, {"room": self._room(), "areas": areas, "requests": list(self._recent)})

    async def _ask(self, call: Call) -> web.StreamResponse:
        request: Ask = call.body
        if request.area is not None and request.area not in self._service.registry.areas:
            raise HttpError(400, "area: there is none with that id", param="area")
        return await streamed(call, self._answer(request, call), NDJSON, _failed)

    async def _answer(self, request: Ask, call: Call) -> AsyncGenerator[bytes, None]:
        async for piece in self._desk.ask(request.text, call.caller, request.area):
            if isinstance(piece, Reply):
                yield _line({"reply": piece.to_json() | {"listen": piece.listen}})
            else:
                yield _line({"text": piece})


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    now = Now(service)
    hub.offer("now", now.begin)
    return now.routes()


def _told(utterance: Utterance, reply: Reply) -> dict[str, Any]:
    """One request as the view shows it."""
    return {
        "id": reply.id,
        "text": reply.request,
        "source": utterance.source.value,
        "origin": utterance.origin,
        "area": utterance.area,
        "reply": reply.text if reply.shown is None else reply.shown,
        "decision": reply.decision.value,
        "by": reply.source.value,
        "calls": [call.to_json() for call in reply.calls],
        "ms": round(reply.ms, 1),
    }


def _line(document: Mapping[str, Any]) -> bytes:
    return dumps(document).encode() + b"\n"


def _failed(error: HttpError) -> bytes:
    return _line({"error": str(error)})
