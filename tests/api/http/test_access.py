"""Who is let in, and what is let in of what they send."""

import asyncio
import base64
import gc
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from edge.api.http.access import Asked, Door
from edge.api.http.certificate import Certificate, CertificateError
from edge.api.http.errors import HttpError
from edge.api.http.routes import Route
from edge.api.http.server import HttpServer, Listening, bound
from edge.api.http.tokens import TokenError, Tokens
from tests.api.http.serving import ScriptedAssistant, ScriptedModel, serving, until

ASK = {"text": "turn on the lamp"}
EVERYWHERE = "0.0.0.0"  # noqa: S104


async def test_this_machine_needs_no_token_and_may_confirm_nothing(tmp_path: Path) -> None:
    assistant = ScriptedAssistant()
    async with serving(tmp_path, assistant=assistant) as client:
        status, told, _ = await client.post("/api/edge/ask", {**ASK, "area": "kitchen"})
        assert (status, told["text"], told["decision"]) == (200, "The lamp is on.", "act")
        assert (assistant.asked[0].origin, assistant.asked[0].area) == ("local", "kitchen")
        assert not assistant.asked[0].authenticated


async def test_a_token_says_who_asks(tmp_path: Path) -> None:
    assistant = ScriptedAssistant()
    async with serving(tmp_path, assistant=assistant) as client:
        secret = await asyncio.to_thread(client.tokens.add, "panel")
        basic = base64.b64encode(f"x:{secret}".encode()).decode()
        for headers, path in (
            ({"Authorization": f"Bearer {secret}"}, "/api/edge/ask"),
            ({"Authorization": f"Basic {basic}"}, "/api/edge/ask"),
            ({}, f"/token/{secret}/api/edge/ask"),
        ):
            assert (await client.post(path, ASK, **headers))[0] == 200
            assert assistant.asked[-1].origin == "panel"
            assert assistant.asked[-1].authenticated


async def test_a_token_that_was_revoked_opens_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        secret = await asyncio.to_thread(client.tokens.add, "panel")
        headers = {"Authorization": f"Bearer {secret}"}
        assert (await client.get("/api/tags", **headers))[0] == 200
        await asyncio.to_thread(Tokens.in_state(tmp_path).revoke, "panel")
        status, told, answer = await client.get("/v1/models", **headers)
        assert status == 401
        assert told["error"]["type"] == "authentication_error"
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert (await client.get(f"/token/{secret}/api/tags"))[0] == 401


async def test_the_network_needs_a_token(tmp_path: Path) -> None:
    await asyncio.to_thread(Tokens.in_state(tmp_path).add, "someone")
    async with serving(tmp_path, listening=Listening(host=EVERYWHERE)) as client:
        for path in ("/api/tags", "/v1/models", "/openapi.json"):
            status, told, _ = await client.get(path)
            assert status == 401
            assert "edge config token add" in str(told["error"])
        assert (await client.get("/api/tags", Authorization="Bearer sk-guess"))[0] == 401
        assert (await client.get("/healthz"))[0] == 200
        assert (await client.get("/"))[0] == 200


async def test_without_any_token_the_network_is_not_listened_to(tmp_path: Path) -> None:
    async with serving(tmp_path, listening=Listening(host=EVERYWHERE)) as client:
        await until(lambda: "token add" in str(client.server.facts()["ports"]))
        assert client.server.ports == []


async def test_names_that_lead_here_from_elsewhere_are_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, listening=Listening(hosts=("board.local",))) as client:
        assert (await client.get("/api/tags", Host="evil.example"))[0] == 403
        assert (await client.get("/api/tags", Host="127.0.0.1.evil.example"))[0] == 403
        for host in ("localhost", "localhost:8080", "[::1]:11434", "127.0.0.1", "board.local:8080"):
            assert (await client.get("/api/tags", Host=host))[0] == 200


async def test_pages_of_other_origins_are_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, listening=Listening(origins=("http://panel.local",))) as client:
        assert (await client.post("/api/edge/ask", ASK, Origin="https://evil.example"))[0] == 403
        assert (await client.post("/api/edge/ask", ASK, Origin="null"))[0] == 403
        assert (await client.get("/api/tags", Sec_Fetch_Site="cross-site"))[0] == 403
        status, _, headers = await client.post("/api/edge/ask", ASK, Origin="http://panel.local")
        assert status == 200
        assert not [name for name in headers if name.startswith("Access-Control")]
        assert (await client.post("/api/edge/ask", ASK, Origin=client.base))[0] == 200


async def test_what_a_proxy_passes_on_needs_a_token(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        secret = await asyncio.to_thread(client.tokens.add, "panel")
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            status, told, _ = await client.post("/api/edge/ask", ASK, **{header: "192.0.2.7"})
            assert (status, "proxy" in told["error"]) == (401, True)
            headers = {header: "192.0.2.7", "Authorization": f"Bearer {secret}"}
            assert (await client.post("/api/edge/ask", ASK, **headers))[0] == 200


async def test_what_is_too_large_or_compressed_is_not_read(tmp_path: Path) -> None:
    async with serving(tmp_path, listening=Listening(most_bytes=10_000)) as client:
        body = b'{"text": "' + b"x" * 20_000 + b'"}'
        status, told, _ = await client.post("/api/edge/ask", body)
        assert status == 413
        assert "most_bytes" in told["error"]

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b"x" * 1000

        async with client.session.post(f"{client.base}/v1/responses", data=chunks()) as response:
            assert response.status == 413
            assert (await response.json())["error"]["code"] == "request_too_large"
        assert (await client.post("/api/edge/ask", b"\x1f\x8b", Content_Encoding="gzip"))[0] == 415


async def test_what_is_not_there_is_told_in_the_format_of_the_interface(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        status, told, _ = await client.post("/v1/embeddings", {})
        assert (status, told["error"]["type"]) == (404, "invalid_request_error")
        status, told, _ = await client.post("/api/pull", {"model": "x"})
        assert status == 404
        assert "/openapi.json" in told["error"]
        status, told, headers = await client.get("/api/chat")
        assert (status, headers["Allow"]) == (405, "POST")
        assert told["error"]


async def test_more_connections_than_are_allowed_are_told_to_come_back(tmp_path: Path) -> None:
    async with serving(tmp_path, listening=Listening(most_connections=4)) as client:
        port = client.server.ports[0]
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        await until(lambda: client.server.facts()["connections"] == 4)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Retry-After" in answer
        for _, other in [*silent, (reader, writer)]:
            other.close()
            await other.wait_closed()


async def test_a_connection_that_asks_nothing_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.api.http.connections.FIRST_REQUEST_S", 0.2)
    async with serving(tmp_path) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.server.ports[0])
        writer.write(b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        async with asyncio.timeout(5):
            with suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_what_is_under_way_when_the_server_ends_ends_soon_and_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = ScriptedModel(hold=asyncio.Event())
    async with serving(tmp_path, model) as client:
        body = {"model": "tiny", "messages": [{"role": "user", "content": "x"}]}
        asking = asyncio.create_task(client.post("/api/chat", body))
        await model.begun.wait()
        async with asyncio.timeout(5):
            await client.server.__aexit__(None, None, None)
            with pytest.raises((aiohttp.ClientError, OSError)):
                await asking
            await model.ended.wait()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_push_to_talk(tmp_path: Path) -> None:
    heard: list[str] = []

    class Room:
        def listen(self, word: str) -> bool:
            heard.append(word)
            return word != "mute"

    async with serving(tmp_path, room=Room()) as client:
        assert (await client.post("/api/edge/listen", {"action": "start"}))[0] == 200
        assert (await client.post("/api/edge/listen", {"action": "mute"}))[0] == 503
        assert (await client.post("/api/edge/listen", {"action": "dance"}))[0] == 400
        assert heard == ["start", "mute"]


async def nothing_yet() -> Sequence[Route]:
    return ()


async def test_a_port_in_use_is_named_and_had_once_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.api.http.server.FIRST_RETRY_S", 0.05)
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    async with HttpServer(Listening(ports=(port,)), nothing_yet, Tokens.in_state(tmp_path)) as server:
        await until(lambda: "another program" in server.facts()["ports"][str(port)])
        taken.close()
        await until(lambda: server.ports == [port])


async def test_a_server_that_ends_while_it_begins_leaves_no_socket_open(tmp_path: Path) -> None:
    for turn in range(60):
        async with HttpServer(Listening(ports=(0,)), nothing_yet, Tokens.in_state(tmp_path)):
            await asyncio.sleep(turn * 1e-4)
    gc.collect()  # says what was left open, which fails a test


# Tokens --------------------------------------------------------------------------------------------------------------


def test_tokens_are_kept_as_digests_that_only_their_owner_may_read(tmp_path: Path) -> None:
    tokens = Tokens.in_state(tmp_path)
    secret = tokens.add("phone")
    assert secret not in tokens.file.read_text()
    assert tokens.file.stat().st_mode & 0o077 == 0
    assert tokens.holder(secret) == "phone"
    assert tokens.holder(secret[:-1]) is None
    assert tokens.holder("") is None


def test_names_of_tokens_are_their_own(tmp_path: Path) -> None:
    tokens = Tokens.in_state(tmp_path)
    tokens.add("phone")
    for name in ("phone", "local", "", "a/b", "x" * 41, "\n"):
        with pytest.raises(TokenError):
            tokens.add(name)
    with pytest.raises(TokenError, match="phone"):
        tokens.revoke("tablet")


EMPTY = '{"tokens": [{"name": "x", "sha256": "", "created": ""}]}'


def test_tokens_that_anybody_could_have_written_let_nobody_in(tmp_path: Path) -> None:
    tokens = Tokens.in_state(tmp_path)
    secret = tokens.add("phone")
    tokens.file.chmod(0o666)
    with pytest.raises(TokenError, match="chmod 600"):
        tokens.holder(secret)
    tokens.file.chmod(0o640)
    assert tokens.holder(secret) == "phone"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tokens": [{}]}', '{"tokens": 7}', EMPTY])
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, text: str) -> None:
    tokens = Tokens.in_state(tmp_path)
    tokens.file.write_text(text)
    with pytest.raises(TokenError, match="damaged"):
        tokens.all()


async def test_a_damaged_file_is_an_answer_and_no_fault(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        client.tokens.file.write_text("{")
        status, told, _ = await client.get("/api/tags", Authorization="Bearer edge_abcdefghijklmnopqrstuvwxyz")
        assert status == 503
        assert "damaged" in told["error"]


words = st.text(max_size=60) | st.sampled_from(["localhost", "127.0.0.1", "[::1]", "[", "Bearer x", "Basic !", "a@b:c"])


@given(words, words, words, words)
def test_whatever_headers_say_strangers_are_refused_and_nothing_breaks(
    tmp_path_factory: pytest.TempPathFactory, host: str, origin: str, authorization: str, key: str
) -> None:
    tokens = Tokens(tmp_path_factory.getbasetemp() / "no-such-file.json")
    asked = Asked(host or None, origin or None, authorization or None, key or None)
    with pytest.raises(HttpError):
        Door(tokens, needs_token=True).admit(asked)
    try:
        caller = Door(tokens, needs_token=False).admit(asked)
    except HttpError:
        return
    assert not caller.authenticated


# Certificates --------------------------------------------------------------------------------------------------------


def certificate(directory: Path, until_: datetime | None = None) -> tuple[Certificate, trustme.CA]:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1", not_after=until_)
    file, key = directory / "cert.pem", directory / "key.pem"
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(file, append=number > 0)
    issued.private_key_pem.write_to_path(key)
    return Certificate(file, key), authority


async def test_with_a_certificate_it_speaks_https(tmp_path: Path) -> None:
    made, authority = certificate(tmp_path)
    async with serving(tmp_path, listening=Listening(certificate=made)) as client:
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        connector = aiohttp.TCPConnector(ssl=trusting, force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(f"{client.base}/healthz") as response,
        ):
            assert response.status == 200
        await until(lambda: client.server.facts()["ports"] == {str(client.server.ports[0]): "listening"})


@pytest.mark.parametrize(("days", "words_"), [(-1, "has expired"), (3, "expires in [23] days")])
def test_a_certificate_at_its_end_is_named(tmp_path: Path, days: int, words_: str) -> None:
    made, _ = certificate(tmp_path, datetime.now(UTC) + timedelta(days=days))
    context = made.context()
    with pytest.raises(CertificateError, match=words_):
        made.renew(context)


def test_a_new_certificate_is_taken_up(tmp_path: Path) -> None:
    made, _ = certificate(tmp_path, datetime.now(UTC) - timedelta(days=1))
    context = made.context()
    certificate(tmp_path)
    made.renew(context)


def test_files_that_are_no_certificate_are_named(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("x")
    (tmp_path / "key.pem").write_text("x")
    with pytest.raises(CertificateError, match="PEM"):
        Certificate(tmp_path / "cert.pem", tmp_path / "key.pem").context()
    with pytest.raises(CertificateError, match="can't be read"):
        Certificate(tmp_path / "none.pem", tmp_path / "key.pem").context()


def test_a_certificate_without_its_key_does_not_take_the_place_of_one_that_works(tmp_path: Path) -> None:
    made, authority = certificate(tmp_path)
    context = made.context()
    certificate(tmp_path)[1].private_key_pem.write_to_path(tmp_path / "key.pem")
    for _ in range(2):
        with pytest.raises(CertificateError, match="PEM"):
            made.renew(context)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(client)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = (client.wrap_bio(back, there, server_hostname="localhost"), context.wrap_bio(there, back, server_side=True))
    for _ in range(4):
        for side in sides:
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    assert sides[0].getpeercert()


def test_a_key_with_a_password_is_named_and_nobody_is_asked(tmp_path: Path) -> None:
    made, _ = certificate(tmp_path)
    key = load_pem_private_key(made.key.read_bytes(), None)
    secret = BestAvailableEncryption(b"word")
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret))
    with pytest.raises(CertificateError, match="password"):
        made.context()


def test_an_address_of_another_machine_can_not_be_listened_at() -> None:
    with pytest.raises(Exception, match="can't be listened at"):
        bound("192.0.2.1", 0)
