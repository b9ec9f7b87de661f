"""Hands questions about the past of sensors to those who answer them, who are loaded when the first comes."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from edge.assistant.dialogue import Dialogue, Picking
from edge.assistant.model import Utterance
from edge.assistant.ports import Historian
from edge.assistant.turn import Turn
from edge.devices.registry import Registry
from edge.router.model import Decision, Routing
from edge.schedule.clock import Clock

if TYPE_CHECKING:
    from edge.assistant.asking.conversation import SensorTalk

_ABOUT: Final = frozenset({"sensor.query", "state.get", "climate.get_temperature", "weather.get"})
"""The functions that a question about the past is routed to."""
_PLAINLY: Final = re.compile(
    r"\b(?:today|yesterday|last|past|since|this (?:morning|week|month|afternoon|evening)|overnight|ago|"
    r"how (?:long|often|many)|when|what time|(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend)\b",
    re.IGNORECASE,
)
"""Nothing else is looked at as a question about the past, where the router takes it for talk."""
_OTHERS: Final = (
    "alarms.",
    "causes.",
    "entries.",
    "guests.",
    "memory.",
    "names.",
    "notes.",
    "notify.",
    "quiet.",
    "rules.",
    "scenes.",
    "sensor.explain",
    "summary.",
    "sun.",
    "time.elsewhere",
)
"""Functions of sentences that stand by themselves, whatever was asked before."""
_NOW: Final = ("date.", "time.")
"""So do these, but where the sentence looks back ("what day was that?")."""
_BACK: Final = re.compile(r"\b(?:was|were|did|that|had|ago|since)\b", re.IGNORECASE)
_LATER: Final = re.compile(
    r"^\W*(?:(?:please|can you|could you|would you|will you) )*(?:warn|alert|notify|ping|message|text|shout|remind|"
    r"(?:tell|let) (?:me|us)(?: know)? (?:when|if|once|whenever|as soon)\b(?!.*\b(?:was|were|did|had|been)\b))",
    re.IGNORECASE,
)
"""What somebody wants to be told of when it comes to it, of which the past says nothing."""
_AHEAD: Final = re.compile(r"\b(?:will|going to be|shall)\b", re.IGNORECASE)
"""What is to come is not in the past."""
_SHORT: Final = 12
"""Words of a question that goes on from the last one."""


class Recalling:
    """Nobody's until `through` gave it a history; what is asked of now it answers without one."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self.hides: Callable[[Iterable[str]], str] = lambda devices: ""  # noqa: ARG005 (nobody is kept from anything)
        """Why nothing is told of some devices to whoever asks; empty where it is."""
        self._historian: Historian | None = None
        self._temperature_unit = "°C"
        self._talk: SensorTalk | None = None

    def through(self, historian: Historian | None, temperature_unit: str) -> None:
        """Answer from this history, temperatures in this unit."""
        self._historian, self._temperature_unit, self._talk = historian, temperature_unit, None

    async def answer(self, routing: Routing, utterance: Utterance, dialogue: Dialogue) -> Turn | None:
        """The turn; None where it is for others."""
        left = routing.decision in (Decision.CHAT, Decision.IGNORE) and self._historian is not None
        others = (*_OTHERS, *(() if _BACK.search(utterance.text) else _NOW))
        stands = any(call.function.startswith(others) for call in routing.calls) or _LATER.match(utterance.text)
        chat = left and not stands and _PLAINLY.search(utterance.text) is not None
        about = self._about(routing) or (not stands and self._goes_on(utterance, dialogue))
        if routing.decision is Decision.ACT or not (about or chat) or _AHEAD.search(utterance.text):
            return None
        if _which_batteries(routing):
            return None
        return await self._loaded().answer(routing, utterance, dialogue)

    async def picked(self, pending: Picking, utterance: Utterance, dialogue: Dialogue) -> Turn | None:
        """The turn where the utterance says which of several sensors was meant."""
        return await self._loaded().picked(pending, utterance, dialogue)

    @staticmethod
    def _about(routing: Routing) -> bool:
        asks = routing.decision in (Decision.QUERY, Decision.CLARIFY)
        return asks and bool(routing.calls) and all(call.function in _ABOUT for call in routing.calls)

    def _goes_on(self, utterance: Utterance, dialogue: Dialogue) -> bool:
        """Whether it may be about the last question: what moved something since is what a person has in mind now."""
        if dialogue.question is None or len(utterance.text.split()) > _SHORT:
            return False
        lately = dialogue.past.since(self._clock.boot_s())
        return not any(deed.acted and deed.moves and deed.at_s >= dialogue.question_s for deed in lately)

    def _loaded(self) -> "SensorTalk":
        if self._talk is None:
            from edge.assistant.asking.conversation import SensorTalk

            self._talk = SensorTalk(
                self._registry, self._clock, self._historian, self._temperature_unit, hides=lambda ids: self.hides(ids)
            )
        return self._talk


def _which_batteries(routing: Routing) -> bool:
    """Whether the lowest of all batteries is asked for, as they are now."""
    call = routing.calls[0] if len(routing.calls) == 1 else None
    if call is None or call.arguments.get("start") or call.arguments.get("measure") != "battery":
        return False
    return call.arguments.get("aggregate") == "minimum" and len(call.targets) > 1
