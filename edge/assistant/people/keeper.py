"""Guest mode and quiet by voice: the functions `guests.…` and `quiet.…`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.people.guests import GuestMode
from edge.assistant.people.quiet import UNMUTE, Quiet
from edge.assistant.phrases import moment, ordinal
from edge.assistant.timing import local_time
from edge.assistant.told import Told
from edge.router.model import Call
from edge.router.values.ends import MORNING, end_of
from edge.schedule.clock import Clock

_NO_TIME: Final = "I did not get until when. Please say it again, such as “until Sunday”."
_MAY: Final = (
    "Visitors may use lights, music, blinds, fans and heating within bounds, set timers and ask about the house. "
    "Locks, lists, notes, rules and settings are for those who live here."
)


class GuestKeeper:
    """Turns guest mode on, and off for whoever has proved who they are."""

    source = ReplySource.DIALOGUE

    def __init__(self, mode: GuestMode, clock: Clock, must_prove: Callable[[], bool]) -> None:
        """`must_prove`: whether whoever asks has to confirm before the mode ends."""
        self._mode = mode
        self._clock = clock
        self._must_prove = must_prove

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function.startswith("guests.")

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function in ("guests.status", "guests.may")

    async def tell(self, call: Call, utterance: Utterance) -> Told:  # noqa: ARG002 (every keeper's signature)
        """Do it and say so, or ask first. Raises `GuestsError` where it can't be kept."""
        match call.function:
            case "guests.on" | "guests.told":
                return await self._on(call)
            case "guests.off" if self._must_prove() and not call.confirm:
                return Told("Tell me so from a source that I know, or with the PIN.")
            case "guests.off":
                return await self._off()
            case "guests.may":
                return Told(_MAY)
            case _:
                return Told(self._status())

    async def _on(self, call: Call) -> Told:
        said = str(call.arguments.get("until") or "")
        now = self._clock.now()
        until = end_of(said, now) if said else None
        if said and until is None:
            return Told(_NO_TIME)
        if call.function == "guests.told" and until is None:
            return Told("How nice. Shall I turn guest mode on?", then=(Call("guests.on"),))
        before = (self._mode.on, self._mode.until_s)
        await self._mode.change(True, until.timestamp() if until else None)

        async def undo() -> str:
            if before[0]:
                await self._mode.change(*before)
                return "Guest mode is as it was."
            return "To turn guest mode off, please say so."

        ends = f" until {_day(until, now)}" if until else ""
        return Told(f"Guest mode is on{ends}. Your visitors are welcome to lights, music and blinds.", undo)

    async def _off(self) -> Told:
        if not self._mode.on:
            always = "It is always on here: the settings say so." if self._mode.active else "Guest mode is off."
            return Told(always)
        await self._mode.change(False)
        return Told("Guest mode is off. I'm all yours again.")

    def _status(self) -> str:
        if not self._mode.active:
            return "No, guest mode is off."
        until_s = self._mode.until_s
        ends = f" until {_day(self._clock.local(until_s), self._clock.now())}" if until_s else ""
        return f"Yes, guest mode is on{ends}."


class QuietKeeper:
    """Keeps quiet for a while, and talks again."""

    source = ReplySource.DIALOGUE

    def __init__(self, quiet: Quiet, clock: Clock) -> None:
        self._quiet = quiet
        self._clock = clock

    def handles(self, function: str) -> bool:
        """Whether `tell` takes the function."""
        asked = function == UNMUTE and self._quiet.asked_for(self._clock.now())
        return asked or function.startswith("quiet.")

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function in ("quiet.status", "quiet.hours")

    async def tell(self, call: Call, utterance: Utterance) -> Told:  # noqa: ARG002 (every keeper's signature)
        """Do it and say so. Raises `QuietError` where it can't be kept."""
        now = self._clock.now()
        if call.function == "quiet.status":
            ends = self._quiet.ends(now)
            return Told(f"Yes, until {_at(ends, now)}." if ends else "No, I talk as usual.")
        if call.function == "quiet.hours":
            return Told(self._hours(now))
        before = self._quiet.until_s
        if call.function in ("quiet.off", UNMUTE):
            await self._quiet.end(now)
            return Told("I'm talking again.")
        until = self._until(call, now)
        if until is None or until <= now:
            return Told(_NO_TIME)
        await self._quiet.ask(until)

        async def undo() -> str:
            if before is not None and before > now.timestamp():
                await self._quiet.ask(self._clock.local(before))
            else:
                await self._quiet.end(self._clock.now())
            return "All right, I talk as before."

        return Told(f"All right, I'll be quiet until {_at(until, now)}. Alarms still get through.", undo)

    def _hours(self, now: datetime) -> str:
        """Those of every day, and what was asked for besides."""
        daily, ends = self._quiet.daily, self._quiet.ends(now)
        told = f"The quiet hours are from {daily[0]:%-H:%M} to {daily[1]:%-H:%M}." if daily else ""
        if ends and (daily is None or ends.time() != daily[1]):
            return f"{told} I'm quiet until {_at(ends, now)}.".strip()
        return told or "There are no quiet hours: `speech.quiet_hours` sets some."

    def _until(self, call: Call, now: datetime) -> datetime | None:
        lasts, at = call.arguments.get("duration"), local_time(call.arguments.get("at"))
        if isinstance(lasts, int | float):
            return now + timedelta(seconds=float(lasts))
        if at is not None:
            return self._clock.local(self._clock.epoch_s(at))
        return end_of(str(call.arguments.get("until") or "tonight"), now, MORNING)


def _at(when: datetime, now: datetime) -> str:
    return moment(when, now).replace("at ", "", 1) if when.date() == now.date() else moment(when, now)


def _day(until: datetime, now: datetime) -> str:
    """The end of a day is that day's."""
    if (until.hour, until.minute) != (0, 0):
        return _at(until, now)
    days = (until.date() - now.date()).days - 1
    last = until - timedelta(days=1)
    if days == 0:
        return "the end of today"
    return f"{last:%A} night" if days < 7 else f"{last:%A} the {ordinal(last.day)} of {last:%B}"
