"""OpenAI's interface, with OpenAI's own client and by hand."""

import io
import json
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import openai
import pytest

from edge.api.http.ports import Pcm, Samples
from edge.errors import EdgeError
from edge.llm.tools import ToolCall
from edge.llm.wire import Done, Reason
from tests.api.http.serving import Client, ScriptedModel, serving

USER: Any = {"role": "user", "content": "hi"}
TOOL: Any = {"name": "HassTurnOn", "parameters": {"type": "object", "properties": {"name": {"type": "string"}}}}
CHAT_TOOL: Any = {"type": "function", "function": TOOL}
CALL = ToolCall("HassTurnOn", {"name": "lamp"})


def client_of(here: Client, key: str = "sk-none") -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{here.base}/v1", api_key=key, max_retries=0)


async def test_the_models_there_are(tmp_path: Path) -> None:
    async with serving(tmp_path) as here, client_of(here) as client:
        assert [one.id for one in (await client.models.list()).data] == ["edge", "tiny"]
        assert (await client.models.retrieve("tiny")).id == "tiny"
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("gpt-5")


async def test_a_chat_as_a_whole_and_as_a_stream(tmp_path: Path) -> None:
    async with serving(tmp_path) as here, client_of(here) as client:
        whole = await client.chat.completions.create(model="tiny", messages=[USER])
        assert whole.choices[0].message.content == "Hello."
        assert whole.choices[0].finish_reason == "stop"
        assert whole.usage
        assert (whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.usage.total_tokens) == (7, 3, 10)
        stream = await client.chat.completions.create(
            model="tiny", messages=[USER], stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        assert "".join(one.choices[0].delta.content or "" for one in chunks if one.choices) == "Hello."
        assert chunks[0].choices[0].delta.role == "assistant"
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].usage
        assert chunks[-1].usage.total_tokens == 10


async def test_calls_and_their_results(tmp_path: Path) -> None:
    model = ScriptedModel()
    model.calls(CALL)
    async with serving(tmp_path, model) as here, client_of(here) as client:
        whole = await client.chat.completions.create(model="tiny", messages=[USER], tools=[CHAT_TOOL])
        message = whole.choices[0].message
        assert whole.choices[0].finish_reason == "tool_calls"
        assert message.tool_calls
        (call,) = message.tool_calls
        assert json.loads(call.function.arguments) == {"name": "lamp"}  # type: ignore[union-attr]
        result: Any = {"role": "tool", "tool_call_id": call.id, "content": "done"}
        stream = await client.chat.completions.create(
            model="tiny", messages=[USER, message, result], tools=[CHAT_TOOL], stream=True
        )
        chunks = [chunk async for chunk in stream]
        called = [one.choices[0].delta.tool_calls for one in chunks if one.choices[0].delta.tool_calls]
        assert called[0][0].function
        assert called[0][0].function.name == "HassTurnOn"
        assert model.orders[1].turns[1].calls == (CALL,)
        assert model.orders[1].turns[2].text == "done"


@pytest.mark.parametrize(
    ("choice", "may", "must"),
    [
        (None, True, False),
        ("auto", True, False),
        ("none", False, False),
        ("required", True, True),
        ({"type": "function", "function": {"name": "HassTurnOn"}}, True, True),
    ],
)
async def test_who_may_and_must_call(tmp_path: Path, choice: Any, may: bool, must: bool) -> None:
    model = ScriptedModel()
    async with serving(tmp_path, model) as here:
        other = {"type": "function", "function": {"name": "Other"}}
        body = {"model": "tiny", "messages": [USER], "tools": [CHAT_TOOL, other], "tool_choice": choice}
        assert (await here.post("/v1/chat/completions", body))[0] == 200
        (order,) = model.orders
        assert (order.may_call, order.must_call) == (may, must)
        assert order.toolbox
        assert len(order.toolbox.tools) == (1 if isinstance(choice, dict) else 2)


async def test_how_it_is_sampled_and_where_it_stops(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with serving(tmp_path, model) as here, client_of(here) as client:
        await client.chat.completions.create(
            model="tiny",
            messages=[{"role": "developer", "content": "Be short."}, USER],
            temperature=0.1,
            top_p=0.5,
            seed=7,
            stop=["\n", "END"],
            max_completion_tokens=50,
            frequency_penalty=0.5,
            response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "boolean"}}},
        )
        (order,) = model.orders
        assert (order.instructions, order.temperature, order.seed, order.max_tokens) == ("Be short.", 0.1, 7, 50)
        assert (order.sampling.top_p, order.sampling.frequency_penalty, order.stop) == (0.5, 0.5, ("\n", "END"))
        assert json.loads(order.form) == {"type": "boolean"}


async def test_responses_stream_events_in_their_order(tmp_path: Path) -> None:
    async with serving(tmp_path) as here, client_of(here) as client:
        stream = await client.responses.create(
            model="tiny", input=[{"role": "developer", "content": "x"}, USER], stream=True, store=False
        )
        events = [event async for event in stream]
        assert [event.type for event in events] == [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            *["response.output_text.delta"] * 3,
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
        assert [event.sequence_number for event in events] == list(range(len(events)))
        last = events[-1]
        assert last.type == "response.completed"
        assert last.response.output_text == "Hello."
        assert last.response.usage
        assert (last.response.usage.input_tokens, last.response.usage.output_tokens) == (7, 3)


async def test_responses_call_and_take_results_as_home_assistant_sends_them(tmp_path: Path) -> None:
    model = ScriptedModel()
    model.calls(CALL)
    async with serving(tmp_path, model) as here, client_of(here) as client:
        asked: Any = [
            {"type": "message", "role": "developer", "content": "x"},
            {"type": "message", "role": "user", "content": "turn it on"},
            {"type": "function_call", "name": "HassTurnOn", "arguments": '{"name": "lamp"}', "call_id": "c1"},
            {"type": "function_call_output", "call_id": "c1", "output": '{"done": true}'},
        ]
        tools: Any = [{"type": "function", "strict": False, "description": "Turns on", **TOOL}]
        stream = await client.responses.create(
            model="tiny",
            input=asked,
            tools=tools,
            stream=True,
            store=False,
            max_output_tokens=3000,
            top_p=1.0,
            temperature=1.0,
            user="someone",
            prompt_cache_retention="24h",
        )
        events = [event async for event in stream]
        assert [event.type for event in events][2:] == [
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed",
        ]
        done = events[4]
        assert done.type == "response.function_call_arguments.done"
        assert json.loads(done.arguments) == {"name": "lamp"}
        (order,) = model.orders
        assert order.turns[1].calls == (CALL,)
        assert order.turns[2].text == '{"done": true}'
        whole = await client.responses.create(model="tiny", input="hi")
        assert whole.output[0].type == "function_call"


async def test_a_response_that_is_cut_short_is_incomplete(tmp_path: Path) -> None:
    model = ScriptedModel(done=Done(1, Reason.LENGTH))
    async with serving(tmp_path, model) as here, client_of(here) as client:
        whole = await client.responses.create(model="tiny", input="hi")
        assert whole.status == "incomplete"
        assert whole.incomplete_details
        assert whole.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/v1/chat/completions", {"model": "tiny", "messages": []}, "messages"),
        ("/v1/chat/completions", {"model": "tiny", "messages": [USER], "n": 2}, "n"),
        ("/v1/chat/completions", {"model": "tiny", "messages": [USER], "temperature": 3}, "temperature"),
        ("/v1/chat/completions", {"model": "tiny", "messages": [USER], "tool_choice": "required"}, "tool_choice"),
        ("/v1/chat/completions", {"model": "tiny", "messages": [USER], "tools": [CHAT_TOOL, CHAT_TOOL]}, "tools"),
        (
            "/v1/chat/completions",
            {"model": "tiny", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages[0]",
        ),
        ("/v1/responses", {"model": "tiny", "input": "x", "previous_response_id": "r"}, "previous_response_id"),
        ("/v1/responses", {"model": "tiny", "input": [{"type": "function_call", "arguments": "7"}]}, "input[0]"),
        ("/v1/responses", {"model": "nope", "input": "x"}, "model"),
    ],
)
async def test_a_wrong_request_names_the_field(tmp_path: Path, path: str, body: Any, named: str) -> None:
    async with serving(tmp_path) as here:
        status, told, _ = await here.post(path, body)
        assert status in (400, 404)
        assert told["error"]["param"] == named
        assert told["error"]["type"] == "invalid_request_error"


class Ears:
    """Hears how much there is to hear."""

    async def transcribe(self, samples: Samples) -> str:
        return f"{len(samples)} samples"


class Mouth:
    """Says a click a word."""

    def __init__(self, error: EdgeError | None = None) -> None:
        self.error = error

    async def speak(self, text: str, voice: str | None) -> AsyncIterator[Pcm]:  # noqa: ARG002 (the port's)
        if self.error:
            raise self.error
        for _ in text.split():
            yield Pcm(np.full(10, 7, np.int16), 22050)


def recording(seconds: float = 0.1, rate: int = 16_000, width: int = 2, channels: int = 1) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(int(seconds * rate) * width * channels))
    return data.getvalue()


async def test_recordings_become_text(tmp_path: Path) -> None:
    async with serving(tmp_path, ears=Ears()) as here, client_of(here) as client:
        for channels, width in ((1, 2), (2, 1), (2, 4), (1, 3)):
            file = ("x.wav", recording(width=width, channels=channels))
            told = await client.audio.transcriptions.create(file=file, model="whisper-1")
            assert told.text == "1600 samples"
        text = await client.audio.transcriptions.create(
            file=("x.wav", recording()), model="whisper-1", response_format="text"
        )
        assert text == "1600 samples\n"


@pytest.mark.parametrize("data", [b"", b"RIFF", b"ID3 an mp3", recording()[:60], recording(rate=1000)])
async def test_what_is_no_wav_is_refused(tmp_path: Path, data: bytes) -> None:
    async with serving(tmp_path, ears=Ears()) as here:
        form = aiohttp.FormData()
        form.add_field("file", data, filename="x.wav")
        status, told, _ = await here.post("/v1/audio/transcriptions", form)
        assert status in (200, 400)  # a WAV that ends early is heard as far as it goes
        assert status == 200 or "WAV" in told["error"]["message"] or "kHz" in told["error"]["message"]
        assert (await here.post("/v1/audio/transcriptions", {"file": "x"}))[0] == 400


async def test_a_recording_that_claims_the_most_there_is_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    data = bytearray(recording())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"  # as whoever writes into a pipe has to
    async with serving(tmp_path, ears=Ears()) as here:
        form = aiohttp.FormData()
        form.add_field("file", bytes(data), filename="x.wav")
        status, told, _ = await here.post("/v1/audio/transcriptions", form)
        assert (status, told) == (200, {"text": "1600 samples"})


async def test_texts_become_sound(tmp_path: Path) -> None:
    async with serving(tmp_path, mouth=Mouth()) as here, client_of(here) as client:
        told = await client.audio.speech.create(model="tts-1", voice="alloy", input="one two")
        with wave.open(io.BytesIO(told.content)) as file:
            assert (file.getframerate(), file.getnchannels()) == (22050, 1)
        assert len(told.content) == 44 + 40
        raw = await client.audio.speech.create(model="tts-1", voice="alloy", input="one two", response_format="pcm")
        assert len(raw.content) == 40
        with pytest.raises(openai.BadRequestError, match="mp3"):
            await client.audio.speech.create(model="tts-1", voice="alloy", input="one", response_format="mp3")


async def test_without_a_recogniser_or_a_voice_it_says_so_and_when_to_come_back(tmp_path: Path) -> None:
    async with serving(tmp_path, mouth=Mouth(EdgeError("no voice: add one"))) as here:
        status, told, headers = await here.post("/v1/audio/speech", {"input": "one"})
        assert (status, told["error"]["message"]) == (503, "no voice: add one")
        assert "Retry-After" in headers
        form = aiohttp.FormData()
        form.add_field("file", recording(), filename="x.wav")
        status, told, headers = await here.post("/v1/audio/transcriptions", form)
        assert status == 503
        assert "Retry-After" in headers
