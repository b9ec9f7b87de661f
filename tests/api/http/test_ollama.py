"""Ollama's interface, as Home Assistant and others use it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from edge.assistant.model import Source
from edge.llm.errors import LlmBusy, LlmError, LlmNotReady, LlmRefused
from edge.llm.tools import ToolCall
from edge.llm.wire import Reason
from tests.api.http.serving import DONE, ScriptedAssistant, ScriptedModel, serving, until

USER = {"role": "user", "content": "turn on the lamp"}
TOOL = {
    "type": "function",
    "function": {
        "name": "HassTurnOn",
        "description": "Turns on",
        "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    },
}


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


async def test_a_chat_streams_lines_and_the_last_one_has_the_figures(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        status, text, headers = await client.post("/api/chat", {"model": "tiny", "messages": [USER]})
        assert (status, headers["Content-Type"]) == (200, "application/x-ndjson")
        *pieces, last = lines(text)
        assert [one["message"]["content"] for one in pieces] == ["Hel", "lo", "."]
        assert not any(one["done"] for one in pieces)
        assert last["done"] is True
        assert last["done_reason"] == "stop"
        assert (last["prompt_eval_count"], last["eval_count"]) == (7, 3)


async def test_without_a_stream_there_is_one_document(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        body = {"model": "tiny:latest", "messages": [USER], "stream": False}
        _, told, _ = await client.post("/api/chat", body)
        assert told["message"] == {"role": "assistant", "content": "Hello."}
        assert told["done"] is True


async def test_what_home_assistant_sends_is_taken_as_it_comes(tmp_path: Path) -> None:
    model = ScriptedModel()
    model.calls(ToolCall("HassTurnOn", {"name": "lamp", "domain": ["light"]}))
    async with serving(tmp_path, model) as client:
        body = {
            "model": "tiny",
            "messages": [
                {"role": "system", "content": "You are helpful."},
                USER,
                {
                    "role": "assistant",
                    "content": "",
                    "tool_calls": [{"function": {"name": "HassTurnOn", "arguments": {"name": "lamp"}}}],
                },
                {"role": "tool", "content": '{"success": []}'},
            ],
            "tools": [TOOL],
            "stream": True,
            "format": None,
            "think": False,
            "options": {"num_ctx": 8192.0, "num_predict": 40.0, "temperature": 1},
            "keep_alive": "-1.0s",
        }
        status, text, headers = await client.post("/api/chat", body)
        assert status == 200
        first, last = lines(text)
        call = {"function": {"name": "HassTurnOn", "arguments": {"name": "lamp", "domain": ["light"]}}}
        assert first["message"]["tool_calls"] == [call]
        assert last["done_reason"] == "stop"
        assert "num_ctx 8192" in headers["X-Edge-Notice"]
        (order,) = model.orders
        assert order.instructions == "You are helpful."
        assert [turn.role for turn in order.turns] == ["user", "assistant", "tool"]
        assert order.turns[1].calls == (ToolCall("HassTurnOn", {"name": "lamp"}),)
        assert order.toolbox is not None
        assert order.max_tokens == 40


async def test_a_form_is_handed_on_as_a_schema(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with serving(tmp_path, model) as client:
        schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
        for form in ("json", schema):
            assert (await client.post("/api/chat", {"model": "tiny", "messages": [USER], "format": form}))[0] == 200
        assert [json.loads(order.form) for order in model.orders] == [{"type": "object"}, schema]


async def test_a_form_that_is_none_is_refused_and_says_where(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        wrong = {"properties": {"a": {"type": "colour"}}}
        status, told, _ = await client.post("/api/chat", {"model": "tiny", "messages": [USER], "format": wrong})
        assert status == 400
        assert "schema.properties.a.type" in told["error"]


async def test_thoughts_are_told_apart(tmp_path: Path) -> None:
    model = ScriptedModel(["<th", "ink>\nLet me", " see</thi", "nk>\n\nIt is", " on."])
    async with serving(tmp_path, model) as client:
        body = {"model": "tiny", "messages": [USER], "think": True, "stream": False}
        _, told, headers = await client.post("/api/chat", body)
        assert told["message"]["thinking"] == "Let me see"
        assert "knows of no thinking" in headers["X-Edge-Notice"]
        assert told["message"]["content"] == "It is on."
        assert model.orders[0].think


async def test_an_answer_cut_short_says_so(tmp_path: Path) -> None:
    done = type(DONE)(1, Reason.LENGTH)
    async with serving(tmp_path, ScriptedModel(done=done)) as client:
        _, told, _ = await client.post("/api/chat", {"model": "tiny", "messages": [USER], "stream": False})
        assert told["done_reason"] == "length"


async def test_a_prompt_is_followed(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with serving(tmp_path, model) as client:
        body = {"model": "tiny", "prompt": "why?", "system": "Be short.", "stream": False}
        _, told, _ = await client.post("/api/generate", body)
        assert told["response"] == "Hello."
        assert (model.orders[0].instructions, model.orders[0].turns[0].text) == ("Be short.", "why?")


async def test_no_messages_load_the_model_and_nothing_else(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with serving(tmp_path, model) as client:
        _, told, _ = await client.post("/api/chat", {"model": "tiny", "keep_alive": 0})
        assert told["done_reason"] == "load"
        _, told, _ = await client.post("/api/generate", {"model": "tiny"})
        assert told["done_reason"] == "load"
        assert not model.orders


async def test_the_models_there_are_and_the_one_that_runs(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        _, tags, _ = await client.get("/api/tags")
        assert [one["model"] for one in tags["models"]] == ["edge", "tiny"]
        assert tags["models"][1]["details"]["family"] == "qwen2"
        _, running, _ = await client.get("/api/ps")
        assert [(one["model"], one["context_length"]) for one in running["models"]] == [("tiny", 2048)]
        _, shown, _ = await client.post("/api/show", {"model": "tiny"})
        assert "tools" in shown["capabilities"]
        assert shown["model_info"]["qwen2.context_length"] == 2048
        assert (await client.get("/api/version"))[1]["version"]
        assert (await client.get("/"))[1] == "Ollama is running"


async def test_the_assistant_is_one_of_the_models(tmp_path: Path) -> None:
    assistant = ScriptedAssistant()
    async with serving(tmp_path, assistant=assistant) as client:
        messages = [{"role": "system", "content": "x"}, {"role": "user", "content": "hm"}, USER]
        _, text, _ = await client.post("/api/chat", {"model": "edge", "messages": messages})
        assert lines(text)[0]["message"]["content"] == "The lamp is on."
        (utterance,) = assistant.asked
        assert (utterance.text, utterance.source) == ("turn on the lamp", Source.HTTP)
        assert not utterance.authenticated


async def test_other_names_for_models(tmp_path: Path) -> None:
    async with serving(tmp_path, aliases={"gpt-4o-mini": "tiny"}) as client:
        body = {"model": "gpt-4o-mini", "messages": [USER], "stream": False}
        assert (await client.post("/api/chat", body))[1]["model"] == "tiny"


async def test_a_model_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        status, told, _ = await client.post("/api/chat", {"model": "llama3", "messages": [USER]})
        assert status == 404
        assert "llama3" in told["error"]
        assert "tiny" in told["error"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b'{"model": 7}', "model"),
        (b'{"model": "tiny", "messages": [{"role": "wizard"}]}', "messages.0.role"),
        (b'{"model": "tiny", "messages": [{"role": "user", "content": "\\ud800"}]}', "escape"),
        (b'{"model": "tiny", "messages": [{"role": "user", "images": ["x"]}]}', "images"),
        (b'{"model": "tiny", "messages": [{"role": "user", "content": ""}]}', "nothing to answer"),
        (b'{"model": "tiny", "messages": [], "options": {"num_ctx": "many"}}', "options.num_ctx"),
    ],
)
async def test_a_wrong_request_is_named(tmp_path: Path, body: bytes, named: str) -> None:
    async with serving(tmp_path) as client:
        status, told, _ = await client.post("/api/chat", body)
        assert status == 400
        assert named.casefold() in told["error"].casefold()


@pytest.mark.parametrize(
    ("error", "status", "later"),
    [
        (LlmBusy("busy"), 503, True),
        (LlmNotReady("loading"), 503, True),
        (LlmRefused("that is too long"), 400, False),
        (LlmError("it died"), 503, True),
    ],
)
async def test_what_the_model_complains_of_has_a_status(
    tmp_path: Path, error: LlmError, status: int, later: bool
) -> None:
    async with serving(tmp_path, ScriptedModel(error=error)) as client:
        got, told, headers = await client.post("/api/chat", {"model": "tiny", "messages": [USER]})
        assert (got, told) == (status, {"error": str(error)})
        assert ("Retry-After" in headers) == later


async def test_what_goes_wrong_later_is_the_last_line(tmp_path: Path) -> None:
    class Dying(ScriptedModel):
        async def complete(self, order: Any) -> Any:  # noqa: ARG002 (the model's)
            yield "Hel"
            raise LlmError("the language model was ended")

    async with serving(tmp_path, Dying()) as client:
        status, text, _ = await client.post("/api/chat", {"model": "tiny", "messages": [USER]})
        assert status == 200
        assert lines(text)[-1] == {"error": "the language model was ended"}


async def test_hanging_up_stops_the_work(tmp_path: Path) -> None:
    model = ScriptedModel(hold=asyncio.Event())
    async with serving(tmp_path, model) as client:
        for stream in (True, False):
            model.begun.clear()
            model.ended.clear()
            asking = asyncio.create_task(
                client.post("/api/chat", {"model": "tiny", "messages": [USER], "stream": stream})
            )
            await model.begun.wait()
            asking.cancel()
            await asyncio.wait((asking,))
            async with asyncio.timeout(5):
                await model.ended.wait()
        await until(lambda: client.shop.desk.queue.waiting == 0)


async def test_more_than_may_wait_are_told_to_come_back(tmp_path: Path) -> None:
    model = ScriptedModel(hold=asyncio.Event())
    async with serving(tmp_path, model, most_waiting=4) as client:
        body = {"model": "tiny", "messages": [USER], "stream": False}
        asking = [asyncio.create_task(client.post("/api/chat", body)) for _ in range(4)]
        await until(lambda: client.shop.desk.queue.waiting == 3)
        status, told, headers = await client.post("/api/chat", body)
        assert status == 429
        assert int(headers["Retry-After"]) >= 1
        assert "later" in told["error"]
        assert model.hold
        model.hold.set()
        assert [status for status, *_ in await asyncio.gather(*asking)] == [200] * 4
