"""All routes of all interfaces."""

from typing import Any, Final

from edge.api.http.metrics import Scraped
from edge.api.http.ollama import Ollama
from edge.api.http.openai_audio import OpenAiAudio
from edge.api.http.openai_chat import OpenAiChat
from edge.api.http.openai_responses import OpenAiResponses
from edge.api.http.openapi import describe
from edge.api.http.own import Own
from edge.api.http.routes import Route
from edge.api.http.shop import Shop

SOUND_TIMES: Final = 10
"""How much larger than other requests a recording may be."""


def table(shop: Shop, most_bytes: int, version: str, *more: Scraped) -> tuple[Route, ...]:
    """The routes, among them their own description; `most_bytes` is what a request may have that is no recording."""
    described: dict[str, Any] = {}
    groups: tuple[Ollama | OpenAiChat | OpenAiResponses | OpenAiAudio | Own | Scraped, ...] = (
        Ollama(shop),
        OpenAiChat(shop),
        OpenAiResponses(shop),
        OpenAiAudio(shop, most_bytes * SOUND_TIMES),
        Own(shop, lambda: described, version),
        *more,
    )
    routes = tuple(route for group in groups for route in group.routes())
    described |= describe(routes, version)
    return routes
