"""Our own interface: requests to the assistant, push-to-talk, whether the service lives, and the description."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field

from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.routes import JSON, Call, Route, given
from edge.api.http.shop import Shop
from edge.assistant.model import Reply

_OBJECT: Final = {"type": "object"}


class AskRequest(Body):
    """`POST /api/edge/ask`."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]
    area: Annotated[str, Field(max_length=200)] | None = None
    """The id or the name of the area that the person is in."""


class ListenRequest(Body):
    """`POST /api/edge/listen`."""

    action: Literal["start", "stop", "mute", "unmute"]


class Own:
    """Answers the routes that are our own."""

    def __init__(self, shop: Shop, described: Callable[[], Mapping[str, Any]], version: str) -> None:
        """`described`: the OpenAPI description."""
        self._shop = shop
        self._described = described
        self._version = version

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style, gives, fails = Style.EDGE, {JSON: _OBJECT}, (400,)
        return (
            Route("GET", "/healthz", style, "Whether it lives", self._health, gives=gives, open=True),
            Route("GET", "/openapi.json", style, "This description", self._describe, gives=gives),
            Route("POST", "/api/edge/ask", style, "Ask the assistant", self._ask, AskRequest, gives=gives, fails=fails),
            Route(
                "POST",
                "/api/edge/listen",
                style,
                "Push to talk",
                self._listen,
                ListenRequest,
                gives=gives,
                fails=(400,),
            ),
        )

    async def _health(self, call: Call) -> web.StreamResponse:
        return given(call, {"status": "ok", "version": self._version, "model": self._shop.model.figures.state.value})

    async def _describe(self, call: Call) -> web.StreamResponse:
        return given(call, self._described())

    async def _ask(self, call: Call) -> web.StreamResponse:
        request: AskRequest = call.body
        area = self._shop.area(request.area) if request.area else None
        if request.area and area is None:
            raise HttpError(400, f"area: there is no area called {request.area[:80]!r}", param="area")
        async for piece in self._shop.desk.ask(request.text, call.caller, area):
            if isinstance(piece, Reply):
                return given(call, piece.to_json())
        raise HttpError(503, "the assistant is ending", retry_s=10)

    async def _listen(self, call: Call) -> web.StreamResponse:
        request: ListenRequest = call.body
        if self._shop.room is None or not self._shop.room.listen(request.action):
            raise HttpError(503, "nothing is set up to hear here: see `edge doctor --audio`", retry_s=60)
        return given(call, {"done": request.action})
