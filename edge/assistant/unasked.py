"""What happens unasked because it was ordered earlier: timers that ring, calls that are due."""

from edge.assistant import wording
from edge.assistant.cause import acting, having_confirmed
from edge.assistant.means import Means
from edge.assistant.model import Announcement
from edge.assistant.phrases import sentence
from edge.assistant.record import SCHEDULE
from edge.devices.model import Agent, Cause
from edge.devices.once import adds_up
from edge.router.model import Call
from edge.schedule.model import Event, EventKind


class Unasked:
    """Listens to the schedule."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def due(self, event: Event) -> None:
        """Do what was ordered, and tell whoever listens."""
        text = event.text
        if event.kind is EventKind.CALL_DUE:
            ordered = self._means.later.ordered(event.entry)
            guest = self._means.later.by_guest(event.entry)
            cause = Cause(
                ordered[0] or SCHEDULE, area=event.entry.area, request=ordered[1], by=Agent.SCHEDULE, guest=guest
            )
            with acting(cause) as deeds:
                text = await self._carry_out(event)
            self._means.journal.due(event, ordered, self._means.later.calls(event.entry), deeds, text)
        rings = event.kind in (EventKind.TIMER_FINISHED, EventKind.ALARM_RINGING)
        await self._means.audience.announce(
            Announcement(text, event.entry.area, {**event.to_json(), "text": text}, rings)
        )

    async def _carry_out(self, event: Event) -> str:
        """What went wrong, in a sentence; nothing is said of what went as it was ordered."""
        calls = self._means.later.calls(event.entry)
        left = [call for call in calls if not call.confirm and self._means.asks_first(call)]
        once = [call for call in calls if event.repeated and adds_up(call.function) and call not in left]
        sure = self._means.later.confirmed(event.entry)
        with having_confirmed(sure):
            performed, notes = await self._means.hands.carry_out([call for call in calls if call not in left + once])
        notes += [
            sentence(f"I was stopped in the middle of it, so I can't say if I did {self._said(call)}") for call in once
        ]
        notes += [sentence(f"I did not {self._said(call)}: nobody confirmed it") for call in left]
        with having_confirmed(sure):
            performed += await self._means.hands.perform(self._means.later.service_calls(event.entry))
        return wording.report([one for one in performed if not one.went_well], self._means.registry, notes)

    def _said(self, call: Call) -> str:
        return wording.instruction(call, self._means.registry)
