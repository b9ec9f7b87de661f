"""Wyoming events on asyncio streams, read with limits: what comes from outside is measured before it is taken in.

An event is a line of JSON (`type`, and inline `data`), then `data_length` bytes of JSON and `payload_length` bytes of
sound, as https://github.com/OHF-Voice/wyoming describes it. The library's own reader takes any length.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from wyoming.event import Event
from wyoming.version import __version__ as _version

from edge.errors import EdgeError

__all__ = ["LINE_BYTES", "Event", "EventStream", "Limits", "PcmFormat", "WyomingError", "connect", "pcm_format"]

LINE_BYTES: Final = 64 * 1024
"""The longest header line; streams are opened with this limit."""
_LONGEST_TYPE: Final = 64
_CONNECT_S: Final = 5.0
_BODY_S: Final = 20.0
"""How long the rest of an event may take whose header is there."""
_WRITE_S: Final = 20.0
"""How long the other end may leave what we send unread."""


class WyomingError(EdgeError):
    """What came is no Wyoming event, or the other end is gone; the message says which."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one event may bring."""

    data_bytes: int = 256 * 1024
    payload_bytes: int = 256 * 1024


@dataclass(frozen=True, slots=True)
class PcmFormat:
    """How the samples of a stream are laid out: integers of `width` bytes, little-endian, channels interleaved."""

    rate_hz: int = 16_000
    width: int = 2
    channels: int = 1

    @property
    def facts(self) -> dict[str, int]:
        """As `audio-start` and `audio-chunk` have it."""
        return {"rate": self.rate_hz, "width": self.width, "channels": self.channels}


class EventStream:
    """Both directions of a connection. One task reads; several may write, an event never breaks into another."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits | None = None
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits or Limits()
        self.version: str | None = None
        """The version of the protocol's library that the other end says it has, once it has sent something."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    @property
    def peer(self) -> str:
        """The other end's address for logs; `unix` where it has none."""
        address = self._writer.get_extra_info("peername")
        return str(address[0]) if isinstance(address, tuple) and address else "unix"

    @property
    def is_here(self) -> bool:
        """Whether the other end is a program on this machine: both ends have the same address then."""
        here, there = (self._writer.get_extra_info(end) for end in ("sockname", "peername"))
        return isinstance(here, tuple) and isinstance(there, tuple) and here[:1] == there[:1]

    async def read(self) -> Event | None:
        """The next event, however long that takes; None at the end. Raises `WyomingError`, after which all is lost."""
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise WyomingError("the connection ended within an event's header") from None
            return None
        except asyncio.LimitOverrunError:
            raise WyomingError(f"the header of an event is longer than {LINE_BYTES} bytes") from None
        except OSError as error:
            raise WyomingError(f"the connection broke: {error}") from None
        header = _object(line, "header")
        kind = header.get("type")
        if not isinstance(kind, str) or not 0 < len(kind) <= _LONGEST_TYPE:
            raise WyomingError("the header of an event has no usable `type`")
        inline = header.get("data")
        if not isinstance(inline, dict | None):
            raise WyomingError(f"`data` of {kind!r} is no object")
        data_bytes = _length(header, "data_length", self._limits.data_bytes, kind)
        payload_bytes = _length(header, "payload_length", self._limits.payload_bytes, kind)
        data, payload = await self._body(data_bytes, payload_bytes, kind)
        version = header.get("version")
        self.version = version[:20] if isinstance(version, str) else self.version
        return Event(kind, (inline or {}) | (_object(data, "data") if data else {}), payload or None)

    async def _body(self, data_bytes: int, payload_bytes: int, kind: str) -> tuple[bytes, bytes]:
        if not data_bytes and not payload_bytes:
            return b"", b""
        try:
            async with asyncio.timeout(_BODY_S):
                data = await self._reader.readexactly(data_bytes)
                return data, await self._reader.readexactly(payload_bytes)
        except asyncio.IncompleteReadError:
            raise WyomingError(f"the connection ended within {kind!r}") from None
        except TimeoutError:
            raise WyomingError(f"the rest of {kind!r} did not come within {_BODY_S:g} s") from None
        except OSError as error:
            raise WyomingError(f"the connection broke: {error}") from None

    async def write(self, event: Event) -> None:
        """Send it; returns once the other end keeps up. Raises `WyomingError` where it is gone, or reads no more."""
        data = json.dumps(event.data).encode() if event.data else b""
        payload = event.payload or b""
        header: dict[str, Any] = {"type": event.type, "version": _version}
        if data:
            header["data_length"] = len(data)
        if payload:
            header["payload_length"] = len(payload)
        try:
            self._writer.write(b"".join((json.dumps(header).encode(), b"\n", data, payload)))
            async with asyncio.timeout(_WRITE_S):
                await self._writer.drain()
        except TimeoutError:
            raise WyomingError(f"the other end has read nothing for {_WRITE_S:g} s") from None
        except (OSError, RuntimeError) as error:  # RuntimeError: the transport is closed
            raise WyomingError(f"the connection broke: {error}") from None

    def close(self) -> None:
        """End the connection; what is still to be sent goes out if the other end takes it."""
        self._writer.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._writer.transport.abort()


async def connect(host: str, port: int, limits: Limits | None = None) -> EventStream:
    """A connection to a server; raises `WyomingError`."""
    try:
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(host, port, limit=LINE_BYTES)
    except TimeoutError:
        raise WyomingError(f"{host}:{port} did not answer within {_CONNECT_S:g} s") from None
    except OSError as error:
        raise WyomingError(f"{host}:{port} can't be reached: {error.strerror or error}") from None
    return EventStream(reader, writer, limits)


def text(data: Mapping[str, Any], key: str, most: int) -> str | None:
    """A text of at most `most` characters that can be written anywhere, None where there is none; raises otherwise."""
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise WyomingError(f"`{key}`: expected a text")
    if len(value) > most:
        raise WyomingError(f"`{key}`: expected at most {most} characters, found {len(value)}")
    return value.encode("utf-8", "replace").decode()  # JSON can spell halves of characters


def number(data: Mapping[str, Any], key: str, least: float, most: float) -> int | None:
    """A whole number within limits, None where there is none; raises otherwise."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise WyomingError(f"`{key}`: expected a number")
    if not least <= value <= most:  # whole numbers may be too large for a float
        raise WyomingError(f"`{key}`: expected {least:g} to {most:g}")
    return round(value)


def table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object within the data, empty where there is none; raises otherwise."""
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WyomingError(f"`{key}`: expected an object")
    return value


def pcm_format(data: Mapping[str, Any]) -> PcmFormat:
    """The format that `audio-start` or `audio-chunk` tell; raises `WyomingError` for one there can't be."""
    rate = number(data, "rate", 4000, 384_000)
    width = number(data, "width", 1, 4)
    channels = number(data, "channels", 1, 32)
    if rate is None or width is None or channels is None:
        raise WyomingError("sound came without `rate`, `width` and `channels`")
    return PcmFormat(rate, width, channels)


def _object(line: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise WyomingError(f"the {what} of an event is no JSON: {line[:60]!r}") from None
    if not isinstance(value, dict):
        raise WyomingError(f"the {what} of an event is no JSON object: {line[:60]!r}")
    return value


def _length(header: Mapping[str, Any], key: str, most: int, kind: str) -> int:
    value = header.get(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WyomingError(f"`{key}` of {kind!r}: expected a number of bytes")
    if value > most:
        raise WyomingError(f"`{key}` of {kind!r}: expected at most {most} bytes, found {value}")
    return value
