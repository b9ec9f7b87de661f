"""OpenAI's speech to text and text to speech, with what this machine hears and speaks with."""

import asyncio
import io
import wave
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

import numpy as np
from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from edge.api.http.errors import HttpError, Style
from edge.api.http.openai_requests import SpeechRequest
from edge.api.http.ports import Pcm, Samples
from edge.api.http.queue import FairQueue
from edge.api.http.routes import JSON, READ_S, Call, Held, Route, given, streamed
from edge.api.http.shop import Shop
from edge.errors import EdgeError
from edge.pcm import ToMono
from edge.wyoming import PcmFormat

LONGEST_S: Final = 600.0
MOST_FIELDS: Final = 16
MOST_RECORDINGS: Final = 8
"""How many recordings may wait for the one that is being heard."""
LONGEST_FIELD: Final = 10_000
_FORMATS: Final = ("json", "text", "verbose_json")
_LATER_S: Final = 30.0
_MALFORMED: Final = (
    HttpProcessingError, web.RequestPayloadError, ValueError, TypeError, LookupError, AssertionError, RuntimeError
)  # fmt: skip
"""What the library raises of forms that are none."""


class OpenAiAudio:
    """Answers the routes of sound."""

    def __init__(self, shop: Shop, most_bytes: int) -> None:
        """`most_bytes`: of a recording."""
        self._shop = shop
        self._most_bytes = most_bytes
        self._hearing = FairQueue(MOST_RECORDINGS)

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style = Style.OPENAI
        form = {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {"type": "string", "format": "binary", "description": "A WAV file"},
                "model": {"type": "string"},
                "language": {"type": "string"},
                "response_format": {"type": "string", "enum": list(_FORMATS)},
            },
        }
        return (
            Route(
                "POST",
                "/v1/audio/transcriptions",
                style,
                "What is said in a WAV file",
                self._transcribe,
                form=form,
                gives={JSON: {"type": "object"}, "text/plain": {"type": "string"}},
                fails=(400,),
                most_bytes=self._most_bytes,
            ),
            Route(
                "POST",
                "/v1/audio/speech",
                style,
                "A text as sound",
                self._speak,
                SpeechRequest,
                gives={"audio/wav": {"type": "string", "format": "binary"}, "audio/pcm": {"type": "string"}},
                fails=(400,),
            ),
        )

    async def _transcribe(self, call: Call) -> web.StreamResponse:
        fields, data = await self._form(call)
        wanted = fields.get("response_format", "json")
        if wanted not in _FORMATS:
            raise HttpError(400, f"response_format: expected one of {', '.join(_FORMATS)}", param="response_format")
        if self._shop.ears is None:
            raise _absent("nothing here turns speech into text: pip install 'edge-assistant[speech]'")
        async with self._hearing.turn(call.caller.name):
            samples = await asyncio.to_thread(_samples, data)
            try:
                text = await self._shop.ears.transcribe(samples)
            except EdgeError as error:
                raise _absent(str(error)) from error
        if wanted == "text":
            return web.Response(text=text + "\n", headers=call.headers)
        document: dict[str, Any] = {"text": text}
        if wanted == "verbose_json":
            document |= {"task": "transcribe", "language": "english", "duration": len(samples) / 16_000, "segments": []}
        return given(call, document)

    async def _form(self, call: Call) -> tuple[dict[str, str], bytes]:
        """The fields of a form, and its file. Raises `HttpError`."""
        request = call.request
        if request.content_type != "multipart/form-data":
            raise HttpError(400, "expected multipart/form-data with a WAV file as `file`", param="file")
        if (request.content_length or 0) > self._most_bytes:
            raise self._too_large()
        fields: dict[str, str] = {}
        data: bytes | None = None
        try:
            async with asyncio.timeout(READ_S):
                reader = await request.multipart()
                for _ in range(MOST_FIELDS):
                    part = await reader.next()
                    if not isinstance(part, BodyPartReader):
                        break
                    if part.name == "file" and data is not None:
                        raise HttpError(400, "file: one at a time", param="file")
                    if part.name == "file":
                        data = await self._limited(part, self._most_bytes, call.held)
                    else:
                        field = await self._limited(part, LONGEST_FIELD, call.held)
                        fields[str(part.name)[:40]] = field.decode("utf-8", "replace")
        except TimeoutError:
            raise HttpError(408, f"the body did not arrive within {READ_S:g} s") from None
        except _MALFORMED as error:
            raise HttpError(400, "the body is no form as multipart/form-data has it", param="file") from error
        if data is None:
            raise HttpError(400, "file: a WAV file is missing", param="file")
        return fields, data

    async def _limited(self, part: BodyPartReader, most: int, held: Held) -> bytes:
        data = bytearray()
        while chunk := await part.read_chunk(65536):
            if len(data) + len(chunk) > most:
                raise self._too_large()
            held.add(len(chunk))
            data += chunk
        return bytes(data)

    def _too_large(self) -> HttpError:
        return HttpError(
            413, f"that is too large: at most {self._most_bytes} bytes are taken", code="request_too_large"
        )

    async def _speak(self, call: Call) -> web.StreamResponse:
        request: SpeechRequest = call.body
        wanted = request.response_format or "wav"
        if wanted not in ("wav", "pcm"):
            raise HttpError(
                400, f"response_format: {wanted} can't be made here, wav and pcm can", param="response_format"
            )
        if self._shop.mouth is None:
            raise _absent("nothing here speaks: install a voice, `edge models` says which there are")
        voice = request.voice if isinstance(request.voice, str) else None
        sounds = _explained(self._shop.mouth.speak(request.input, voice))
        chunks = _coded(sounds, headed=wanted == "wav")
        return await streamed(call, chunks, f"audio/{wanted}", lambda _: b"")


async def _explained(sounds: AsyncIterator[Pcm]) -> AsyncGenerator[Pcm, None]:
    try:
        async for sound in sounds:
            yield sound
    except EdgeError as error:
        raise _absent(str(error)) from error


async def _coded(sounds: AsyncGenerator[Pcm, None], *, headed: bool) -> AsyncGenerator[bytes, None]:
    """Sound as bytes, after a header that leaves the length open."""
    async with aclosing(sounds) as pieces:
        async for piece in pieces:
            if headed:
                headed = False
                yield _header(piece.rate_hz)
            yield np.asarray(piece.samples, "<i2").tobytes()


def _header(rate_hz: int) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(b"")
    header = bytearray(data.getvalue())
    header[4:8] = header[40:44] = b"\xff\xff\xff\xff"
    return bytes(header)


def _samples(data: bytes) -> Samples:
    """(n,) samples at 16 kHz of a WAV file. Raises `HttpError` (400)."""
    try:
        with wave.open(io.BytesIO(data), "rb") as file:
            rate, width, channels, frames = (
                file.getframerate(), file.getsampwidth(), file.getnchannels(), file.getnframes()
            )  # fmt: skip
            # Whoever writes while recording can't know the length, and claims the most there is.
            frames = min(frames, len(data) // max(1, width * channels))
            if not 4000 <= rate <= 192_000 or not 1 <= channels <= 8 or frames / rate > LONGEST_S:
                raise HttpError(
                    400, f"file: expected 4 to 192 kHz, 1 to 8 channels, at most {LONGEST_S:g} s", param="file"
                )
            raw = file.readframes(frames)
    except (wave.Error, EOFError, ValueError, OSError, ZeroDivisionError) as error:
        raise HttpError(400, "file: expected a WAV file with PCM samples", param="file") from error
    if width == 1:
        raw = (np.frombuffer(raw, np.uint8) ^ 0x80).tobytes()  # bytes in a WAV have no sign
    converter = ToMono(PcmFormat(rate, width, channels))
    raw = raw[: len(raw) // (width * channels) * width * channels]
    try:
        return np.concatenate([converter.feed(raw), converter.rest()])
    except EdgeError as error:
        raise HttpError(400, f"file: {error}", param="file") from error


def _absent(why: str) -> HttpError:
    return HttpError(503, why, code="unavailable", retry_s=_LATER_S)
