"""What Ollama's clients send, as far as it is heeded; whatever else they send is passed over."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

NUMBER = WithJsonSchema({"type": "number"})


def _rounded(value: Any) -> Any:
    """Some clients write whole numbers as 8192.0."""
    return round(value) if isinstance(value, float) and abs(value) < 1e15 else value


Whole = Annotated[int, BeforeValidator(_rounded), NUMBER, Field(ge=-(2**63), lt=2**63)]
Real = Annotated[float, Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
ModelName = Annotated[str, Field(min_length=1, max_length=200)]
_T = TypeVar("_T")
Many = Annotated[list[_T], Field(max_length=2000, fail_fast=True)]
"""A list of which the first fault alone is told: a million faults would keep everybody waiting."""
FunctionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class Body(BaseModel):
    """A part of a request: unknown keys are no error."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Options(Body):
    """`options`, in llama.cpp's words."""

    num_ctx: Whole | None = None
    num_predict: Whole | None = None
    temperature: Real | None = None
    top_k: Whole | None = None
    top_p: Real | None = None
    min_p: Real | None = None
    seed: Whole | None = None
    stop: Many[str] | str | None = None
    repeat_penalty: Real | None = None
    repeat_last_n: Whole | None = None
    presence_penalty: Real | None = None
    frequency_penalty: Real | None = None


class Function(Body):
    """What a tool does and takes."""

    name: FunctionName
    description: str | None = None
    parameters: dict[str, Any] | None = None


class ToolOffer(Body):
    """A tool."""

    type: str | None = "function"
    function: Function


class CalledFunction(Body):
    """What was called."""

    name: FunctionName
    arguments: dict[str, Any] = {}


class Called(Body):
    """A call of the assistant's."""

    function: CalledFunction


class Message(Body):
    """One turn."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | None = ""
    images: list[Any] | None = None
    tool_calls: Many[Called] | None = None


Form = dict[str, Any] | Literal["json", ""]
Think = bool | Literal["low", "medium", "high"]


class ChatRequest(Body):
    """`POST /api/chat`."""

    model: ModelName
    messages: Many[Message] = []
    tools: Many[ToolOffer] | None = None
    format: Form | None = None
    options: Options | None = None
    stream: bool | None = True
    think: Think | None = None
    keep_alive: str | Real | None = None


class GenerateRequest(Body):
    """`POST /api/generate`."""

    model: ModelName
    prompt: str | None = ""
    system: str | None = ""
    suffix: str | None = None
    images: list[Any] | None = None
    format: Form | None = None
    options: Options | None = None
    stream: bool | None = True
    think: Think | None = None
    raw: bool | None = False
    keep_alive: str | Real | None = None


class ShowRequest(Body):
    """`POST /api/show`."""

    model: ModelName | None = None
    name: ModelName | None = None
    """What it was called once."""
    verbose: bool | None = None
