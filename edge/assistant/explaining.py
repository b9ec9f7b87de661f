"""Answers why a sensor went up or down: finds out which one is meant, has it explained, and says so."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from edge.assistant.explained import Words
from edge.assistant.model import ReplySource, Utterance
from edge.assistant.told import Told
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.sensors.alarms.words import Moments
from edge.sensors.explaining.model import Direction, Explanation, Inquiry, Places

if TYPE_CHECKING:
    from edge.sensors.history.reader import Reader

FUNCTION: Final = "sensor.explain"
_MOST: Final = 6
_AROUND_S: Final = 3600.0
"""Before and after a moment that a person names."""
_OUTDOORS: Final = frozenset({"outside", "outdoors", "garden", "balcony", "terrace", "patio", "yard", "driveway"})
_ATTRIBUTES: Final = {
    "": "current_temperature",
    "temperature": "current_temperature",
    "humidity": "current_humidity",
}
_NOT_KEPT: Final = "I can't say: what sensors say is not remembered here (`history.enabled` is off)."


class Explainer:
    """The keeper of `sensor.explain`."""

    source = ReplySource.SENSORS

    def __init__(
        self,
        registry: Registry,
        clock: Clock,
        ask: "Callable[[Callable[[Reader], Explanation | None]], Awaitable[Explanation | None]] | None",
        moments: Moments,
        better: "Callable[[str], Awaitable[str]] | None" = None,
    ) -> None:
        """`ask`: the history's, None where none is kept; `better`: says a text in better words, or as it is."""
        self._registry = registry
        self._clock = clock
        self._ask = ask
        self._words = Words(registry, moments)
        self._better = better

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function == FUNCTION

    @staticmethod
    def reads(function: str) -> bool:
        """It only answers."""
        return function == FUNCTION

    async def tell(self, call: Call, utterance: Utterance) -> Told:  # noqa: ARG002 (every keeper's)
        """What is known of it."""
        found = await self.explanation(call)
        if found is None:
            return Told(_NOT_KEPT if self._ask is None else "I remember nothing of that yet.")
        text = self._words.explanation(found)
        return Told(text if self._better is None else await self._better(text))

    async def explanation(self, call: Call) -> Explanation | None:
        """Of those that are meant the one that moved most, by its own measure."""
        if self._ask is None:
            return None
        inquiries = self._inquiries(call)
        places = house_places(self._registry)

        def work(reader: "Reader") -> Explanation | None:
            from edge.sensors.explaining.explain import explain_most_moved  # numbers are loaded when somebody asks

            return explain_most_moved(reader, places, inquiries)

        return await self._ask(work)

    def _inquiries(self, call: Call) -> list[Inquiry]:
        now_s = self._clock.now().timestamp()
        since_s, until_s = self._span(call, now_s)
        said = call.arguments.get("direction")
        direction = Direction(said) if said in set(Direction) else None
        measure = str(call.arguments.get("measure") or "")
        keys = [_series(target, measure) for target in call.targets[:_MOST]]
        return [Inquiry(key, until_s, since_s, direction) for key in keys if key]

    def _span(self, call: Call, now_s: float) -> tuple[float | None, float]:
        at, start, end = (self._moment(call.arguments.get(name)) for name in ("at", "start", "end"))
        if at is not None:
            return at - _AROUND_S, min(now_s, at + _AROUND_S)
        if start is None:
            return None, now_s
        return start, min(now_s, end if end is not None else now_s)

    def _moment(self, text: object) -> float | None:
        if not isinstance(text, str):
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        return self._clock.epoch_s(moment) if moment.tzinfo is None else moment.timestamp()


def _series(device: str, measure: str) -> str:
    """A device's own series, or the attribute of it that measures this; empty where there is none."""
    if device.partition(".")[0] in ("sensor", "number"):
        return device
    return f"{device}:{_ATTRIBUTES[measure]}" if measure in _ATTRIBUTES else ""


def house_places(registry: Registry) -> Places:
    """The areas with their floors, and those that are outdoors."""
    floors = {one.id: one.floor for one in registry.areas.values() if one.floor}
    outdoors = {
        one.id for one in registry.areas.values() if _OUTDOORS.intersection((one.id, *one.name.lower().split()))
    }
    return Places(floors, frozenset(outdoors))
