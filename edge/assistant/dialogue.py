"""What is remembered between two utterances of a room: the open question, the last reply, what to undo, the chat."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge.assistant.following.past import Past
from edge.assistant.model import Utterance
from edge.assistant.ports import ChatTurn
from edge.assistant.told import Undo
from edge.router.model import Call, Routing

if TYPE_CHECKING:
    from edge.sensors.history.model import Sensor
    from edge.sensors.questions import Answer, Question

_KEPT: Final = 64
"""Dialogues remembered at once; the one not heard of for longest is forgotten first."""
CHAT_S: Final = 300.0
"""Silence after which a chat begins anew."""
UNDO_S: Final = 1800.0
"""How long an action can be undone."""
CLARIFY_S: Final = 30.0
"""How long a question "which one?" stays open."""
_UNDOS: Final = 5
"""Actions that can be taken back one after the other."""
_TURNS: Final = 16
"""Turns of a chat that are kept at most."""


@dataclass(frozen=True, slots=True)
class Confirming:
    """Critical calls that wait for a yes until `expires_s` (boot clock)."""

    calls: tuple[Call, ...]
    question: str
    expires_s: float
    request: str = ""
    """The id of the request that asked for them."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """A request that lacks something: which of the candidates, or a value; waits until `expires_s` (boot clock)."""

    routing: Routing
    expires_s: float
    whole: bool = False
    """Whether it lacks nothing but a yes."""
    lacks: bool = False
    """Whether a value was asked for: what may be one goes before what it would be by itself ("thirty degrees")."""


@dataclass(frozen=True, slots=True)
class Picking:
    """A question about the past that may be about several sensors; waits until `expires_s` (boot clock)."""

    question: "Question"
    choices: "tuple[Sensor, ...]"
    expires_s: float


Pending = Confirming | Choosing | Picking


@dataclass(slots=True)
class Dialogue:
    """One room's dialogue with one source."""

    pending: Pending | None = None
    last_reply: str = ""
    past: Past = field(default_factory=Past)
    """What the last turns were about, for sentences that go on from them."""
    undos: list[tuple[tuple[Undo, ...], float]] = field(default_factory=list)
    """How to take back the last actions, the latest last, and when each was done (boot clock)."""
    turns: list[ChatTurn] = field(default_factory=list)
    turns_s: float = 0.0
    question: "Question | None" = None
    """The last question about sensors, which the next may go on from, and when it was asked (boot clock)."""
    question_s: float = 0.0
    answer: "Answer | None" = None
    """What was answered to it."""
    doubted_s: float | None = None
    """When it was last said that the clock may be wrong (boot clock)."""
    talking: "asyncio.Task[None] | None" = None
    """The language model's answer while it comes."""

    def take_pending(self) -> Pending | None:
        """The open question, which is closed by taking it: whatever is said next, it is asked once."""
        pending, self.pending = self.pending, None
        return pending

    def remember(self, undo: tuple[Undo, ...], now_s: float) -> None:
        """Keep how to take back what was just done."""
        self.undos = [*self.undos[1 - _UNDOS :], (undo, now_s)]

    def take_undo(self, now_s: float) -> tuple[Undo, ...]:
        """How to take the last action back, then the one before; each can be done once."""
        undo, done_s = self.undos.pop() if self.undos else ((), now_s)
        return undo if now_s - done_s <= UNDO_S else ()

    def chat(self, text: str, now_s: float) -> tuple[ChatTurn, ...]:
        """The turns of the chat with a new one of the user's."""
        if now_s - self.turns_s > CHAT_S:
            self.turns.clear()
        self.turns_s = now_s
        self.turns.append(ChatTurn("user", text))
        if len(self.turns) > _TURNS:
            # Many at once and seldom: as long as none go, the model has all of them in memory.
            questions = [at for at, turn in enumerate(self.turns) if turn.role == "user"]
            start = next((at for at in questions if len(self.turns) - at <= _TURNS // 2), questions[-1])
            del self.turns[:start]
        return tuple(self.turns)

    def chat_answered(self, text: str, now_s: float, between: Sequence[ChatTurn] = ()) -> None:
        """Keep the answer, after the calls and results that led to it; without one the question is dropped, so that
        turns alternate."""
        self.turns_s = now_s
        if text:
            self.turns += [*between, ChatTurn("assistant", text)]
        elif self.turns and self.turns[-1].role == "user":
            self.turns.pop()


class Dialogues:
    """The dialogues by who speaks where."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], Dialogue] = OrderedDict()

    def of(self, utterance: Utterance) -> Dialogue:
        """The dialogue that an utterance belongs to: same source, same origin, same area."""
        key = (utterance.source.value, utterance.origin, utterance.area or "")
        dialogue = self._known.setdefault(key, Dialogue())
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return dialogue
