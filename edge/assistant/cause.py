"""On whose behalf something is done: goes with the work across tasks, so that every command can say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from edge.assistant.model import Performed
from edge.devices.model import Agent, Cause


@dataclass(slots=True)
class _Work:
    cause: Cause
    deeds: list[Performed] = field(default_factory=list)
    confirmed: bool = False


_work: ContextVar[_Work | None] = ContextVar("work", default=None)


@contextmanager
def acting(cause: Cause) -> Iterator[list[Performed]]:
    """What is done inside, in tasks that begin there too, is done for this cause; the list gets all of it."""
    work = _Work(cause)
    token = _work.set(work)
    try:
        yield work.deeds
    finally:
        _work.reset(token)


@contextmanager
def through(agent: Agent) -> Iterator[None]:
    """What is done inside is somebody's doing on behalf of the same request."""
    work = _work.get()
    token = _work.set(_Work(replace(work.cause, by=agent), work.deeds, work.confirmed) if work else None)
    try:
        yield
    finally:
        _work.reset(token)


@contextmanager
def having_confirmed(sure: bool = True) -> Iterator[None]:
    """What is done inside was confirmed, where it has to be: by a yes, or with the PIN."""
    work = _work.get()
    token = _work.set(_Work(work.cause, work.deeds, sure) if work else None)
    try:
        yield
    finally:
        _work.reset(token)


def confirmed() -> bool:
    """Whether what is done here was confirmed."""
    work = _work.get()
    return work is not None and work.confirmed


def cause() -> Cause | None:
    """For whom something is done here; None outside of any request."""
    work = _work.get()
    return work.cause if work else None


def done(performed: Performed) -> None:
    """Something was done here."""
    if (work := _work.get()) is not None:
        work.deeds.append(performed)
