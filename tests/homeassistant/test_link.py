"""The connection: let in, kept up, named plainly when it can't be."""

import datetime
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme
from aiohttp import WSMsgType, web

from edge.homeassistant import Access, Link, LinkState, link
from edge.homeassistant.errors import LostError
from edge.homeassistant.session import Session
from tests.homeassistant.fake import TOKEN, FakeHomeAssistant
from tests.homeassistant.home import until


async def idle(session: Session) -> None:
    """Do nothing with a session until it ends."""
    while True:
        await session.keep_alive()


def linked(access: Access) -> Link:
    return Link(access, idle)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_LOOK_AGAIN_S", 0.01)
    monkeypatch.setattr(link, "_FIRST_S", 0.01)
    monkeypatch.setattr(link, "_MOST_S", 0.02)


@pytest.fixture
async def fake() -> AsyncIterator[FakeHomeAssistant]:
    async with FakeHomeAssistant() as running:
        yield running


async def test_it_is_let_in_with_the_token_of_a_file(fake: FakeHomeAssistant, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    async with linked(Access(fake.url, token_file=file)) as running:
        await until(lambda: running.state is LinkState.CONNECTED)
        assert running.version == "2026.2.3"
        assert running.trouble is None
    assert running.state is LinkState.CLOSED
    assert fake.tokens == [TOKEN]


@pytest.mark.usefixtures("quick")
async def test_a_wrong_token_is_named_once_and_not_shown_again_until_there_is_another(
    fake: FakeHomeAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "token"
    file.write_text("wrong-and-secret\n")
    async with linked(Access(fake.url, token_file=file)) as running:
        await until(lambda: running.state is LinkState.REFUSED)
        assert "long-lived access token" in (running.trouble or "")
        assert str(file) in (running.trouble or "")
        file.write_text(f"{TOKEN}\n")
        await until(lambda: running.state is LinkState.CONNECTED)
    assert fake.tokens == ["wrong-and-secret", TOKEN]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["homeassistant.refused"]
    assert "secret" not in " ".join(str(vars(record)) for record in caplog.records)


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
async def test_a_token_that_is_not_there_is_named(fake: FakeHomeAssistant, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    async with linked(Access(fake.url, token_file=file)) as running:
        await until(lambda: running.state is LinkState.REFUSED)
        assert str(file) in (running.trouble or "")
    async with linked(Access(fake.url)) as running:
        await until(lambda: running.state is LinkState.REFUSED)
        assert "token_file" in (running.trouble or "")
    assert fake.tokens == []


@pytest.mark.usefixtures("quick")
async def test_it_comes_back_after_it_was_lost(fake: FakeHomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    async with linked(Access(fake.url, written_token=TOKEN)) as running:
        await until(lambda: running.state is LinkState.CONNECTED)
        await fake.stop()
        await until(lambda: running.state is LinkState.LOST and "can't be reached" in (running.trouble or ""))
        await fake.start()
        await until(lambda: running.state is LinkState.CONNECTED)
    assert running.counts.connects == 2
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) <= 2, "a trouble that lasts is told once"


@pytest.mark.usefixtures("quick")
async def test_what_ends_every_session_is_tried_less_and_less_often(
    fake: FakeHomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def broken(_session: Session) -> None:
        raise LostError("too much")

    class Noting(link.Backoff):
        def next_s(self) -> float:
            waits.append(super().next_s())
            return 0.0

    monkeypatch.setattr(link, "Backoff", Noting)
    monkeypatch.setattr(link, "_SLOW_FIRST_S", 0.16)
    async with Link(Access(fake.url, written_token=TOKEN), broken):
        await until(lambda: len(waits) > 6)
    assert waits[0] < 0.015
    assert waits[6] > 0.1


@pytest.mark.parametrize("version", ["0.118.5", "2020.12.2"])
async def test_a_release_that_is_too_old_is_named_and_gets_no_token(version: str) -> None:
    async with FakeHomeAssistant(version=version) as fake, linked(Access(fake.url, written_token=TOKEN)) as running:
        await until(lambda: running.state is LinkState.REFUSED)
        assert "too old" in (running.trouble or "")
        assert fake.tokens == []


async def test_an_expired_certificate_and_an_unknown_authority_are_named(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    good, expired = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(good)
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    authority.issue_cert("127.0.0.1", not_after=past).configure_cert(expired)
    async with FakeHomeAssistant(tls=good) as fake:
        trusting = Access(fake.url, written_token=TOKEN, ca_file=tmp_path / "ca.pem")
        async with linked(trusting) as running:
            await until(lambda: running.state is LinkState.CONNECTED)
        async with linked(Access(fake.url, written_token=TOKEN)) as running:
            await until(lambda: running.state is LinkState.REFUSED)
            assert "ca_file" in (running.trouble or "")
        async with linked(Access(fake.url, written_token=TOKEN, verify_tls=False)) as running:
            await until(lambda: running.state is LinkState.CONNECTED)
    async with (
        FakeHomeAssistant(tls=expired) as fake,
        linked(Access(fake.url, written_token=TOKEN, ca_file=tmp_path / "ca.pem")) as running,
    ):
        await until(lambda: running.state is LinkState.REFUSED)
        assert "expired" in (running.trouble or "")
        assert fake.tokens == []
    missing = Access("https://127.0.0.1:1", written_token=TOKEN, ca_file=tmp_path / "none.pem")
    async with linked(missing) as running:
        await until(lambda: running.state is LinkState.REFUSED)
        assert "none.pem" in (running.trouble or "")


async def answering(handler: object) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_get("/api/websocket", handler)  # type: ignore[arg-type]
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]


@pytest.mark.parametrize("said", ["hello", "[]", "{}", "[" * 100_000, '{"type": "auth_ok"}{', '{"type": "pong"}', "\0"])
async def test_what_is_no_home_assistant_is_named_and_gets_no_token(said: str) -> None:
    heard: list[object] = []

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(said)
        heard.extend([message.data async for message in socket if message.type is WSMsgType.TEXT])
        return socket

    runner, url = await answering(serve)
    try:
        async with linked(Access(url, written_token=TOKEN)) as running:
            await until(lambda: running.state is LinkState.REFUSED)
            assert "[homeassistant] url" in (running.trouble or "")
    finally:
        await runner.cleanup()
    assert heard == []


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, LinkState.REFUSED), (404, LinkState.REFUSED), (403, LinkState.REFUSED), (502, LinkState.LOST)],
)
async def test_other_answers_are_told_apart(status: int, state: LinkState) -> None:
    async def serve(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    runner, url = await answering(serve)
    try:
        async with linked(Access(url, written_token=TOKEN)) as running:
            await until(lambda: running.trouble is not None)
            assert running.state is state
    finally:
        await runner.cleanup()


async def test_it_does_not_follow_elsewhere_with_the_token(fake: FakeHomeAssistant) -> None:
    async def serve(_request: web.Request) -> web.Response:
        raise web.HTTPFound(f"{fake.url}/api/websocket")

    runner, url = await answering(serve)
    try:
        async with linked(Access(url, written_token=TOKEN)) as running:
            await until(lambda: running.state is LinkState.REFUSED)
            assert "sends us on" in (running.trouble or "")
    finally:
        await runner.cleanup()
    assert fake.tokens == []
