"""What OpenAI's clients send, as far as it is heeded; whatever else they send is passed over."""

from typing import Annotated, Any, Literal

from pydantic import Field

from edge.api.http.ollama_requests import Body, FunctionName, Many, ModelName, Real, Whole

Count = Annotated[Whole, Field(ge=1)]


class Part(Body):
    """A part of a message."""

    type: str
    text: str | None = None
    refusal: str | None = None


Content = str | Many[Part]


class Function(Body):
    """What a tool does and takes."""

    name: FunctionName
    description: str | None = None
    parameters: dict[str, Any] | None = None


class ChatTool(Body):
    """A tool of a chat."""

    type: Literal["function"]
    function: Function


class CalledFunction(Body):
    """What was called; the arguments are JSON in a text."""

    name: FunctionName
    arguments: str


class Called(Body):
    """A call of the assistant's."""

    id: str | None = None
    type: str | None = "function"
    function: CalledFunction


class ChatMessage(Body):
    """One turn of a chat."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content | None = None
    tool_calls: Many[Called] | None = None
    tool_call_id: str | None = None
    name: str | None = None


class ChosenName(Body):
    """The function that must be called."""

    name: FunctionName


class ChosenFunction(Body):
    """`tool_choice` that names a function."""

    type: Literal["function"]
    function: ChosenName


class JsonSchema(Body):
    """A form with a name."""

    name: str | None = None
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    strict: bool | None = None


class ResponseFormat(Body):
    """`response_format`."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(Body):
    """`stream_options`."""

    include_usage: bool | None = None


class ChatRequest(Body):
    """`POST /v1/chat/completions`."""

    model: ModelName
    messages: Annotated[Many[ChatMessage], Field(min_length=1)]
    tools: Many[ChatTool] | None = None
    tool_choice: Literal["none", "auto", "required"] | ChosenFunction | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    temperature: Annotated[Real, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Real, Field(ge=0, le=1)] | None = None
    presence_penalty: Annotated[Real, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[Real, Field(ge=-2, le=2)] | None = None
    seed: Whole | None = None
    stop: str | Many[str] | None = None
    n: Whole | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None


class ResponseItem(Body):
    """A part of what a response is asked for: a message, a call, or what came of one."""

    type: Literal["message", "function_call", "function_call_output", "reasoning"] = "message"
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: Content | None = None
    call_id: str | None = None
    name: FunctionName | None = None
    arguments: str | None = None
    output: Content | None = None


class ResponseTool(Function):
    """A tool of a response."""

    type: Literal["function"]


class ChosenTool(Body):
    """`tool_choice` of a response that names a function."""

    type: Literal["function"]
    name: FunctionName


class TextFormat(Body):
    """`text.format`."""

    type: Literal["text", "json_object", "json_schema"]
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None


class TextOptions(Body):
    """`text`."""

    format: TextFormat | None = None


class ResponsesRequest(Body):
    """`POST /v1/responses`."""

    model: ModelName
    input: str | Many[ResponseItem]
    instructions: str | None = None
    tools: Many[ResponseTool] | None = None
    tool_choice: Literal["none", "auto", "required"] | ChosenTool | None = None
    parallel_tool_calls: bool | None = None
    text: TextOptions | None = None
    max_output_tokens: Count | None = None
    temperature: Annotated[Real, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Real, Field(ge=0, le=1)] | None = None
    previous_response_id: str | None = None
    stream: bool | None = None
    user: str | None = None


class SpeechRequest(Body):
    """`POST /v1/audio/speech`."""

    model: ModelName | None = None
    input: Annotated[str, Field(min_length=1, max_length=4096)]
    voice: str | dict[str, Any] | None = None
    response_format: Literal["wav", "pcm", "mp3", "opus", "aac", "flac"] | None = None
    speed: Real | None = None
