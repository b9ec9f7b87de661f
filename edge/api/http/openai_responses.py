"""OpenAI's responses, which remember nothing here: the whole conversation comes with each request."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from edge.api.http.errors import HttpError, Style
from edge.api.http.openai_common import call_of, chosen_tools, form_wanted, new_id, sse, text_of
from edge.api.http.openai_requests import ChosenTool, ResponseItem, ResponsesRequest
from edge.api.http.routes import EVENT, JSON, SSE, Call, Route, dumps, given, streamed
from edge.api.http.shop import Shop
from edge.api.http.talk import Ending, Offered, Told, answer, assisted
from edge.llm.order import Order, Said
from edge.llm.tools import ToolCall
from edge.llm.wire import Sampling


class OpenAiResponses:
    """Answers the route of responses."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        gives = {JSON: {"type": "object"}, SSE: EVENT}
        summary, fails = "What answers an input", (400, 404, 409, 429)
        return (
            Route(
                "POST",
                "/v1/responses",
                Style.OPENAI,
                summary,
                self._respond,
                ResponsesRequest,
                gives=gives,
                fails=fails,
            ),
        )

    async def _respond(self, call: Call) -> web.StreamResponse:
        request: ResponsesRequest = call.body
        if request.previous_response_id:
            raise HttpError(
                400, "previous_response_id: nothing is kept here, send the conversation", param="previous_response_id"
            )
        named = await self._shop.names.running(request.model)
        if named.is_assistant:
            pieces = assisted(self._shop.desk, _last(request), call.caller)
        else:
            pieces = answer(self._shop.desk, await self._order(request), call.caller)
        writing = _Writing(request, named.name)
        if request.stream:
            return await streamed(call, writing.events(pieces), SSE, writing.failure)
        async with aclosing(pieces) as told:
            async for piece in told:
                writing.take(piece)
        writing.end()
        return given(call, writing.response(writing.status))

    async def _order(self, request: ResponsesRequest) -> Order:
        wanted = request.text.format if request.text else None
        form = await form_wanted(wanted.type, wanted.schema_, "text.format.schema") if wanted else ""
        order = self._shop.order(
            _turns(request),
            max_tokens=request.max_output_tokens,
            temperature=request.temperature,
            seed=None,
            stop=(),
            sampling=Sampling() if request.top_p is None else Sampling(top_p=request.top_p),
            form=form,
            think=False,
        )
        choice = request.tool_choice
        offered = [Offered(one.name, one.description or "", one.parameters) for one in request.tools or ()]
        toolbox, may, must = await chosen_tools(
            offered,
            choice if isinstance(choice, str) else None,
            choice.name if isinstance(choice, ChosenTool) else None,
        )
        return self._shop.with_tools(order, toolbox, may_call=may, must_call=must)


@dataclass(slots=True)
class _Writing:
    """One response while it is written: items, and the events that tell of them."""

    request: ResponsesRequest
    model: str
    id: str = field(default_factory=lambda: new_id("resp_"))
    created: float = field(default_factory=time.time)
    items: list[dict[str, Any]] = field(default_factory=list)
    ending: Ending | None = None
    _number: int = 0
    _open: bool = False
    """Whether the last item is a message that goes on."""

    @property
    def status(self) -> str:
        """Of the response, once it has ended."""
        return "incomplete" if self.ending and self.ending.reason == "length" else "completed"

    async def events(self, pieces: AsyncGenerator[Told, None]) -> AsyncGenerator[bytes, None]:
        """Server-sent events, from `response.created` to what ends it."""
        begun = False
        async with aclosing(pieces) as told:
            async for piece in told:
                if not begun:
                    begun = True
                    yield self._event("response.created", response=self.response("in_progress"))
                    yield self._event("response.in_progress", response=self.response("in_progress"))
                for event, facts in self.take(piece):
                    yield self._event(event, **facts)
        for event, facts in self.end():
            yield self._event(event, **facts)
        yield self._event(f"response.{self.status}", response=self.response(self.status))

    def failure(self, error: HttpError) -> bytes:
        """The event that ends it otherwise."""
        problem = {"code": "server_error", "message": str(error)}
        return self._event("response.failed", response={**self.response("failed"), "error": problem})

    def take(self, piece: Told) -> list[tuple[str, dict[str, Any]]]:
        """What a piece adds, as events."""
        events: list[tuple[str, dict[str, Any]]] = []
        if piece.text:
            if not self._open:
                events += self._begin_message()
            self.items[-1]["content"][0]["text"] += piece.text
            events.append(("response.output_text.delta", {**self._place(), "delta": piece.text, "logprobs": []}))
        for call in piece.calls if self.request.parallel_tool_calls is not False else piece.calls[:1]:
            events += self.end()
            events += self._call(call)
        self.ending = piece.ending or self.ending
        return events

    def end(self) -> list[tuple[str, dict[str, Any]]]:
        """End the message that goes on, if one does."""
        if not self._open:
            return []
        self._open = False
        item = self.items[-1]
        item["status"] = self.status
        (part,) = item["content"]
        place = self._place()
        return [
            ("response.output_text.done", {**place, "text": part["text"], "logprobs": []}),
            ("response.content_part.done", {**place, "part": dict(part)}),
            ("response.output_item.done", {"output_index": len(self.items) - 1, "item": item}),
        ]

    def response(self, status: str) -> dict[str, Any]:
        """The response as it is now."""
        request, ended = self.request, status in ("completed", "incomplete")
        ending = self.ending or Ending()
        usage = {
            "input_tokens": ending.prompt_tokens,
            "input_tokens_details": {"cached_tokens": ending.reused_tokens},
            "output_tokens": ending.tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": ending.prompt_tokens + ending.tokens,
        }
        tools = [
            {"type": "function", "name": one.name, "parameters": one.parameters, "strict": False}
            | ({"description": one.description} if one.description else {})
            for one in request.tools or ()
        ]
        choice = request.tool_choice
        return {
            "id": self.id,
            "object": "response",
            "created_at": int(self.created),
            "status": status,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "instructions": request.instructions,
            "max_output_tokens": request.max_output_tokens,
            "model": self.model,
            "output": self.items if ended else [],
            "parallel_tool_calls": request.parallel_tool_calls is not False,
            "previous_response_id": None,
            "temperature": request.temperature,
            "tool_choice": choice.model_dump() if isinstance(choice, ChosenTool) else choice or "auto",
            "tools": tools,
            "top_p": request.top_p,
            "truncation": "auto",
            "usage": usage if ended else None,
            "user": request.user,
            "metadata": {},
            "store": False,
        }

    def _begin_message(self) -> list[tuple[str, dict[str, Any]]]:
        self._open = True
        part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        item = {"id": new_id("msg_"), "type": "message", "status": "in_progress", "role": "assistant"}
        self.items.append({**item, "content": [part]})
        added = {"output_index": len(self.items) - 1, "item": {**item, "content": []}}
        return [
            ("response.output_item.added", added),
            ("response.content_part.added", {**self._place(), "part": dict(part)}),
        ]

    def _call(self, call: ToolCall) -> list[tuple[str, dict[str, Any]]]:
        arguments = dumps(dict(call.arguments))
        item = {"id": new_id("fc_"), "type": "function_call", "call_id": new_id("call_"), "name": call.name}
        done = {**item, "arguments": arguments, "status": "completed"}
        self.items.append(done)
        index = len(self.items) - 1
        place = {"item_id": item["id"], "output_index": index}
        added = {"output_index": index, "item": {**item, "arguments": "", "status": "in_progress"}}
        return [
            ("response.output_item.added", added),
            ("response.function_call_arguments.delta", {**place, "delta": arguments}),
            ("response.function_call_arguments.done", {**place, "name": call.name, "arguments": arguments}),
            ("response.output_item.done", {"output_index": index, "item": done}),
        ]

    def _place(self) -> dict[str, Any]:
        return {"item_id": self.items[-1]["id"], "output_index": len(self.items) - 1, "content_index": 0}

    def _event(self, kind: str, **facts: Any) -> bytes:
        document = {"type": kind, "sequence_number": self._number, **facts}
        self._number += 1
        return sse(document, dumps, kind)


def _turns(request: ResponsesRequest) -> tuple[str, tuple[Said, ...]]:
    """The system's words, and the turns."""
    system = [request.instructions] if request.instructions else []
    turns: list[Said] = []
    items = [ResponseItem(role="user", content=request.input)] if isinstance(request.input, str) else request.input
    for number, item in enumerate(items):
        at = f"input[{number}]"
        match item.type:
            case "message" if item.role in ("system", "developer"):
                system += [text] if (text := text_of(item.content, at)) else []
            case "message":
                turns.append(Said(item.role or "user", text_of(item.content, at)))
            case "function_call":
                _add_call(turns, call_of(item.name, item.arguments, at))
            case "function_call_output":
                turns.append(Said("tool", text_of(item.output, at)))
            case _:
                pass  # what another model thought is none of this one's
    return "\n\n".join(system), tuple(turns)


def _add_call(turns: list[Said], call: ToolCall) -> None:
    """Calls are part of the assistant's turn before them."""
    if turns and turns[-1].role == "assistant":
        last = turns.pop()
        turns.append(Said("assistant", last.text, (*last.calls, call)))
    else:
        turns.append(Said("assistant", "", (call,)))


def _last(request: ResponsesRequest) -> str:
    if isinstance(request.input, str):
        return request.input
    return next((text_of(one.content, "input") for one in reversed(request.input) if one.role == "user"), "")
