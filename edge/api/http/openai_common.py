"""What OpenAI's two ways of asking for an answer have in common."""

import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from edge.api.http.errors import HttpError
from edge.api.http.openai_requests import Content
from edge.api.http.talk import ANY_OBJECT, Offered, form_of, toolbox_of
from edge.llm.tools import Toolbox, ToolCall

NEVER, MUST = "none", "required"


def new_id(kind: str) -> str:
    """An id as OpenAI's look."""
    return f"{kind}{secrets.token_hex(12)}"


def text_of(content: Content | None, at: str) -> str:
    """A message's text. Raises `HttpError` (400) for what can't be read."""
    if content is None or isinstance(content, str):
        return content or ""
    texts = []
    for number, part in enumerate(content):
        if part.type not in ("text", "input_text", "output_text", "refusal"):
            raise HttpError(400, f"{at}.content[{number}]: {part.type[:40]} can't be read here, text alone", param=at)
        texts.append(part.text or part.refusal or "")
    return "".join(texts)


def call_of(name: str | None, arguments: str | None, at: str) -> ToolCall:
    """A call that a client tells of. Raises `HttpError` (400)."""
    try:
        made = json.loads(arguments or "{}")
        json.dumps(made, allow_nan=False).encode()
    except (ValueError, RecursionError):
        made = None
    if not isinstance(made, dict) or not name:
        raise HttpError(400, f"{at}: expected a name, and arguments that are a JSON object in a text", param=at)
    return ToolCall(name, made)


async def chosen_tools(
    tools: Sequence[Offered], choice: str | None, named: str | None
) -> tuple[Toolbox | None, bool, bool]:
    """The tools, whether they may and whether they must be called; `named` is one that must be. Raises `HttpError`."""
    if named is not None:
        tools = [tool for tool in tools if tool.name == named]
        if not tools:
            raise HttpError(400, f"tool_choice: there is no tool {named}", param="tool_choice")
    must = named is not None or choice == MUST
    if must and not tools:
        raise HttpError(400, "tool_choice: there are no tools to choose from", param="tool_choice")
    return await toolbox_of(tools), choice != NEVER, must


async def form_wanted(kind: str, schema: dict[str, Any] | None, at: str) -> str:
    """The form an answer is to have, as a JSON Schema; empty for words. Raises `HttpError` (400)."""
    if kind == "text":
        return ""
    if kind == "json_object" or not schema:
        return ANY_OBJECT
    return await form_of(schema, at)


def sse(document: Any, dumped: Callable[[Any], str], event: str = "") -> bytes:
    """One server-sent event."""
    return (f"event: {event}\n" if event else "").encode() + f"data: {dumped(document)}\n\n".encode()
