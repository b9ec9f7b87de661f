"""What clients that mean harm, or are broken, can't do: fill the memory, keep others waiting, stay for ever."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from edge.api.http import ollama_requests, openai_requests
from edge.api.http.errors import HttpError
from edge.api.http.routes import MOST_COMMAS, MOST_PARTS, Bodies, parsed
from tests.api.http.serving import ScriptedModel, serving, until

MESSAGES = [{"role": "user", "content": "x"}]


def head(path: str, body: bytes, **headers: str) -> bytes:
    lines = {"Host": "localhost", "Content-Length": str(len(body)), **headers}
    return "\r\n".join(
        [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items()), "", ""]
    ).encode()


@pytest.mark.parametrize("stream", [True, False])
async def test_who_does_not_read_the_answer_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    monkeypatch.setattr("edge.api.http.routes.WRITE_S", 0.2)
    model = ScriptedModel(script=["x" * 100_000] * 200)
    async with serving(tmp_path, model) as client:
        body = json.dumps({"model": "tiny", "messages": MESSAGES, "stream": stream}).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", client.server.ports[0], limit=1000)
        writer.write(head("/api/chat", body) + body)
        await model.begun.wait()
        await until(lambda: client.server.facts()["connections"] == 0)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(20_000_000)
        writer.transport.abort()


async def test_last_words_that_nobody_reads_keep_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.api.http.server.LOOK_S", 0.1)
    model = ScriptedModel(hold=asyncio.Event())
    async with serving(tmp_path, model) as client:
        body = json.dumps({"model": "tiny", "messages": MESSAGES}).encode()
        _, writer = await asyncio.open_connection("127.0.0.1", client.server.ports[0], limit=1000)
        writer.write(head("/api/chat", body) + body)
        await model.begun.wait()
        (transport,) = client.server._connections._open
        transport.write(b"x" * 20_000_000)
        transport.close()
        assert client.server.facts()["connections"] == 1
        await until(lambda: client.server.facts()["connections"] == 0)
        writer.transport.abort()


@pytest.mark.parametrize(
    "data",
    [
        b"GET /token/edge_secretsecretsecret/api/tags HTTP/9.9.9\r\n\r\n",
        b"GET /token/edge_secretsecretsecret/\x01 HTTP/1.1\r\n\r\n",
        b"GET /token/edge_secretsecretsecret/ HTTP/1.1\r\nHost: x\r\nAuthorization : edge_secretsecretsecret\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: edge_secretsecretsecret\r\nB\r\n\r\n",
        b"GET /" + b"edge_secretsecretsecret" * 2000 + b" HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_answered_and_not_written_out(
    tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(tmp_path) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.server.ports[0])
        writer.write(data)
        async with asyncio.timeout(5):
            assert (await reader.read()).startswith(b"HTTP/1.0 400")
        writer.close()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info]
    assert "secretsecret" not in "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)


@pytest.mark.parametrize(
    "data",
    [
        # Two lengths, a length and chunks, chunks that are none, a length that is none: all parsers must agree.
        b"Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Content-Length: +2\r\n\r\n{}",
        b"Content-Length : 2\r\n\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    ],
)
async def test_a_request_whose_length_can_be_read_in_two_ways_is_refused(tmp_path: Path, data: bytes) -> None:
    async with serving(tmp_path) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.server.ports[0])
        writer.write(
            b"POST /api/show HTTP/1.1\r\nHost: localhost\r\n"
            + data
            + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        async with asyncio.timeout(5):
            answer = await reader.read()
        assert answer.split()[1] == b"400"
        assert b" 200 " not in answer
        writer.close()


@pytest.mark.parametrize("kind", [ollama_requests.ChatRequest, openai_requests.ChatRequest])
@pytest.mark.parametrize("key", ["tools", "messages", "stop", "options"])
def test_the_first_of_many_faults_is_enough(kind: type[BaseModel], key: str) -> None:
    many: Any = [1] * 1500
    if key == "messages":
        many = [{"role": "user", "content": [{}] * 10, "tool_calls": [{}] * 10}] * 500
    document = {"model": "tiny", "messages": MESSAGES, key: {"stop": many} if key == "options" else many}
    try:
        kind.model_validate_json(json.dumps(document))
    except ValidationError as error:
        assert error.error_count() <= 4  # one for each way that it could have been meant


@pytest.mark.parametrize("many", [[{}] * MOST_PARTS, [1] * (MOST_COMMAS + 1)])
def test_a_body_of_very_many_parts_is_not_read(many: Any) -> None:
    document = {"model": "tiny", "messages": MESSAGES, "format": {"enum": many}}
    with pytest.raises(HttpError, match="too many parts"):
        parsed(json.dumps(document).encode(), ollama_requests.ChatRequest)


def test_all_bodies_together_have_a_limit_and_are_forgotten_once_answered() -> None:
    bodies = Bodies(100)
    with bodies.holding() as one:
        one.add(60)
        with bodies.holding() as other, pytest.raises(HttpError) as refused:
            other.add(60)
        assert (refused.value.status, "Retry-After" in refused.value.headers) == (503, True)
        one.add(40)
    assert bodies.bytes == 0
