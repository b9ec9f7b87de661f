"""Who did what: one record a request, and one for everything that was carried out later, for whoever keeps them."""

import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from edge.assistant.model import Performed, Utterance
from edge.assistant.turn import Turn
from edge.devices.model import Outcome
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.schedule.model import Event

SCHEDULE: Final = "schedule"
"""The source of what was ordered earlier."""
_KEPT: Final = 6
RULE: Final = "rule"
"""The source of what a rule does."""


@dataclass(frozen=True, slots=True)
class Record:
    """As it is when the request comes, and once more when it has been answered."""

    number: int
    """The same both times; begins anew with every start."""
    time_s: float
    """Seconds since the epoch."""
    clock_trusted: bool
    id: str
    source: str
    origin: str = ""
    area: str | None = None
    authenticated: bool = False
    text: str = ""
    """Without a PIN, right or wrong."""
    decision: str | None = None
    """None: it has not been answered."""
    answered_by: str = ""
    reply: str = ""
    calls: tuple[Call, ...] = ()
    deeds: tuple[Performed, ...] = ()
    """All that was tried on devices, undoing and what the language model called included."""
    ms: float = 0.0
    confirmed: str = ""
    """How what was asked about was confirmed: `yes` or `pin`, and by the source of this very record."""
    follows: str = ""
    """The id of the request that this one confirmed, or that ordered what was carried out."""


Earlier = Callable[[str], Sequence[tuple[Record, str]]]
"""What was done to a device (its id) before the last start, the oldest first: on whose behalf, and the service (of
Home Assistant's) that was called. Blocks. Raises `EdgeError`."""


class Recorder(Protocol):
    """Keeps records."""

    def record(self, record: Record, /) -> None:
        """Take one, or the later state of one. Returns at once and raises nothing."""
        ...


class LastDeeds:
    """What was done to each device lately, and on whose behalf; in memory."""

    def __init__(self) -> None:
        self._deeds: dict[str, deque[tuple[Record, Performed, float]]] = {}

    def note(self, record: Record, now_s: float) -> None:
        """A record with what was carried out for it."""
        for one in record.deeds:
            if one.went_well and one.outcome is not Outcome.ALREADY:
                self._deeds.setdefault(one.call.device, deque(maxlen=_KEPT)).append((record, one, now_s))

    def of(self, device: str) -> tuple[tuple[Record, Performed, float], ...]:
        """What was done to a device, the oldest first, with when it was done: seconds since the epoch."""
        return tuple(self._deeds.get(device, ()))


class Journal:
    """Makes records of what the assistant is asked and of what comes of it."""

    def __init__(
        self, recorder: Recorder | None, clock: Clock, hidden: Callable[[str], str] = lambda text: text
    ) -> None:
        """`hidden`: what may be kept of a text."""
        self._hidden = hidden
        self._recorder = recorder
        self._clock = clock
        self._numbers = itertools.count(1)
        self.deeds = LastDeeds()

    def asked(self, utterance: Utterance, text: str) -> Record:
        """A request has come in; `text` is what may be kept of it."""
        return self._noted(
            Record(
                next(self._numbers),
                self._clock.now().timestamp(),
                self._clock.trusted,
                utterance.id,
                utterance.source.value,
                utterance.origin,
                utterance.area,
                utterance.authenticated,
                text,
            )
        )

    def answered(self, asked: Record, turn: Turn | None, deeds: Sequence[Performed], ms: float) -> None:
        """What came of it; without a turn nobody waited for the answer any more."""
        ended = replace(asked, deeds=self._deeds(deeds), ms=ms)
        if turn is not None:
            ended = replace(
                ended,
                decision=turn.decision.value,
                answered_by=turn.source.value,
                reply=self._hidden(turn.text),
                calls=self._calls(turn.calls),
                confirmed=turn.confirmed,
                follows=turn.follows,
            )
        self._noted(ended)

    def due(
        self, event: Event, ordered: tuple[str, str], calls: Sequence[Call], deeds: Sequence[Performed], text: str
    ) -> None:
        """Something was carried out that was ordered earlier; `ordered`: by whom, and in which request."""
        origin, follows = ordered
        self._noted(
            Record(
                next(self._numbers),
                self._clock.now().timestamp(),
                self._clock.trusted,
                event.entry.id,
                SCHEDULE,
                origin,
                event.entry.area,
                text=self._hidden(event.entry.label),
                decision=event.kind.value,
                answered_by=SCHEDULE,
                reply=self._hidden(text),
                calls=self._calls(calls),
                deeds=self._deeds(deeds),
                follows=follows,
            )
        )

    def ruled(self, rule: str, area: str | None, calls: Sequence[Call], deeds: Sequence[Performed], text: str) -> None:
        """A rule was set off, and this came of it."""
        self._noted(
            Record(
                next(self._numbers),
                self._clock.now().timestamp(),
                self._clock.trusted,
                rule,
                RULE,
                rule,
                area,
                decision=RULE,
                answered_by=SCHEDULE,
                reply=self._hidden(text),
                calls=self._calls(calls),
                deeds=self._deeds(deeds),
            )
        )

    def _calls(self, calls: Sequence[Call]) -> tuple[Call, ...]:
        return tuple(replace(one, arguments=self._plain(one.arguments)) for one in calls)

    def _deeds(self, deeds: Sequence[Performed]) -> tuple[Performed, ...]:
        return tuple(replace(one, call=replace(one.call, data=self._plain(one.call.data))) for one in deeds)

    def _plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._hidden(value) if isinstance(value, str) else value for key, value in values.items()}

    def _noted(self, record: Record) -> Record:
        if record.deeds:
            self.deeds.note(record, self._clock.now().timestamp())
        if self._recorder is not None:
            self._recorder.record(record)
        return record
