"""With what things are done that nobody asks for at that moment: what was ordered for later, what a rule says."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.assistant.audience import Audience
from edge.assistant.hands import Hands
from edge.assistant.later import Later
from edge.assistant.record import Journal
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.schedule.clock import Clock


@dataclass(frozen=True, slots=True)
class Means:
    """`asks_first` tells whether a call waits for a yes whoever asks for it."""

    hands: Hands
    later: Later
    audience: Audience
    journal: Journal
    registry: Registry
    clock: Clock
    asks_first: Callable[[Call], bool]
