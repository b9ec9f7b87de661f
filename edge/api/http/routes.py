"""One table of routes: what each takes and gives, how it is answered, and how its requests are read."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ValidationError

from edge.api.http.access import Caller
from edge.api.http.errors import HttpError, Style, from_edge, told
from edge.errors import EdgeError

READ_S: Final = 30.0
"""How long a body may take to arrive."""
WRITE_S: Final = 30.0
"""How long a client may leave an answer, or a piece of one, unread."""
MOST_PARTS: Final = 30_000
"""Lists and objects in a body: more would keep everybody waiting while they are read."""
MOST_COMMAS: Final = 200_000
"""The same for numbers and texts, of which there are at most one more than commas."""
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
SSE: Final = "text/event-stream"
EVENT: Final = {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}
"""The schema of a server-sent event."""


@dataclass(slots=True)
class Call:
    """One request that was let in, with its body as the route takes it."""

    request: web.Request
    route: "Route"
    caller: Caller
    held: "Held"
    """What is counted of its body."""
    body: Any = None
    notices: list[str] = field(default_factory=list)
    """What was done otherwise than asked for: told in a header of the answer."""

    @property
    def headers(self) -> dict[str, str]:
        """Of every answer."""
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        if self.notices:
            headers["X-Edge-Notice"] = "; ".join(self.notices).encode("ascii", "replace").decode()[:1000]
        return headers


class Bodies:
    """Counts the bytes of all bodies that are in memory, so that many clients together don't fill it."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self.bytes = 0

    @contextmanager
    def holding(self) -> "Iterator[Held]":
        """For the length of one request."""
        held = Held(self)
        try:
            yield held
        finally:
            self.bytes -= held.bytes

    def add(self, size: int) -> None:
        """So much more. Raises `HttpError` (503) where there is no room."""
        if self.bytes + size > self._most_bytes:
            raise HttpError(503, "too much is being sent at once: ask again later", code="busy", retry_s=5)
        self.bytes += size


@dataclass(slots=True)
class Held:
    """What one request holds."""

    bodies: Bodies
    bytes: int = 0

    def add(self, size: int) -> None:
        """So much more. Raises `HttpError` (503) where there is no room."""
        self.bodies.add(size)
        self.bytes += size


Handle = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, and what is done for it."""

    method: str
    path: str
    style: Style
    summary: str
    handle: Handle
    takes: type[BaseModel] | None = None
    """What the body must be; None where there is none, or it is no JSON."""
    form: Mapping[str, Any] | None = None
    """The schema of a multipart form in its place."""
    gives: Mapping[str, Any] = field(default_factory=dict)
    """Media types of good answers, each with its schema."""
    fails: tuple[int, ...] = ()
    """Statuses it may answer beside those that any route may."""
    most_bytes: int = 0
    """Of the body; 0: as is set."""
    open: bool = False
    """Whether it says nothing that a token would have to be shown for."""


def given(call: Call, document: Mapping[str, Any], status: int = 200) -> web.Response:
    """A JSON document as the answer."""
    return web.json_response(document, status=status, headers=call.headers, dumps=dumps)


def failed(error: EdgeError, style: Style) -> web.Response:
    """An error as the answer."""
    http = from_edge(error)
    headers = {"Cache-Control": "no-store", **http.headers}
    return web.json_response(told(http, style), status=http.status, headers=headers, dumps=dumps)


def dumps(document: Any) -> str:
    """JSON as small as it gets, without characters that a line or a browser could stumble over."""
    return json.dumps(document, separators=(",", ":"))


async def streamed(
    call: Call, chunks: AsyncGenerator[bytes, None], media: str, failure: Callable[[HttpError], bytes]
) -> web.StreamResponse:
    """An answer chunk by chunk; what goes wrong before the first one has a status of its own, later `failure` tells it.

    A client that does not read for `WRITE_S` is hung up on.
    """
    request = call.request
    async with aclosing(chunks):
        first = await anext(chunks, b"")
        response = web.StreamResponse(headers={**call.headers, "Content-Type": media})
        async with _reading(request):
            await response.prepare(request)
            await response.write(first)
        try:
            async for chunk in chunks:
                async with _reading(request):
                    await response.write(chunk)
        except EdgeError as error:
            async with _reading(request):
                await response.write(failure(from_edge(error)))
    return response


async def sent(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """The answer, once its client has taken it: one that does not within `WRITE_S` is hung up on."""
    async with _reading(request):
        if not response.prepared:
            await response.prepare(request)
        await response.write_eof()
    return response


@asynccontextmanager
async def _reading(request: web.Request) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(WRITE_S):
            yield
    except TimeoutError:
        # Not closed but broken off: what it has not read would be kept for it, and its connection, for ever.
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("the client does not read") from None


async def read_body(request: web.Request, most_bytes: int, held: Held) -> bytes:
    """The body. Raises `HttpError`: 413 for one too large, 408 for one too slow, 415 for one that is compressed."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise HttpError(415, "compressed bodies are not taken: send it as it is")
    if (request.content_length or 0) > most_bytes:
        raise _too_large(most_bytes)
    data = bytearray()
    try:
        async with asyncio.timeout(READ_S):
            async for chunk in request.content.iter_any():
                if len(data) + len(chunk) > most_bytes:
                    raise _too_large(most_bytes)
                held.add(len(chunk))
                data += chunk
    except TimeoutError:
        raise HttpError(408, f"the body did not arrive within {READ_S:g} s") from None
    except web.RequestPayloadError as error:
        raise HttpError(400, "the body is not what its headers say") from error
    return bytes(data)


def parsed(data: bytes, kind: type[BaseModel]) -> BaseModel:
    """A body as its route takes it. Raises `HttpError` (400) that names the field."""
    if data.count(b"{") + data.count(b"[") > MOST_PARTS or data.count(b",") > MOST_COMMAS:
        raise HttpError(400, f"the body has too many parts: at most {MOST_PARTS} lists and objects are taken")
    try:
        return kind.model_validate_json(data or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        at = ".".join(str(step) for step in first["loc"])[:200]
        raise HttpError(400, f"{at}: {first['msg']}" if at else str(first["msg"]), param=at or None) from error


def _too_large(most_bytes: int) -> HttpError:
    return HttpError(
        413,
        f"the request is too large: at most {most_bytes} bytes are taken; `most_bytes` under [http] sets that",
        code="request_too_large",
    )
