"""Sums up a day, a night or a week of the house when somebody asks, and for those who tell it by themselves."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from edge.assistant.explained import Words
from edge.assistant.explaining import house_places
from edge.assistant.model import ReplySource, Utterance
from edge.assistant.summarised import MOST_WORDS, Summing, called
from edge.assistant.told import Told
from edge.devices.registry import Registry
from edge.devices.words import words
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.sensors.alarms.words import Moments
from edge.sensors.summary.model import Alarmed, Summary, Width

if TYPE_CHECKING:
    from edge.sensors.history.reader import Reader

FUNCTION: Final = "summary.get"
_NOT_KEPT: Final = "I can't say: what sensors say is not remembered here (`history.enabled` is off)."
_DAY_S: Final = 86_400.0

Ask = Callable[["Callable[[Reader], Summary]"], Awaitable[Summary]]
"""The history's."""
Alarms = Callable[[float, float], Awaitable[Sequence[Alarmed]]]
"""The alarms that were on between two moments, the worst first."""


@dataclass(frozen=True, slots=True)
class Made:
    """A summary with its words."""

    summary: Summary
    text: str
    short: str

    def to_json(self) -> dict[str, Any]:
        """`text`, `short`, and all the figures."""
        return {"text": self.text, "short": self.short, **self.summary.to_json()}


class Summariser:
    """The keeper of `summary.get`; `made` is for whoever tells summaries unasked."""

    source = ReplySource.SENSORS

    def __init__(
        self,
        registry: Registry,
        clock: Clock,
        ask: Ask | None,
        alarms: Alarms,
        moments: Moments,
        *,
        up_s: float = 0.0,
        most_words: int = MOST_WORDS,
    ) -> None:
        """`ask`: None where no history is kept; `up_s`: since when sensors have been listened to."""
        self._registry = registry
        self._clock = clock
        self._ask = ask
        self._alarms = alarms
        self._moments = moments
        self._up_s = up_s
        self._words = Words(registry, moments)
        self._summing = Summing(self._words, most_words)

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function == FUNCTION

    @staticmethod
    def reads(function: str) -> bool:
        """It only answers."""
        return function == FUNCTION

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """The summary of the time that was asked for; the past day where none was."""
        width, since_s, until_s = self._span(call, set(words(utterance.text)))
        made = await self.made(width, since_s, until_s)
        return Told(made.text if made is not None else _NOT_KEPT)

    async def made(self, width: Width, since_s: float, until_s: float) -> Made | None:
        """None where no history is kept. Raises `SensorError`."""
        if self._ask is None:
            return None
        places, now_s, up_s = house_places(self._registry), self._moments.now_s(), self._up_s

        def work(reader: "Reader") -> Summary:
            from edge.sensors.summary.summarise import summarise  # numbers are loaded when somebody asks

            return summarise(reader, places, width, since_s, until_s, now_s, up_s)

        alarms = await self._alarms(since_s, until_s)
        found = replace(await self._ask(work), alarms=tuple(alarms))
        when = called(width, since_s, until_s, self._words)
        return Made(found, self._summing.summary(found, when), self._summing.short(found))

    def whole_days(self, days: int) -> tuple[float, float]:
        """So many whole days, up to the last midnight."""
        midnight = datetime.combine(self._local().date(), time())
        first = midnight - timedelta(days=days)
        return self._clock.epoch_s(first), self._clock.epoch_s(midnight)

    def _span(self, call: Call, said: set[str]) -> tuple[Width, float, float]:
        now_s = self._moments.now_s()
        start, end = (self._moment(call.arguments.get(name)) for name in ("start", "end"))
        if start is not None:
            until_s = min(now_s, end if end is not None else now_s)
            long_s = until_s - start
            width = Width.WEEK if long_s > 3 * _DAY_S else Width.DAY if long_s > 0.9 * _DAY_S else Width.SPAN
            return width, min(start, until_s - 60), until_s
        if said & {"week", "weekly", "week's"}:
            return Width.WEEK, now_s - 7 * _DAY_S, now_s
        if "night" in said:
            evening = datetime.combine(self._local().date() - timedelta(days=1), time(20))
            return Width.SPAN, self._clock.epoch_s(evening), now_s
        return Width.SPAN, now_s - _DAY_S, now_s

    def _local(self) -> datetime:
        return self._clock.local(self._moments.now_s())

    def _moment(self, text: object) -> float | None:
        if not isinstance(text, str):
            return None
        try:
            return self._clock.epoch_s(datetime.fromisoformat(text))
        except ValueError:
            return None
