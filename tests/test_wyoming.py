"""Events are read within limits, whatever comes."""

import asyncio
import contextlib
import json
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.wyoming import LINE_BYTES, Event, EventStream, Limits, WyomingError, connect, number, pcm_format, text

_SMALL = Limits(data_bytes=1000, payload_bytes=1000)


class _Nowhere(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def _stream(given: bytes, limits: Limits = _SMALL) -> EventStream:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LINE_BYTES)
    reader.feed_data(given)
    reader.feed_eof()
    protocol = asyncio.StreamReaderProtocol(reader)
    return EventStream(reader, asyncio.StreamWriter(_Nowhere(), protocol, reader, loop), limits)


async def _all(given: bytes) -> list[Event]:
    events = []
    async with _stream(given) as stream:
        while (event := await stream.read()) is not None:
            events.append(event)
    return events


def _written(kind: str, following: dict[str, Any] | None = None, payload: bytes = b"", **header: Any) -> bytes:
    body = json.dumps(following).encode() if following else b""
    lengths = {"data_length": len(body), "payload_length": len(payload)}
    return json.dumps({"type": kind} | lengths | header).encode() + b"\n" + body + payload


async def test_reads_header_data_and_payload_one_event_after_another() -> None:
    given = _written("transcribe", {"language": "en"}) + _written("audio-chunk", {"rate": 16000}, b"\0\1")
    assert await _all(given) == [
        Event("transcribe", {"language": "en"}, None),
        Event("audio-chunk", {"rate": 16000}, b"\0\1"),
    ]


async def test_data_within_the_header_is_merged_with_data_that_follows() -> None:
    assert await _all(_written("x", {"b": 2}, data={"a": 1, "b": 1})) == [Event("x", {"a": 1, "b": 2}, None)]


async def test_the_other_ends_version_is_known() -> None:
    async with _stream(_written("describe", version="1.7.2")) as stream:
        await stream.read()
        assert stream.version == "1.7.2"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"hello\n", "no JSON"),
        (b"[]\n", "no JSON object"),
        (b"[" * 60_000 + b"\n", "no JSON"),
        (b"{}\n", "no usable `type`"),
        (b'{"type": 3}\n', "no usable `type`"),
        (b'{"type": "' + b"x" * 65 + b'"}\n', "no usable `type`"),
        (b'{"type": "x", "data": 1}\n', "no object"),
        (b'{"type": "x", "data_length": -1}\n', "expected a number of bytes"),
        (b'{"type": "x", "data_length": true}\n', "expected a number of bytes"),
        (b'{"type": "x", "data_length": "9"}\n', "expected a number of bytes"),
        (b'{"type": "x", "data_length": 1001}\n', "at most 1000 bytes"),
        (b'{"type": "x", "payload_length": 99999999999}\n', "at most 1000 bytes"),
        (b'{"type": "x", "data_length": 3}\nabc', "no JSON"),
        (b'{"type": "x", "data_length": 2}\n[]', "no JSON object"),
        (b'{"type": "x", "payload_length": 3}\nab', "ended within 'x'"),
        (b'{"type": "x"', "ended within an event's header"),
        (b"x" * (LINE_BYTES + 10), "longer than"),
    ],
)
async def test_what_is_no_event_is_named(given: bytes, says: str) -> None:
    with pytest.raises(WyomingError, match=says):
        await _all(given)


async def test_a_length_is_refused_before_anything_is_waited_for() -> None:
    """Nothing but the header is there: reading it must not wait for the body."""
    reader = asyncio.StreamReader(limit=LINE_BYTES)
    reader.feed_data(b'{"type": "x", "payload_length": 1000000000000}\n')
    writer = asyncio.StreamWriter(_Nowhere(), asyncio.StreamReaderProtocol(reader), None, asyncio.get_running_loop())
    async with EventStream(reader, writer) as stream:
        with pytest.raises(WyomingError, match="at most"):
            await stream.read()


@given(st.binary(max_size=300))
def test_any_bytes_are_events_or_an_error(given: bytes) -> None:
    async def read() -> None:
        with contextlib.suppress(WyomingError):
            await _all(given)

    asyncio.run(read())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
_HEADERS = st.dictionaries(st.sampled_from(["type", "data", "data_length", "payload_length", "version"]), _JSON)


@given(_HEADERS, st.binary(max_size=40))
def test_any_header_is_an_event_or_an_error(header: dict[str, Any], body: bytes) -> None:
    test_any_bytes_are_events_or_an_error.hypothesis.inner_test(json.dumps(header).encode() + b"\n" + body)


@given(st.dictionaries(st.text(max_size=9), st.integers() | st.text(), max_size=4), st.binary(max_size=99))
def test_what_is_written_is_read_again(data: dict[str, Any], payload: bytes) -> None:
    async def through() -> None:
        async with _stream(b"") as stream:
            await stream.write(Event("x", data, payload or None))
            written = stream._writer.transport.written  # type: ignore[attr-defined]
        assert await _all(written) == [Event("x", data, payload or None)]

    asyncio.run(through())


@given(_JSON, _JSON, _JSON)
def test_any_format_is_one_or_an_error(rate: Any, width: Any, channels: Any) -> None:
    try:
        found = pcm_format({"rate": rate, "width": width, "channels": channels})
    except WyomingError:
        return
    assert 4000 <= found.rate_hz <= 384_000
    assert found.width in range(1, 5)
    assert found.channels in range(1, 33)


def test_texts_can_be_written_anywhere_and_are_bounded() -> None:
    assert text({"text": "caf\u00e9 \ud800"}, "text", 10) == "caf\u00e9 ?"
    assert text({}, "text", 10) is None
    with pytest.raises(WyomingError, match="at most 3"):
        text({"text": "four"}, "text", 3)
    with pytest.raises(WyomingError, match="expected a text"):
        text({"text": 4}, "text", 3)


def test_numbers_are_bounded() -> None:
    assert number({"n": 4.0}, "n", 0, 9) == 4
    for wrong in (math.nan, math.inf, 10, -1, True, "4"):
        with pytest.raises(WyomingError):
            number({"n": wrong}, "n", 0, 9)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where one event is answered with itself."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with EventStream(reader, writer) as stream:
            event = await stream.read()
            assert event is not None
            await stream.write(event)

    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=LINE_BYTES)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_connection_carries_events_both_ways(port: int) -> None:
    async with await connect("127.0.0.1", port) as stream:
        await stream.write(Event("ping", {"text": "x"}))
        assert await stream.read() == Event("ping", {"text": "x"}, None)
        assert await stream.read() is None
        assert stream.peer == "127.0.0.1"


async def test_nobody_there_is_named() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)  # noqa: ARG005
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(WyomingError, match=f"127.0.0.1:{port} can't be reached"):
        await connect("127.0.0.1", port)


@pytest.mark.parametrize("value", [10**400, -(10**400), math.inf, -math.inf, math.nan])
def test_a_number_of_any_size_is_refused_in_words(value: float) -> None:
    with pytest.raises(WyomingError, match="`rate`: expected"):
        number({"rate": value}, "rate", 0, 10)
