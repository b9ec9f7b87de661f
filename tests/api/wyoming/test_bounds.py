"""What the server bears: too many, those who say nonsense or nothing, ports that others have, any order of events."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.api.wyoming import Door, WyomingServer
from edge.wyoming import Event, EventStream
from tests.api.wyoming.fakes import FakeMind, FakeSpeech
from tests.api.wyoming.served import SOUND, Setting


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    async with Setting() as made:
        yield made


async def test_one_too_many_is_told_so() -> None:
    async with Setting(most=2) as setting, setting.client() as one, setting.client() as other:
        for client in (one, other):
            await client.send("ping")
            await client.get()
        async with setting.client() as third:
            assert (await third.get()).data["code"] == "busy"
            assert await third.ended()
        assert setting.server.facts()["clients"] == 2


async def test_what_is_no_event_is_told_and_hung_up_on(setting: Setting, caplog: pytest.LogCaptureFixture) -> None:
    port = setting.server.listeners[0].port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert b'"error"' in await reader.read()
    writer.close()
    assert [record.getMessage() for record in caplog.records].count("wyoming.broken_off") == 1


async def test_one_who_goes_takes_what_was_asked_for_along(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("audio-start", SOUND)
        await client.send("ping")
        await client.get()
    async with setting.client() as client:  # the four that may be heard at once are free again
        for _ in range(4):
            await client.send("ping")
            await client.get()
    assert setting.speech.heard == 0


async def test_a_port_in_use_is_named_and_taken_once_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = WyomingServer([Door(port=port)], FakeSpeech(), FakeMind())
        async with server:
            while not server.facts()["trouble"]:  # noqa: ASYNC110 (nobody tells of it)
                await asyncio.sleep(0)
            assert f"127.0.0.1:{port} is in use" in server.facts()["trouble"]
            assert "wyoming.port" in server.facts()["trouble"]
            other.close()
            async with asyncio.timeout(10):
                await server.listeners[0].opened.wait()
            assert server.facts() == {"listening": [f"127.0.0.1:{port}"], "trouble": None, "clients": 0}


async def test_an_address_of_another_machine_is_named() -> None:
    async with WyomingServer([Door(host="203.0.113.9", port=1)], FakeSpeech(), FakeMind()) as server:
        while not server.facts()["trouble"]:  # noqa: ASYNC110 (nobody tells of it)
            await asyncio.sleep(0)
        assert "no address of this machine" in server.facts()["trouble"]


async def test_a_socket_of_our_own_is_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "run" / "wyoming.sock"
    async with WyomingServer([Door(path=path)], FakeSpeech(), FakeMind()) as server:
        await server.listeners[0].opened.wait()
        assert path.stat().st_mode & 0o777 == 0o600
        reader, writer = await asyncio.open_unix_connection(path)
        async with EventStream(reader, writer) as stream:
            await stream.write(Event("ping"))
            assert (await stream.read()) is not None
            assert stream.peer == "unix"
    assert not path.exists()


# Any order ----------------------------------------------------------------------------------------------------------

_VALUES = st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)
_KEYS = st.sampled_from(["text", "rate", "width", "channels", "names", "voice", "context", "timestamp", "language"])
_SANE = st.just(SOUND) | st.just({"text": "lamp and door"}) | st.just({"names": ["alexa"]})
_KINDS = st.sampled_from(
    [
        *("describe", "ping", "transcribe", "detect", "audio-start", "audio-chunk", "audio-stop", "synthesize"),
        *("synthesize-start", "synthesize-chunk", "synthesize-stop", "transcript", "recognize", "x"),
    ]
)
_EVENTS = st.lists(
    st.tuples(_KINDS, _SANE | st.dictionaries(_KEYS, _VALUES, max_size=3), st.binary(max_size=3000)), max_size=12
)


@given(_EVENTS, st.sampled_from(["handle", "intent"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_events_breaks_it(
    caplog: pytest.LogCaptureFixture,
    events: list[tuple[str, dict[str, Any], bytes]],
    conversation: Literal["handle", "intent"],
) -> None:
    async def talk() -> None:
        async with Setting(conversation) as setting:
            port = setting.server.listeners[0].port
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            async with EventStream(reader, writer) as stream:
                with contextlib.suppress(Exception):
                    for kind, data, payload in events:
                        await stream.write(Event(kind, data, payload or None))
                with contextlib.suppress(OSError):
                    writer.write_eof()
                async with asyncio.timeout(10):
                    with contextlib.suppress(OSError):
                        while await reader.read(65_536):
                            pass
            async with setting.client() as client:
                await client.send("ping")
                assert (await client.get()).type == "pong"

    caplog.clear()
    asyncio.run(talk())
    assert "wyoming.failed" not in [record.getMessage() for record in caplog.records]
