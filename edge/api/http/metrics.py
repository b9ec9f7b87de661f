"""`/metrics`: what Prometheus and others that speak its text format collect."""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from edge.api.http.errors import Style
from edge.api.http.routes import Call, Route

_PLAIN: Final = "text/plain"


class Scraped:
    """Answers who collects; lets in whom the other routes let in."""

    def __init__(self, text: Callable[[], str], media: str) -> None:
        """`text` may block; `media`: its whole content type."""
        self._text = text
        self._media = media

    def routes(self) -> tuple[Route, ...]:
        """The one."""
        gives = {_PLAIN: {"type": "string"}}
        return (Route("GET", "/metrics", Style.EDGE, "Metrics for Prometheus", self._metrics, gives=gives),)

    async def _metrics(self, call: Call) -> web.StreamResponse:
        body = await asyncio.to_thread(self._text)
        return web.Response(body=body.encode(), headers={**call.headers, "Content-Type": self._media})
