"""When the sun rises and sets, and whether it is dark, worked out on the device."""

from datetime import date, datetime, timedelta

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.phrases import clock
from edge.assistant.told import Told
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.schedule.recurrence import Calendar
from edge.schedule.words import span

_TODAY, _TOMORROW = 0, 1


class SunKeeper:
    """Takes `sun.rises`, `sun.sets` (of the day `at`, otherwise the next time), `sun.dark` and `sun.light`."""

    source = ReplySource.ROUTER

    def __init__(self, calendar: Calendar, clock: Clock) -> None:
        self._calendar = calendar
        self._clock = clock

    def handles(self, function: str) -> bool:
        """Whether it is one of those."""
        return function in {"sun.rises", "sun.sets", "sun.dark", "sun.light"}

    def reads(self, function: str) -> bool:
        """They all only ask."""
        return self.handles(function)

    async def tell(self, call: Call, utterance: Utterance) -> Told:  # noqa: ARG002 (every keeper's signature)
        """The answer. Raises `ScheduleError` where nobody knows where the house is."""
        if call.function in {"sun.dark", "sun.light"}:
            return Told(self._dark(yes_if_dark=call.function == "sun.dark"))
        event = "sunrise" if call.function == "sun.rises" else "sunset"
        at = call.arguments.get("at")
        return Told(self._on(event, datetime.fromisoformat(at).date()) if isinstance(at, str) else self._next(event))

    def _next(self, event: str) -> str:
        now = self._clock.now()
        at_s = self._calendar.sun_s(event, now.date())
        verb = _verb(event)
        if at_s is None:
            return f"The sun does not {verb} here today."
        moment = self._clock.local(at_s)
        if moment > now:
            minutes = round((moment - now).total_seconds() / 60)
            return f"The sun {verb}s today at {of_day(moment)}, in {span(minutes * 60)}."
        past = "rose" if verb == "rise" else "set"
        tomorrow = self._calendar.sun_s(event, now.date() + timedelta(days=1))
        told = f"The sun {past} today at {of_day(moment)}"
        return f"{told}, and tomorrow it {verb}s at {of_day(self._clock.local(tomorrow))}." if tomorrow else f"{told}."

    def _on(self, event: str, day: date) -> str:
        away = (day - self._clock.now().date()).days
        if away == _TODAY:
            return self._next(event)
        when = "tomorrow" if away == _TOMORROW else f"on {day:%A}" if 0 < away < 7 else f"on {day.day} {day:%B}"
        at_s = self._calendar.sun_s(event, day)
        if at_s is None:
            return f"The sun does not {_verb(event)} here {when}."
        if away < 0:
            return f"The sun {'rose' if event == 'sunrise' else 'set'} {when} at {of_day(self._clock.local(at_s))}."
        return f"The sun {_verb(event)}s {when} at {of_day(self._clock.local(at_s))}."

    def _dark(self, *, yes_if_dark: bool) -> str:
        now = self._clock.now()
        dark = self._calendar.dark(now.timestamp())
        answer = "Yes" if dark is yes_if_dark else "No"
        return f"{answer}, the sun is {'down' if dark else 'up'}. {self._next('sunrise' if dark else 'sunset')}"


def of_day(moment: datetime) -> str:
    """To the nearest minute."""
    return clock(moment + timedelta(seconds=30))


def _verb(event: str) -> str:
    return "rise" if event == "sunrise" else "set"
