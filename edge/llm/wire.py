"""The words between the service and its worker process: one JSON object a line, each with its kind."""

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final

MAX_LINE_BYTES: Final = 4 << 20


class WireError(ValueError):
    """A line that is none of ours."""


class Reason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    DEADLINE = "deadline"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Load:
    """To the worker, first of all: the model to load and how (`edge.tuning.Plan`, in llama.cpp's words)."""

    model: str
    n_threads: int
    n_threads_batch: int
    n_ctx: int
    n_batch: int
    n_ubatch: int
    load_mode: str
    repack: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """To the worker: answer the last of `turns`, each a role and a text."""

    id: int
    instructions: str
    turns: list[list[str]]
    max_tokens: int
    temperature: float
    seed: int
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """To the worker: stop that answer, now or as soon as it begins."""

    id: int


@dataclass(frozen=True, slots=True)
class Loading:
    """From the worker: how far loading is, 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """From the worker: the weights are in memory; what follows is a trial of the processor's fast path."""

    load_s: float


@dataclass(frozen=True, slots=True)
class Ready:
    """From the worker: it can answer. `notice` is what a person should know, or empty."""

    n_ctx: int
    notice: str


@dataclass(frozen=True, slots=True)
class Failed:
    """From the worker, its last word: why the model can't be loaded."""

    message: str


@dataclass(frozen=True, slots=True)
class Piece:
    """From the worker: a piece of the answer."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """From the worker: the answer ended, with its figures."""

    id: int
    reason: Reason
    message: str = ""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    """Of the prompt, those still in memory from the turn before."""
    prompt_s: float = 0.0
    tokens: int = 0
    tokens_s: float = 0.0
    dropped_turns: int = 0
    """Oldest turns left out because the context was full."""


Message = Load | Answer | Cancel | Loading | Loaded | Ready | Failed | Piece | Done
_KINDS: Final[dict[str, type[Any]]] = {
    kind.__name__.lower(): kind for kind in (Load, Answer, Cancel, Loading, Loaded, Ready, Failed, Piece, Done)
}


def encode(message: Message) -> bytes:
    """The line for a message."""
    return json.dumps({"kind": type(message).__name__.lower(), **asdict(message)}).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line; raises `WireError`."""
    try:
        document = json.loads(line)
        kind = _KINDS[document.pop("kind")]
        if "reason" in document:
            document["reason"] = Reason(document["reason"])
        message: Message = kind(
            **{field.name: document[field.name] for field in fields(kind) if field.name in document}
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"not a message: {line[:80]!r}") from error
    return message
