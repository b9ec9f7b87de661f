"""Ollama's interface: chats and completions as lines of JSON, the models there are, and what runs."""

import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from edge.api.http.errors import HttpError, Style
from edge.api.http.names import Named
from edge.api.http.ollama_requests import (
    ChatRequest,
    Form,
    Function,
    GenerateRequest,
    Message,
    Options,
    ShowRequest,
    Think,
)
from edge.api.http.routes import JSON, NDJSON, Call, Route, dumps, given, streamed
from edge.api.http.shop import Shop
from edge.api.http.talk import ANY_OBJECT, Ending, Offered, Told, answer, assisted, form_of, toolbox_of, whole
from edge.llm import State
from edge.llm.order import Order, Said
from edge.llm.tools import ToolCall
from edge.llm.wire import Sampling

log = logging.getLogger(__name__)

VERSION: Final = "0.15.0"
"""Of the interface: clients look whether it knows tools, forms and thinking."""
RUNNING: Final = "Ollama is running"
THINKING: Final = "enable_thinking"
"""What a template asks for that knows of thinking."""
_OBJECT: Final = {"type": "object"}
_LINES: Final = {NDJSON: _OBJECT, JSON: _OBJECT}


Put = Callable[[Told], Mapping[str, Any]]
"""Where a piece of an answer stands in a line."""


class Ollama:
    """Answers Ollama's routes."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style = Style.OLLAMA
        text = {"text/plain": {"type": "string"}}
        fails = (400, 404, 409, 429)
        return (
            Route("GET", "/", style, "Says that it is there", self._root, gives=text, open=True),
            Route("HEAD", "/", style, "Says that it is there", self._root, gives={}, open=True),
            Route("GET", "/api/version", style, "The version of the interface", self._version, gives={JSON: _OBJECT}),
            Route("GET", "/api/tags", style, "The models there are", self._tags, gives={JSON: _OBJECT}),
            Route("GET", "/api/ps", style, "The model that runs", self._ps, gives={JSON: _OBJECT}),
            Route("POST", "/api/show", style, "A model", self._show, ShowRequest, gives={JSON: _OBJECT}, fails=fails),
            Route("POST", "/api/chat", style, "The next turn", self._chat, ChatRequest, gives=_LINES, fails=fails),
            Route(
                "POST",
                "/api/generate",
                style,
                "What follows",
                self._generate,
                GenerateRequest,
                gives=_LINES,
                fails=fails,
            ),
        )

    async def _root(self, call: Call) -> web.StreamResponse:
        return web.Response(text=RUNNING, headers=call.headers)

    async def _version(self, call: Call) -> web.StreamResponse:
        return given(call, {"version": VERSION})

    async def _tags(self, call: Call) -> web.StreamResponse:
        return given(call, {"models": [await self._facts(one) for one in await self._shop.names.all()]})

    async def _ps(self, call: Call) -> web.StreamResponse:
        figures = self._shop.model.figures
        running = []
        for one in await self._shop.names.all():
            if figures.state is State.READY and one.name == figures.model:
                facts = await self._facts(one)
                later = datetime.now(UTC) + timedelta(days=3650)  # it stays until something else needs the memory
                facts |= {"expires_at": _stamp(later), "size_vram": 0, "context_length": figures.n_ctx}
                running.append(facts | {"size": figures.resident_bytes})
        return given(call, {"models": running})

    async def _show(self, call: Call) -> web.StreamResponse:
        request: ShowRequest = call.body
        wanted = request.model or request.name
        if wanted is None:
            raise HttpError(400, "model: Field required", param="model")
        named = await self._shop.names.find(wanted)
        header = await self._shop.names.header(named)
        info: dict[str, Any] = {"general.architecture": "edge"}
        template, license_ = "", ""
        if header is not None:
            template, license_ = header.chat_template or "", header.license or ""
            info = {
                "general.architecture": header.architecture,
                "general.parameter_count": header.n_params,
                f"{header.architecture}.context_length": header.n_ctx_train,
                f"{header.architecture}.embedding_length": header.n_embd,
                f"{header.architecture}.block_count": header.n_layer,
            }
        facts = await self._facts(named)
        can = ["completion"] if named.is_assistant else ["completion", "tools"]
        document = {
            "modelfile": f"FROM {named.name}",
            "parameters": "",
            "template": template,
            "license": license_,
            "details": facts["details"],
            "model_info": info,
            "modified_at": facts["modified_at"],
            "capabilities": [*can, *(["thinking"] if THINKING in template else [])],
        }
        return given(call, document)

    async def _chat(self, call: Call) -> web.StreamResponse:
        request: ChatRequest = call.body
        named = await self._shop.names.running(request.model)
        if not request.messages:
            # A client that sends none wants the model loaded, or unloaded: that is decided here, not there.
            return given(call, {**_head(named), "message": _said(""), "done": True, "done_reason": "load"})
        if any(message.images for message in request.messages):
            raise HttpError(400, "messages: images can't be read here, words alone", param="messages")
        if named.is_assistant:
            pieces = assisted(self._shop.desk, _last(request.messages), call.caller)
        else:
            await self._note_thinking(call, named, request.think)
            order = await self._order(call, request.options, request.format, request.think, _turns(request.messages))
            offered = [_offered(tool.function) for tool in request.tools or ()]
            order = self._shop.with_tools(order, await toolbox_of(offered))
            pieces = answer(self._shop.desk, order, call.caller)
        return await self._told(call, named, pieces, _message, stream=request.stream is not False)

    async def _generate(self, call: Call) -> web.StreamResponse:
        request: GenerateRequest = call.body
        named = await self._shop.names.running(request.model)
        if not request.prompt:
            return given(call, {**_head(named), "response": "", "done": True, "done_reason": "load"})
        if request.images or request.suffix or request.raw:
            raise HttpError(400, "images, suffix and raw are not taken: a prompt and a system are")
        if named.is_assistant:
            pieces = assisted(self._shop.desk, request.prompt, call.caller)
        else:
            turns = [Message(role="user", content=request.prompt)]
            if request.system:
                turns.insert(0, Message(role="system", content=request.system))
            await self._note_thinking(call, named, request.think)
            order = await self._order(call, request.options, request.format, request.think, _turns(turns))
            pieces = answer(self._shop.desk, order, call.caller)
        return await self._told(call, named, pieces, _response, stream=request.stream is not False)

    async def _note_thinking(self, call: Call, named: Named, think: Think | None) -> None:
        """Say so where a model knows of no thinking that is asked for."""
        header = await self._shop.names.header(named) if think else None
        if header is not None and THINKING not in (header.chat_template or ""):
            call.notices.append(f"{named.name} knows of no thinking: it answers without")

    async def _order(
        self,
        call: Call,
        options: Options | None,
        form: Form | None,
        think: Think | None,
        turns: tuple[str, tuple[Said, ...]],
    ) -> Order:
        options = options or Options()
        self._shop.note_context(call, options.num_ctx)
        usual = Sampling()
        stop = [options.stop] if isinstance(options.stop, str) else options.stop or []
        wanted = options.num_predict
        return self._shop.order(
            turns,
            max_tokens=None if wanted is None or wanted < 1 else wanted,
            temperature=options.temperature,
            seed=options.seed if options.seed is not None and options.seed >= 0 else None,
            stop=stop,
            sampling=Sampling(
                top_k=usual.top_k if options.top_k is None else max(0, min(1000, options.top_k)),
                top_p=usual.top_p if options.top_p is None else max(0.0, min(1.0, options.top_p)),
                min_p=usual.min_p if options.min_p is None else max(0.0, min(1.0, options.min_p)),
                repeat_penalty=_between(options.repeat_penalty, 1.0),
                presence_penalty=_between(options.presence_penalty, 0.0),
                frequency_penalty=_between(options.frequency_penalty, 0.0),
                penalty_last_n=64 if options.repeat_last_n is None else max(0, min(4096, options.repeat_last_n)),
            ),
            form=ANY_OBJECT if form == "json" else await form_of(form, "format") if isinstance(form, dict) else "",
            think=bool(think),
        )

    async def _told(
        self, call: Call, named: Named, pieces: AsyncGenerator[Told, None], put: Put, *, stream: bool
    ) -> web.StreamResponse:
        head = _head(named)

        async def lines() -> AsyncGenerator[bytes, None]:
            async for piece in pieces:
                if piece.ending is None:
                    yield _line({**_head(named), **put(piece), "done": False})
                else:
                    yield _line({**_head(named), **put(Told()), **_end(piece.ending)})

        if stream:
            return await streamed(call, lines(), NDJSON, lambda error: _line({"error": str(error)}))
        told = await whole(pieces)
        piece = Told(told.text, told.thought, told.calls)
        return given(call, {**head, **put(piece), **_end(told.ending)})

    async def _facts(self, named: Named) -> dict[str, Any]:
        header = await self._shop.names.header(named)
        stored = named.stored
        details = {
            "parent_model": "",
            "format": "gguf" if stored else "",
            "family": header.architecture if header else "edge",
            "families": [header.architecture if header else "edge"],
            "parameter_size": _size(header.n_params) if header else "",
            "quantization_level": header.quantisation if header else "",
        }
        return {
            "name": named.name,
            "model": named.name,
            "modified_at": _stamp(named.modified),
            "size": stored.size_bytes if stored else 0,
            "digest": stored.sha256 if stored else "",
            "details": details,
        }


def _message(piece: Told) -> Mapping[str, Any]:
    return {"message": _said(piece.text, piece.thought, piece.calls)}


def _response(piece: Told) -> Mapping[str, Any]:
    return {"response": piece.text, **({"thinking": piece.thought} if piece.thought else {})}


def _said(text: str, thought: str = "", calls: tuple[ToolCall, ...] = ()) -> dict[str, Any]:
    said: dict[str, Any] = {"role": "assistant", "content": text}
    if thought:
        said["thinking"] = thought
    if calls:
        said["tool_calls"] = [{"function": {"name": one.name, "arguments": dict(one.arguments)}} for one in calls]
    return said


def _head(named: Named) -> dict[str, Any]:
    return {"model": named.name, "created_at": _stamp(datetime.now(UTC))}


def _end(ending: Ending) -> dict[str, Any]:
    """Durations are in nanoseconds."""
    return {
        "done": True,
        "done_reason": "length" if ending.reason == "length" else "stop",
        "total_duration": round((ending.prompt_s + ending.tokens_s) * 1e9),
        "load_duration": 0,
        "prompt_eval_count": ending.prompt_tokens,
        "prompt_eval_duration": round(ending.prompt_s * 1e9),
        "eval_count": ending.tokens,
        "eval_duration": round(ending.tokens_s * 1e9),
    }


def _turns(messages: list[Message]) -> tuple[str, tuple[Said, ...]]:
    """The system's words, and the turns."""
    system = "\n\n".join(message.content for message in messages if message.role == "system" and message.content)
    turns = tuple(
        Said(
            message.role,
            message.content or "",
            tuple(ToolCall(one.function.name, one.function.arguments) for one in message.tool_calls or ())
            if message.role == "assistant"
            else (),
        )
        for message in messages
        if message.role != "system"
    )
    return system, turns


def _last(messages: list[Message]) -> str:
    return next((message.content or "" for message in reversed(messages) if message.role == "user"), "")


def _offered(function: Function) -> Offered:
    return Offered(function.name, function.description or "", function.parameters)


def _between(value: float | None, usual: float) -> float:
    return usual if value is None else max(-2.0, min(2.0, value))


def _line(document: Mapping[str, Any]) -> bytes:
    return dumps(document).encode() + b"\n"


def _stamp(when: datetime) -> str:
    return when.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _size(parameters: int) -> str:
    return f"{parameters / 1e9:.1f}B" if parameters >= 1e9 else f"{parameters / 1e6:.1f}M"
