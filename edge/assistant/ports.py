"""What the assistant needs from the outside, as protocols: something that moves devices, something that talks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.told import Told
from edge.devices.model import Outcome, ServiceCall
from edge.llm.gate import Priority
from edge.llm.tools import Toolbox, ToolCalls
from edge.router.model import Call, Routing

if TYPE_CHECKING:
    from edge.assistant.dialogue import Dialogue
    from edge.assistant.hands import Hands
    from edge.assistant.later import Later
    from edge.assistant.turn import Turn
    from edge.sensors.questions import Answer, Question


class Actuator(Protocol):
    """Carries service calls out."""

    async def perform(self, call: ServiceCall) -> Outcome:
        """Send the command and wait, within a time-out of its own, for the state that comes back."""
        ...


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One turn of a conversation; `role` is `user`, `assistant`, or `tool` for the results of what it called."""

    role: str
    text: str


class ChatModel(Protocol):
    """A language model, or the lack of one."""

    @property
    def unavailable(self) -> str | None:
        """Why it can't answer now, as a sentence for a person with the command that mends it; None when it can."""
        ...

    def answer(
        self,
        turns: Sequence[ChatTurn],
        *,
        priority: Priority = Priority.NORMAL,
        toolbox: Toolbox | None = None,
        may_call: bool = True,
    ) -> AsyncIterator[str | ToolCalls]:
        """The reply to the last turn, piece by piece; raises `LlmError`. Closing the iterator cancels the work.

        With a toolbox it may end in calls, unless `may_call` forbids them; the next turn tells their results.
        """
        ...

    async def prepare(self, toolbox: Toolbox | None) -> None:
        """Take in what every prompt with these tools begins with, if there is nothing else to do."""
        ...


class Messenger(Protocol):
    """Says something to others in the house, as messages."""

    async def publish(self, topic: str, payload: str) -> None:
        """Send a message, not retained; returns when it is out. Raises `EdgeError`, and then it is not sent later."""
        ...

    async def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Tell everybody who listens to the assistant's events. Raises `EdgeError` as `publish` does."""
        ...


class Voice(Protocol):
    """The assistant's own loudspeaker."""

    @property
    def volume(self) -> float:
        """0..1."""
        ...

    async def set_volume(self, volume: float) -> None:
        """Change the volume, 0..1."""
        ...

    async def mute(self, muted: bool, /) -> None:
        """Fall silent, or speak again."""
        ...

    async def stop(self) -> None:
        """Stop what is being said now."""
        ...


class Keeper(Protocol):
    """Carries out functions of its own, of no device: alarms, summaries, whatever has sentences in `phrases.toml`."""

    @property
    def source(self) -> ReplySource:
        """Who answers, as replies tell it."""
        ...

    def handles(self, function: str) -> bool:
        """Whether `tell` takes the function."""
        ...

    def reads(self, function: str) -> bool:
        """Whether a function that it takes only answers."""
        ...

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it, or answer, and say so. Raises `EdgeError` where it can't."""
        ...


@runtime_checkable
class Naming(Protocol):
    """A keeper of things that "which one?" can be asked about."""

    def name(self, kept: str, /) -> tuple[str, ...]:
        """What the thing with this id can be called in an answer; empty for one that is not (any more) kept."""
        ...


class Reader(Protocol):
    """Knows what was told here, which may change what a sentence means."""

    async def read(self, routing: Routing, utterance: Utterance) -> Routing:
        """The routing as it is to be followed; the same where there is nothing to say to it. Raises `EdgeError`."""
        ...


Act = Callable[[tuple[Call, ...], Utterance, "Dialogue"], Awaitable["Turn"]]
"""Carries calls out, asks first where that is right."""


@dataclass(frozen=True, slots=True)
class Stagehands:
    """What of the assistant's carries scenes out."""

    route: Callable[[str, str | None], Routing]
    hands: "Hands"
    later: "Later"
    asks_first: Callable[[Call], bool]


class Staging(Protocol):
    """Plays scenes and routines."""

    def named(self, text: str, /) -> bool:
        """Whether a text is no more than the name of one."""
        ...

    async def play(
        self, calls: tuple[Call, ...], utterance: Utterance, dialogue: "Dialogue", act: Act
    ) -> "Turn | None":
        """The turn where one of the calls plays one, by what it is made of; None where none does."""
        ...


class Historian(Protocol):
    """What sensors said, and how it is asked."""

    async def answer(self, question: "Question", now_s: float) -> "Answer":
        """What is known; `now_s` in seconds since 1970. Raises `SensorError` where nothing can be read."""
        ...
