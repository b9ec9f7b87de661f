"""The HTTP server put together: it listens at once, and is made for the first client once the house has been read."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, suppress
from typing import TYPE_CHECKING, Any, Final

from edge import __version__
from edge.models import ModelStore

if TYPE_CHECKING:
    from edge.api.http.ports import Pcm, Samples
    from edge.api.http.routes import Route
    from edge.api.http.server import HttpServer
    from edge.devices.registry import Registry
    from edge.service.service import Service
    from edge.speech.parts import SpeechParts

log = logging.getLogger(__name__)

PATIENCE_S: Final = 12.0
"""How long the broker is waited for before a client is answered without it."""
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
QUIET_S: Final = 2.0
"""How long the house has the processor for itself at first: it is being read, and somebody may ask already."""


class Http:
    """The server, once there is one. `open` begins; what it was entered into ends it."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._begun_s = time.monotonic()
        self.server: HttpServer | None = None

    def facts(self) -> dict[str, Any]:
        """For `edge status`."""
        if not self._service.loaded.settings.http.enabled:
            return {"enabled": False}
        return {"enabled": True, **(self.server.facts() if self.server else {})}

    async def run(self) -> None:
        """Serve until cancelled; a fault of ours is logged and costs HTTP alone."""
        try:
            server = await asyncio.to_thread(self._made)
            async with server:
                self.server = server
                await asyncio.Event().wait()
        except Exception:
            log.exception("http.failed")
        finally:
            self.server = None

    async def _after_the_start(self) -> None:
        """Not before the service has said that it is ready, and the house has been read."""
        link = self._service.link
        if link is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await link.connected()
        await asyncio.sleep(max(0.0, self._begun_s + QUIET_S - time.monotonic()))

    def _made(self) -> "HttpServer":
        from edge.api.http.certificate import Certificate
        from edge.api.http.server import HttpServer, Listening
        from edge.api.http.tokens import Tokens
        from edge.service.page import page_of

        http = self._service.loaded.settings.http
        listening = Listening(
            host=http.host,
            ports=tuple(port for port in (http.port, http.ollama_port) if port),
            certificate=Certificate.of(http.certificate, http.key),
            require_token=http.require_token,
            hosts=http.hosts,
            origins=http.origins,
            most_connections=http.most_connections,
            most_bytes=http.most_bytes,
        )
        tokens = Tokens.in_state(self._service.loaded.places.state)
        return HttpServer(listening, self._routes, tokens, page_of(self._service, tokens))

    async def _routes(self) -> "tuple[Route, ...]":
        await self._after_the_start()
        return await asyncio.to_thread(_routes, self._service)


async def open_http(service: "Service", stack: AsyncExitStack) -> Http:
    """Begin to serve, if that is wanted; ended with the stack."""
    http = Http(service)
    if service.loaded.settings.http.enabled:
        task = asyncio.create_task(http.run(), name="http")

        async def end() -> None:
            task.cancel()
            await asyncio.wait((task,))

        stack.push_async_callback(end)
    return http


def _routes(service: "Service") -> "tuple[Route, ...]":
    """All of them; imports what that needs."""
    from edge.api.http.desk import Desk
    from edge.api.http.metrics import Scraped
    from edge.api.http.names import Names
    from edge.api.http.shop import Shop, Usual
    from edge.api.http.table import table

    settings, places = service.loaded.settings, service.loaded.places
    http = settings.http
    names = Names(
        service.model, ModelStore(places.models), settings.llm.model, http.aliases, may_switch=http.switch_models
    )
    shop = Shop(
        model=service.model,
        names=names,
        desk=Desk(service.model, service.assistant, http.most_waiting),
        usual=Usual(http.max_tokens, settings.llm.temperature, http.answer_s),
        ears=_Ears(service.parts),
        mouth=_Mouth(service.parts),
        room=service.voice,
        area=lambda given: _area(service.registry, given),
    )
    return table(shop, http.most_bytes, __version__, Scraped(lambda: _metrics(service), METRICS_TYPE))


def _metrics(service: "Service") -> str:
    """Loaded with the first one who asks."""
    from edge.service.metrics import exposition

    return exposition(service)


def _area(registry: "Registry", given: str) -> str | None:
    """An area's id, from its id or name."""
    from edge.devices.words import tokens

    return given if given in registry.areas else next(iter(registry.area_names.exact(tokens(given))), None)


class _Ears:
    """What hears, for recordings of others."""

    def __init__(self, parts: "SpeechParts") -> None:
        self._parts = parts

    async def transcribe(self, samples: "Samples") -> str:
        """What is said. Raises `EdgeError`."""
        from edge.speech.sound import FRAME

        recogniser = await self._parts.recogniser()

        async def frames() -> "AsyncIterator[Samples]":
            for at in range(0, len(samples), FRAME):
                yield samples[at : at + FRAME]

        text = ""
        async with aclosing(recogniser.listen(frames())) as transcripts:
            async for transcript in transcripts:
                text = transcript.text
        return text


class _Mouth:
    """What speaks, for texts of others."""

    def __init__(self, parts: "SpeechParts") -> None:
        self._parts = parts

    async def speak(self, text: str, voice: str | None) -> "AsyncGenerator[Pcm, None]":
        """Piece by piece. Raises `EdgeError`."""
        from edge.api.http.ports import Pcm

        voices = await self._parts.voices()
        known = voice if voice in voices.installed else None
        async with aclosing(voices.named(known).speak(text)) as sounds:
            async for sound in sounds:
                yield Pcm(sound.samples, sound.rate_hz)
