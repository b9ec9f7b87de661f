"""What happens unasked because it was ordered earlier: timers that ring, calls that are due."""

from collections.abc import Callable

from edge.assistant import wording
from edge.assistant.audience import Audience
from edge.assistant.cause import acting, having_confirmed
from edge.assistant.hands import Hands
from edge.assistant.later import Later
from edge.assistant.model import Announcement
from edge.assistant.phrases import sentence
from edge.assistant.record import SCHEDULE, Journal
from edge.devices.model import Agent, Cause
from edge.devices.once import adds_up
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.schedule.model import Event, EventKind


class Unasked:
    """Listens to the schedule; `asks_first` tells whether a call waits for a yes whoever asks for it."""

    def __init__(
        self,
        hands: Hands,
        later: Later,
        audience: Audience,
        journal: Journal,
        registry: Registry,
        asks_first: Callable[[Call], bool],
    ) -> None:
        self._hands = hands
        self._later = later
        self._audience = audience
        self._journal = journal
        self._registry = registry
        self._asks_first = asks_first

    async def due(self, event: Event) -> None:
        """Do what was ordered, and tell whoever listens."""
        text = event.text
        if event.kind is EventKind.CALL_DUE:
            ordered = self._later.ordered(event.entry)
            guest = self._later.by_guest(event.entry)
            cause = Cause(
                ordered[0] or SCHEDULE, area=event.entry.area, request=ordered[1], by=Agent.SCHEDULE, guest=guest
            )
            with acting(cause) as deeds:
                text = await self._carry_out(event)
            self._journal.due(event, ordered, self._later.calls(event.entry), deeds, text)
        rings = event.kind in (EventKind.TIMER_FINISHED, EventKind.ALARM_RINGING)
        await self._audience.announce(Announcement(text, event.entry.area, {**event.to_json(), "text": text}, rings))

    async def _carry_out(self, event: Event) -> str:
        """What went wrong, in a sentence; nothing is said of what went as it was ordered."""
        calls = self._later.calls(event.entry)
        left = [call for call in calls if not call.confirm and self._asks_first(call)]
        once = [call for call in calls if event.repeated and adds_up(call.function) and call not in left]
        sure = self._later.confirmed(event.entry)
        with having_confirmed(sure):
            performed, notes = await self._hands.carry_out([call for call in calls if call not in left + once])
        notes += [
            sentence(f"I was stopped in the middle of it, so I can't say if I did {self._said(call)}") for call in once
        ]
        notes += [sentence(f"I did not {self._said(call)}: nobody confirmed it") for call in left]
        with having_confirmed(sure):
            performed += await self._hands.perform(self._later.service_calls(event.entry))
        return wording.report([one for one in performed if not one.went_well], self._registry, notes)

    def _said(self, call: Call) -> str:
        return wording.instruction(call, self._registry)
