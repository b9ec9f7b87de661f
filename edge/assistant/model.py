"""What goes into the assistant and what comes out: one utterance, one reply."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from edge.devices.model import DeviceState, Outcome, ServiceCall
from edge.router.model import Call, Decision, Routing


class Source(StrEnum):
    """Where an utterance came in."""

    CLI = "cli"
    MQTT = "mqtt"
    HTTP = "http"
    VOICE = "voice"
    WYOMING = "wyoming"
    HOME_ASSISTANT = "home_assistant"
    DEMO = "demo"


class ReplySource(StrEnum):
    """Which part of the assistant answered."""

    ROUTER = "router"
    LLM = "llm"
    DIALOGUE = "dialogue"
    SCHEDULE = "schedule"
    SENSORS = "sensors"


def new_id() -> str:
    """An id for an utterance that came without one."""
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a person said or wrote, and where; only the same source, origin and area may confirm what it asks for."""

    text: str
    source: Source
    area: str | None = None
    """The id of the area the person is in."""
    id: str = field(default_factory=new_id)
    speak: bool = False
    """Whether the reply is to be spoken in that area too."""
    origin: str = ""
    """Who or what within the source: a satellite, a client, a token's name; never a secret."""
    authenticated: bool = False
    """Whether the source has proved who is asking (a token, a socket's permissions)."""
    reading: Routing | None = None
    """What ears that had several readings to choose from take it for; without it the text is routed."""
    clear: bool = True
    """Whether these were the words: a yes that ears are not sure of lets nobody in."""


@dataclass(frozen=True, slots=True)
class Performed:
    """One service call that was carried out, or tried: the states around it are kept to read back and to undo."""

    call: ServiceCall
    outcome: Outcome
    before: DeviceState
    after: DeviceState
    cause: Call | None = None
    """The call it was made for; None for the end or the undoing of one."""

    @property
    def went_well(self) -> bool:
        """Whether the device did it, or took it."""
        return self.outcome in (Outcome.DONE, Outcome.ALREADY, Outcome.SENT)


@dataclass(frozen=True, slots=True)
class Reply:
    """The assistant's answer; `text` is empty where silence is right."""

    id: str
    text: str
    decision: Decision
    calls: tuple[Call, ...] = ()
    source: ReplySource = ReplySource.ROUTER
    ms: float = 0.0
    outcomes: tuple[Performed, ...] = ()
    listen: bool = False
    """A question was asked: a microphone stays open for the answer."""
    request: str = ""
    """What was asked, as it may be shown and kept: without a PIN."""
    shown: str | None = None
    """The text as it may be shown to others and kept; None: as it is."""

    def to_json(self) -> dict[str, Any]:
        """The payload of the MQTT reply topic."""
        return {
            "id": self.id,
            "text": self.text,
            "decision": self.decision.value,
            "calls": [call.to_json() for call in self.calls],
            "source": self.source.value,
            "ms": round(self.ms, 1),
        }


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something the assistant says unasked: a timer that is over, a reminder, what became of a delayed action."""

    text: str
    """Empty where nothing is to be said: an alarm that falls silent."""
    area: str | None
    """The room it is for; None: all of them."""
    event: Mapping[str, object]
    """The payload of the event topic."""
    rings: bool = False
    """Whether it goes on until somebody stops it."""
    severe: bool = False
    """An alarm: it is for every room, at any hour, whatever volume was chosen."""


OnText = Callable[[str], Awaitable[None]]
"""Takes the reply's text piece by piece as it comes; together the pieces are `Reply.text`."""
