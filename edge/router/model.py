"""What the router reads and writes: spans copied from an utterance, calls, and the decision about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Decision(StrEnum):
    """What is to be done about an utterance."""

    ACT = "act"
    QUERY = "query"
    CLARIFY = "clarify"
    CHAT = "chat"
    IGNORE = "ignore"


class Slot(StrEnum):
    """The kinds of span the network copies from an utterance (see training/corpus/README.md)."""

    TARGET = "target"
    PLACE = "place"
    EXCEPT = "except"
    LEVEL = "level"
    STEP = "step"
    COLOR = "color"
    MODE = "mode"
    STATE = "state"
    MEASURE = "measure"
    AGGREGATE = "aggregate"
    DURATION = "duration"
    DELAY = "delay"
    TIME = "time"
    CONDITION = "condition"
    LABEL = "label"
    ITEM = "item"
    LIST = "list"
    MESSAGE = "message"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the utterance: `start` and `end` count characters of the text as it was given."""

    slot: Slot
    text: str
    start: int
    end: int
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class RawCall:
    """One function token with its copied spans, before the home is looked at."""

    function: str
    spans: tuple[Span, ...] = ()
    probability: float = 1.0
    arguments: Mapping[str, "Value"] = field(default_factory=dict, hash=False)
    """Canonical values that nobody had to read out of a sentence; they go before what the spans say."""


Value = str | int | float | bool
"""An argument's canonical value."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function with canonical arguments (Home Assistant's slot names) and the devices it moves."""

    function: str
    arguments: Mapping[str, Value] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    ha_intent: str | None = None
    confirm: bool = False
    """Critical: carried out only after the person has confirmed it."""

    def to_json(self) -> dict[str, Any]:
        """The call as `edge route` and the MQTT reply write it; `confirm` only where it is true."""
        plain: dict[str, Any] = {
            "function": self.function,
            "ha_intent": self.ha_intent,
            "arguments": dict(self.arguments),
            "targets": list(self.targets),
        }
        if self.confirm:
            plain["confirm"] = True
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Call":
        """The call that `to_json` wrote; raises KeyError, TypeError or ValueError for anything else."""
        arguments = {str(key): value for key, value in dict(plain["arguments"]).items() if isinstance(value, Value)}
        return cls(
            str(plain["function"]),
            arguments,
            tuple(str(target) for target in plain["targets"]),
            plain.get("ha_intent"),
            plain.get("confirm") is True,
        )


@dataclass(frozen=True, slots=True)
class Routing:
    """The router's whole answer to one utterance."""

    text: str
    decision: Decision
    calls: tuple[Call, ...] = ()
    confidence: float = 0.0
    ms: float = 0.0
    question: str | None = None
    candidates: tuple[str, ...] = ()
    """For `clarify`: the device or area ids the person may mean."""
    raw: tuple[RawCall, ...] = ()
