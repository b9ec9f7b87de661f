"""The words between the service and its worker process: one JSON object a line, each with its kind.

A new message is a frozen dataclass in `Message`; the worker takes it in `Worker._do` or, where it must not wait for the
work under way, in `Worker._now`.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, get_args

from edge.llm.tools import Toolbox

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
    REFUSED = "refused"
    """The request can't be answered, now or later."""


@dataclass(frozen=True, slots=True)
class Load:
    """To the worker: the model to load and how (`edge.tuning.Plan`, in llama.cpp's words).

    What was loaded before is let go first; where only the context's settings differ, the weights stay in memory.
    """

    model: str
    n_threads: int
    n_threads_batch: int
    n_ctx: int
    n_batch: int
    n_ubatch: int
    load_mode: str
    repack: bool
    flash_attn: bool | None = None
    """None: as the library thinks best."""
    type_k: str = "f16"
    type_v: str = "f16"
    cache: str | None = None
    """The directory of prefix states; None to keep none."""
    cache_bytes: int = 0
    """How much that directory may hold."""
    state_bytes: int | None = None
    """The most memory that one state may take while it is read or written; None: no bound of its own."""
    identity: str = ""
    """What tells this model, library and machine from others, in the keys of prefix states."""
    verify: bool = False
    """Whether to look if the model computes the same in batches and token by token; takes a second or so."""


@dataclass(frozen=True, slots=True)
class Unload:
    """To the worker: let the model and its context go and wait for another."""


@dataclass(frozen=True, slots=True)
class Check:
    """To the worker: compute what is known with these settings, before trusting them with a model."""

    types: list[str]
    """Tensor types, by their names in a GGUF."""
    repack: bool
    flash_attn: bool | None = None


@dataclass(frozen=True, slots=True)
class Prime:
    """To the worker: have the prompt's beginning in memory before somebody asks; an answer interrupts it."""

    instructions: str
    toolbox: Toolbox | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn, beside temperature and seed, in llama.cpp's words."""

    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    penalty_last_n: int = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """To the worker: answer the last of `turns`, each a role and a text, and the calls in it as JSON if it has some."""

    id: int
    instructions: str
    turns: list[list[str]]
    max_tokens: int
    temperature: float
    seed: int
    deadline_s: float
    toolbox: Toolbox | None = None
    """What it may call; None where the prompt knows no tools."""
    may_call: bool = True
    must_call: bool = False
    """Whether the answer is a call and nothing else."""
    sampling: Sampling | None = None
    stop: list[str] = field(default_factory=list)
    """Texts at which the answer ends; they are left out."""
    form: str = ""
    """A JSON Schema, as text, that the answer is to keep to; empty for words."""
    think: bool = False
    """Whether a model that can is to think aloud before it answers."""
    foreign: bool = False
    """Whether this is somebody else's conversation: no beginning is kept on disk, the answer may be empty, and it ends
    at `max_tokens` even within a call."""


@dataclass(frozen=True, slots=True)
class Trial:
    """To the worker: compute with made-up tokens, and say how long it took."""

    prompt_tokens: int
    tokens: int
    """To generate after the prompt; 0 for none."""
    number: int
    """Trials of one number have one prompt: it stays in memory, so that only generation takes time."""
    limit_s: float
    """When to stop, whatever is done by then."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """To the worker, at once: stop that answer, now or as soon as it begins."""

    id: int


@dataclass(frozen=True, slots=True)
class Threads:
    """To the worker, at once: compute with so many threads from the next token on."""

    n_threads: int
    n_threads_batch: int


@dataclass(frozen=True, slots=True)
class Measure:
    """To the worker, at once: say what you take."""


@dataclass(frozen=True, slots=True)
class Loading:
    """From the worker: how far loading is, 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """From the worker: the weights are in memory; what follows is a trial."""

    load_s: float


@dataclass(frozen=True, slots=True)
class Ready:
    """From the worker: it can answer. `notice` is what a person should know, or empty."""

    n_ctx: int
    notice: str = ""
    doubt: str = ""
    """What is wrong with what the model computes, where that was to be verified."""


@dataclass(frozen=True, slots=True)
class Failed:
    """From the worker: why the model can't be loaded. It waits for another."""

    message: str


@dataclass(frozen=True, slots=True)
class Unloaded:
    """From the worker: nothing is loaded now."""


@dataclass(frozen=True, slots=True)
class Checked:
    """From the worker: what came of a check; `wrong` says how it failed, empty when all was right."""

    wrong: str
    nearness: float
    """The least cosine between computed and known values, 1 at best."""


@dataclass(frozen=True, slots=True)
class Tried:
    """From the worker: what a trial computed and the seconds for it; none where it had to be stopped before."""

    prompt_tokens: int
    """Of the prompt, those read: what was in memory already is not counted."""
    prompt_s: float
    tokens: int
    tokens_s: float


@dataclass(frozen=True, slots=True)
class Piece:
    """From the worker: a piece of the answer."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """From the worker: the answer ends in calls, each a tool's name and its arguments; `text` is all of it."""

    id: int
    calls: list[list[Any]]
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """From the worker: the answer ended, with its figures."""

    id: int
    reason: Reason
    message: str = ""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    """Of the prompt, those still in memory from the turn before, or restored."""
    restored_tokens: int = 0
    """Of those, the ones read back from disk for this answer."""
    prompt_s: float = 0.0
    tokens: int = 0
    tokens_s: float = 0.0
    dropped_turns: int = 0
    """Oldest turns left out because the context was full."""


@dataclass(frozen=True, slots=True)
class Measured:
    """From the worker: its memory in bytes, as the kernel counts it, and its settings that change while it runs."""

    resident_bytes: int
    anonymous_bytes: int
    file_bytes: int
    peak_bytes: int
    n_threads: int
    n_threads_batch: int
    n_ctx: int
    """0 while nothing is loaded."""
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class Told:
    """From the worker: an event for the log, under a name of ours."""

    event: str
    facts: dict[str, Any] = field(default_factory=dict)


Message = (
    Load
    | Unload
    | Check
    | Prime
    | Answer
    | Trial
    | Cancel
    | Threads
    | Measure
    | Loading
    | Loaded
    | Ready
    | Failed
    | Unloaded
    | Checked
    | Tried
    | Piece
    | Called
    | Done
    | Measured
    | Told
)
_KINDS: Final[dict[str, type[Any]]] = {kind.__name__.lower(): kind for kind in get_args(Message)}


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
        if document.get("toolbox") is not None:
            document["toolbox"] = Toolbox.from_plain(document["toolbox"])
        if document.get("sampling") is not None:
            document["sampling"] = Sampling(**document["sampling"])
        message: Message = kind(
            **{field.name: document[field.name] for field in fields(kind) if field.name in document}
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"not a message: {line[:80]!r}") from error
    return message
