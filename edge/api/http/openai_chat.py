"""OpenAI's chat completions, and the models there are."""

import time
from collections.abc import AsyncGenerator
from typing import Any, Final

from aiohttp import web

from edge.api.http.errors import HttpError, Style, told
from edge.api.http.names import Named
from edge.api.http.openai_common import call_of, chosen_tools, form_wanted, new_id, sse, text_of
from edge.api.http.openai_requests import ChatMessage, ChatRequest, ChosenFunction
from edge.api.http.routes import EVENT, JSON, SSE, Call, Route, dumps, given, streamed
from edge.api.http.shop import Shop
from edge.api.http.talk import Ending, Offered, Told, answer, assisted, whole
from edge.llm.order import Order, Said
from edge.llm.tools import ToolCall
from edge.llm.wire import Sampling

DONE: Final = b"data: [DONE]\n\n"
_OBJECT: Final = {"type": "object"}


class OpenAiChat:
    """Answers the routes of chats and models."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style = Style.OPENAI
        return (
            Route("GET", "/v1/models", style, "The models there are", self._models, gives={JSON: _OBJECT}),
            Route("GET", "/v1/models/{model}", style, "A model", self._model, gives={JSON: _OBJECT}, fails=(404,)),
            Route(
                "POST",
                "/v1/chat/completions",
                style,
                "The next turn of a chat",
                self._chat,
                ChatRequest,
                gives={JSON: _OBJECT, SSE: EVENT},
                fails=(400, 404, 409, 429),
            ),
        )

    async def _models(self, call: Call) -> web.StreamResponse:
        return given(call, {"object": "list", "data": [_shown(one) for one in await self._shop.names.all()]})

    async def _model(self, call: Call) -> web.StreamResponse:
        return given(call, _shown(await self._shop.names.find(call.request.match_info["model"])))

    async def _chat(self, call: Call) -> web.StreamResponse:
        request: ChatRequest = call.body
        if request.n not in (None, 1):
            raise HttpError(400, "n: one answer at a time", param="n")
        named = await self._shop.names.running(request.model)
        if named.is_assistant:
            pieces = assisted(self._shop.desk, _last(request.messages), call.caller)
        else:
            pieces = answer(self._shop.desk, await self._order(request), call.caller)
        one_call = request.parallel_tool_calls is False
        id_, created = new_id("chatcmpl-"), int(time.time())
        head = {"id": id_, "created": created, "model": named.name, "system_fingerprint": "edge"}
        if request.stream:
            usage = bool(request.stream_options and request.stream_options.include_usage)
            chunks = _chunks(head, pieces, usage=usage, one_call=one_call)
            return await streamed(call, chunks, SSE, lambda error: sse(told(error, Style.OPENAI), dumps))
        found = await whole(pieces)
        message: dict[str, Any] = {"role": "assistant", "content": found.text or None, "refusal": None}
        if found.thought:
            message["reasoning_content"] = found.thought
        if found.calls:
            message["tool_calls"] = [_called(one) for one in found.calls[: 1 if one_call else None]]
        else:
            message["content"] = found.text
        finish = {"index": 0, "message": message, "logprobs": None, "finish_reason": found.ending.reason}
        return given(call, {**head, "object": "chat.completion", "choices": [finish], "usage": _usage(found.ending)})

    async def _order(self, request: ChatRequest) -> Order:
        wanted = request.response_format
        form = ""
        if wanted is not None:
            schema = wanted.json_schema.schema_ if wanted.json_schema else None
            form = await form_wanted(wanted.type, schema, "response_format.json_schema.schema")
        usual = Sampling()
        order = self._shop.order(
            _turns(request.messages),
            max_tokens=request.max_completion_tokens or request.max_tokens,
            temperature=request.temperature,
            seed=request.seed,
            stop=[request.stop] if isinstance(request.stop, str) else request.stop or [],
            sampling=Sampling(
                top_p=usual.top_p if request.top_p is None else request.top_p,
                presence_penalty=request.presence_penalty or 0.0,
                frequency_penalty=request.frequency_penalty or 0.0,
            ),
            form=form,
            think=False,
        )
        choice = request.tool_choice
        named = choice.function.name if isinstance(choice, ChosenFunction) else None
        offered = [
            Offered(one.function.name, one.function.description or "", one.function.parameters)
            for one in request.tools or ()
        ]
        toolbox, may, must = await chosen_tools(offered, choice if isinstance(choice, str) else None, named)
        return self._shop.with_tools(order, toolbox, may_call=may, must_call=must)


async def _chunks(
    head: dict[str, Any], pieces: AsyncGenerator[Told, None], *, usage: bool, one_call: bool
) -> AsyncGenerator[bytes, None]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        document = {**head, "object": "chat.completion.chunk", "choices": [choice]}
        return sse(document | ({"usage": None} if usage else {}), dumps)

    begun = False
    async for piece in pieces:
        if not begun:
            begun = True
            yield chunk({"role": "assistant", "content": "", "refusal": None})
        if piece.text:
            yield chunk({"content": piece.text})
        if piece.thought:
            yield chunk({"reasoning_content": piece.thought})
        if piece.calls:
            made = piece.calls[: 1 if one_call else None]
            yield chunk({"tool_calls": [{"index": number, **_called(one)} for number, one in enumerate(made)]})
        if piece.ending is not None:
            yield chunk({}, piece.ending.reason)
            if usage:
                last = {**head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(piece.ending)}
                yield sse(last, dumps)
    yield DONE


def _turns(messages: list[ChatMessage]) -> tuple[str, tuple[Said, ...]]:
    """The system's words, and the turns."""
    system: list[str] = []
    turns: list[Said] = []
    for number, message in enumerate(messages):
        at = f"messages[{number}]"
        text = text_of(message.content, at)
        match message.role:
            case "system" | "developer":
                system += [text] if text else []
            case "tool" | "function":
                turns.append(Said("tool", text))
            case "assistant":
                calls = [
                    call_of(one.function.name, one.function.arguments, f"{at}.tool_calls[{place}]")
                    for place, one in enumerate(message.tool_calls or ())
                ]
                turns.append(Said("assistant", text, tuple(calls)))
            case _:
                turns.append(Said("user", text))
    return "\n\n".join(system), tuple(turns)


def _last(messages: list[ChatMessage]) -> str:
    return next((text_of(one.content, "messages") for one in reversed(messages) if one.role == "user"), "")


def _called(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": dumps(dict(call.arguments))}
    return {"id": new_id("call_"), "type": "function", "function": function}


def _usage(ending: Ending) -> dict[str, Any]:
    return {
        "prompt_tokens": ending.prompt_tokens,
        "completion_tokens": ending.tokens,
        "total_tokens": ending.prompt_tokens + ending.tokens,
        "prompt_tokens_details": {"cached_tokens": ending.reused_tokens},
    }


def _shown(named: Named) -> dict[str, Any]:
    return {"id": named.name, "object": "model", "created": int(named.modified.timestamp()), "owned_by": "edge"}
