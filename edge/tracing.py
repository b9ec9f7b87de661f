"""What a request goes through, stage by stage: marked where it happens, heard by whoever traces or counts.

Imports nothing of ours, so that every part may mark. A mark costs a microsecond where somebody listens.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Any, Final


class Stage(StrEnum):
    """In the order in which they mostly come."""

    LISTENING = "listening"
    """From where the sentence began to be listened for to where it was over."""
    SPEECH_TO_TEXT = "speech_to_text"
    """From the end of the sentence to its words."""
    ROUTING = "routing"
    """A text to a decision with calls, resolution within."""
    RESOLUTION = "resolution"
    """Words to devices of this house."""
    FIRST_TOKEN = "first_token"  # noqa: S105 (no secret)
    """A question to the language model to the first of its answer."""
    COMMAND = "command"
    """A call on a device, until its answer, or until it is known that none comes."""
    PUBLISH = "publish"
    """A command to the broker's word that it has it."""
    ANSWER = "answer"
    """A command to the state that shows it."""
    REPLY = "reply"
    """The whole: the words to the reply."""
    FIRST_SOUND = "first_sound"
    """The reply's first words to their sound."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mark:
    """One stage of one request; seconds of the monotonic clock."""

    stage: Stage
    began_s: float
    ended_s: float
    facts: Mapping[str, Any]
    """What there is to tell of it; no words that people said, but for what the router says of its routing."""

    @property
    def length_s(self) -> float:
        """How long it took."""
        return self.ended_s - self.began_s


Observer = Callable[[Mark], None]

_NO_FACTS: Final[Mapping[str, Any]] = {}
"""One for all marks that have none."""

_marks: ContextVar[list[Mark] | None] = ContextVar("marks", default=None)
_observers: list[Observer] = []


def now_s() -> float:
    """The clock of marks; that of `time.monotonic` and of the event loop on Linux."""
    return perf_counter()


def mark(stage: Stage, began_s: float, ended_s: float | None = None, **facts: Any) -> None:
    """A stage is over, now unless it is said when; kept with the request in whose work this is done."""
    marks = _marks.get()
    if marks is None and not _observers:
        return
    made = Mark(stage, began_s, perf_counter() if ended_s is None else ended_s, facts or _NO_FACTS)
    if marks is not None:
        marks.append(made)
    for observer in _observers:
        observer(made)


@contextmanager
def collecting() -> Iterator[list[Mark]]:
    """What is marked inside, in tasks that begin there too, belongs together; the list gets all of it."""
    marks: list[Mark] = []
    token = _marks.set(marks)
    try:
        yield marks
    finally:
        _marks.reset(token)


def collected() -> list[Mark] | None:
    """The list of what is collected here; None where nothing is."""
    return _marks.get()


def collect() -> list[Mark]:
    """Begin to collect in the rest of this task, where nobody has begun; the list."""
    marks = _marks.get()
    if marks is None:
        marks = []
        _marks.set(marks)
    return marks


def leave() -> None:
    """End what `collect` began."""
    _marks.set(None)


@contextmanager
def observed_by(observer: Observer) -> Iterator[None]:
    """Have every mark told while inside; the observer must not block."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)
