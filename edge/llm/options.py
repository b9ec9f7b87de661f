"""What a person may set of the language model, and what it tells of itself."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from edge.llm.tools import Toolbox

INSTRUCTIONS: Final = (
    "You are the assistant of a house, running on a small computer in it, without the internet. "
    "Answer in one to three short sentences that are pleasant to hear read aloud: no lists, no markup. "
    "When you do not know something, say so."
)
_WITHOUT_TOOLS: Final = "You can't move devices yourself in this conversation."
_WITH_TOOLS: Final = (
    "You can move the devices of the house and ask for their states and readings with tools: use one only where that "
    "is asked for, never guess a state, and when a result is told, answer in words."
)


def instructed(instructions: str, toolbox: Toolbox | None) -> str:
    """The instructions with what the house is made of: they change with the house alone."""
    if toolbox is None:
        return f"{instructions} {_WITHOUT_TOOLS}"
    return f"{instructions} {_WITH_TOOLS}\n\n{toolbox.house}".strip()


class State(StrEnum):
    """Where the model is in its life."""

    ABSENT = "absent"
    LOADING = "loading"
    READY = "ready"
    UNLOADED = "unloaded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Governing:
    """What a person may set of the governor."""

    keep_free_bytes: int | None = None
    """Memory below which the model gives some up; None for half of what the machine's profile keeps for the rest."""
    idle_s: float | None = None
    """When an idle model is unloaded: 0 for never, None for half an hour on a machine with little memory."""
    near_celsius: float = 3.0
    """How near to being slowed down the processor may come."""
    every_s: float = 2.0
    patience_s: float = 10.0
    """How long the end of an answer is waited for where memory or heat press."""
    root: Path = Path("/")
    """Where the machine's `proc` and `sys` are."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may set. Sizes are in tokens, bytes and seconds."""

    enabled: bool = True
    model: str | None = None
    """The name of an added model, or a path to a GGUF file; None: the one chosen with `edge models use`."""
    instructions: str = INSTRUCTIONS
    max_tokens: int = 256
    temperature: float = 0.7
    seed: int | None = None
    """None for another answer each time."""
    deadline_s: float = 120.0
    memory_bytes: int | None = None
    """The most the worker may take; None to measure what is left."""
    n_ctx: int | None = None
    n_threads: int | None = None
    cache_bytes: int = 192 << 20
    """The most that the beginnings of prompts, read once, may take on disk; 0 to keep none."""
    most_waiting: int = 8
    poll_s: float = 2.0
    """How often the store is looked at for another model."""
    first_restart_s: float = 0.5
    slowest_restart_s: float = 60.0
    tune_after_s: float | None = None
    """A model that was never tuned on this machine is, once nobody has asked it anything for so long; None: never."""
    tune_s: float = 45.0
    """How long that takes, about."""
    governing: Governing | None = None
    """None: the plan holds, whatever happens to the machine."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How the model does, for health: rates are of the last answer, 0 before there was one."""

    state: State
    model: str | None
    reason: str | None
    n_ctx: int
    n_threads: int
    load_s: float
    resident_bytes: int
    predicted_bytes: int
    ceiling: str
    """What holds the worker to its memory: `cgroup`, or `watched`; empty while none runs."""
    prompt_tokens_per_s: float
    tokens_per_s: float
    reused_tokens: int
    """Of the last prompt, those that did not have to be read."""
    dropped_turns: int
    """Oldest turns that the last prompt had no room for."""
    restarts: int
    waiting: int
    fast_path: bool
    notice: str


class Turn(Protocol):
    """One turn of a conversation; `role` is `user`, `assistant`, or `tool` for the results of its calls."""

    @property
    def role(self) -> str: ...
    @property
    def text(self) -> str: ...
