"""Answers why sensors are as they are, from the history; loaded when somebody asks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.told import Told
from edge.devices.words import words
from edge.router.model import Call

if TYPE_CHECKING:
    from edge.assistant.ports import Keeper
    from edge.sensors.alarms.words import Moments
    from edge.service.service import Service

_EXPLAIN: Final = "sensor.explain"
_FAST: Final = 25.0
"""Tokens a second."""
_PATIENCE_S: Final = 4.0


def open_explaining(service: "Service") -> None:
    """To be opened once there is an assistant."""

    def make() -> "Keeper":
        from edge.assistant.explaining import Explainer

        history = service.history
        ask = history.ask if history is not None else None
        return Explainer(service.registry, service.clock, ask, moments_of(service), better)

    async def better(text: str) -> str:
        """Where the model speaks so fast that nobody has to wait for it."""
        if service.model.figures.tokens_per_s < _FAST:
            return text
        return await reworded(service, text, _PATIENCE_S)

    service.assistant.keepers.add(OnDemand(_EXPLAIN, make))


async def reworded(service: "Service", text: str, within_s: float) -> str:
    """In the language model's words where those say the same, and are wanted."""
    if not service.loaded.settings.summary.reword:
        return text
    from edge.assistant.rewording import Rewording

    registry = service.registry
    named = [one.name for one in registry.devices.values()] + [one.name for one in registry.areas.values()]
    return await Rewording(service.model, within_s).better(text, {word for one in named for word in words(one)})


def moments_of(service: "Service") -> "Moments":
    """How the service's times are said."""
    from edge.sensors.alarms.words import Moments

    history, clock = service.history, service.clock
    now_s = history.now_s if history is not None else lambda: clock.now().timestamp()
    return Moments(now_s, clock.local, lambda: clock.trusted)


class OnDemand:
    """The keeper of one function that only answers, made when somebody asks: until then it takes no memory."""

    source = ReplySource.SENSORS

    def __init__(self, function: str, make: "Callable[[], Keeper]") -> None:
        self._function = function
        self._make = make
        self._made: Keeper | None = None

    def handles(self, function: str) -> bool:
        """Whether `tell` takes the function."""
        return function == self._function

    def reads(self, function: str) -> bool:
        """It only answers."""
        return function == self._function

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """As who was made does."""
        if self._made is None:
            self._made = self._make()
        return await self._made.tell(call, utterance)
