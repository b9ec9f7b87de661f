"""Who may ask for what: the limits of the settings, and whether there are visitors, given to the assistant's gate."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from edge.assistant.lockout import FILE as TRIES_FILE
from edge.assistant.model import ReplySource, Utterance
from edge.assistant.people import GuestMode, Limit, Limits
from edge.assistant.people.guests import FILE, MAY, PRIVATE, House
from edge.assistant.people.quiet import FILE as QUIET_FILE
from edge.assistant.people.quiet import UNMUTE, Quiet
from edge.assistant.told import Told
from edge.router.model import Call

if TYPE_CHECKING:
    from edge.assistant.assistant import Assistant
    from edge.schedule.clock import Clock
    from edge.settings import Loaded
    from edge.settings.model import Settings


@dataclass(frozen=True, slots=True)
class People:
    """What is kept of them."""

    guests: GuestMode
    quiet: Quiet
    limits: int
    clock: "Clock"
    problems: tuple[str, ...] = ()
    """Limits that hold for nobody."""

    def facts(self) -> Mapping[str, Any]:
        """For `edge status`."""
        mode, now = self.guests, self.clock.now()
        until = self.clock.local(mode.until_s) if mode.active and mode.until_s is not None else None
        ends = self.quiet.ends(now) if self.clock.trusted else None
        return {"guests": mode.active, "until": _shown(until), "quiet_until": _shown(ends), "limits": self.limits}

    def now(self) -> datetime:
        """Local time."""
        return self.clock.now()

    async def set_guests(self, present: bool, until: datetime | None) -> None:
        """Turn guest mode on or off. Raises `GuestsError`."""
        await self.guests.change(present, until.timestamp() if until else None)

    async def set_quiet(self, until: datetime | None) -> None:
        """Be quiet until then; None: talk again. Raises `QuietError`."""
        await (self.quiet.ask(until) if until is not None else self.quiet.end(self.now()))

    def is_quiet(self) -> bool:
        """Whether nothing is said unasked now; never while the clock can't be trusted."""
        return self.clock.trusted and self.quiet.covers(self.clock.now())


async def open_people(loaded: "Loaded", assistant: "Assistant", clock: "Clock") -> People:
    """As the settings have it, and as it was before the last start."""
    settings = loaded.settings
    gate = assistant.gate
    gate.limits = Limits(limits(settings))
    mode = gate.guests = GuestMode(clock, house(settings), loaded.places.state / FILE)
    await asyncio.to_thread(mode.load)
    gate.guests = mode
    assistant.recalling.hides = gate.hides
    gate.reading = assistant.keepers.reading
    quiet = _quiet(settings.speech.quiet_hours)
    quiet.file = loaded.places.state / QUIET_FILE
    await asyncio.to_thread(quiet.load)
    assistant.keepers.add(_Keeper(mode, quiet, clock, gate.must_prove))
    if settings.confirm.pin is not None or settings.confirm.pin_file is not None:
        await asyncio.to_thread(gate.lockout.keep_in, loaded.places.state / TRIES_FILE, clock.boot_s())
    unknown = await asyncio.to_thread(_unknown, loaded) if settings.sources else ()
    return People(mode, quiet, len(settings.sources), clock, unknown)


class _Keeper:
    """The functions `guests.…` and `quiet.…`; who carries them out is loaded when the first is asked for."""

    source = ReplySource.DIALOGUE

    def __init__(self, mode: GuestMode, quiet: Quiet, clock: "Clock", must_prove: Callable[[], bool]) -> None:
        self._parts = mode, quiet, clock, must_prove

    def handles(self, function: str) -> bool:
        """Whether `tell` takes the function."""
        _, quiet, clock, _ = self._parts
        return function.startswith(("guests.", "quiet.")) or (function == UNMUTE and quiet.asked_for(clock.now()))

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function in ("guests.status", "guests.may", "quiet.status", "quiet.hours")

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it and say so, or ask first. Raises `EdgeError` where it can't be kept."""
        from edge.assistant.people.keeper import GuestKeeper, QuietKeeper

        mode, quiet, clock, must_prove = self._parts
        guests = call.function.startswith("guests.")
        keeper = GuestKeeper(mode, clock, must_prove) if guests else QuietKeeper(quiet, clock)
        return await keeper.tell(call, utterance)


def limits(settings: "Settings") -> list[Limit]:
    """One for each source that has an entry."""
    return [
        Limit(
            one.source,
            one.name or "",
            None if one.may is None else frozenset(one.may),
            frozenset(one.may_not),
            None if one.areas is None else frozenset(one.areas),
            one.guest,
            one.area,
        )
        for one in settings.sources
    ]


def house(settings: "Settings") -> House:
    """What visitors may do."""
    guests = settings.guests
    return House(
        guests.always,
        MAY if guests.may is None else frozenset(guests.may),
        PRIVATE if guests.may_not is None else frozenset(guests.may_not),
        (guests.least_celsius, guests.most_celsius),
    )


def _unknown(loaded: "Loaded") -> tuple[str, ...]:
    """Limits for names that nobody has: whoever was meant may do everything. Blocks."""
    from edge.api.http.tokens import LOCAL, TokenError, Tokens

    try:
        tokens = {LOCAL, *(token.name for token in Tokens.in_state(loaded.places.state).all())}
    except TokenError:
        return ()  # which is told elsewhere
    known = {"http": tokens, "voice": {one.name for one in loaded.settings.satellites}}
    what = {"http": "token: `edge config token`", "voice": "satellite: `[[satellites]]`"}
    return tuple(
        f"sources: {one.name!r} is the name of no {what[one.source]} tells the names; its limits hold for nobody"
        for one in loaded.settings.sources
        if one.name is not None and one.source in known and one.name not in known[one.source]
    )


def _shown(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="minutes") if moment is not None else None


def _quiet(given: str | None) -> Quiet:
    if given is None:
        return Quiet()
    from edge.speech.loudness import QuietHours

    hours = QuietHours.parse(given)
    return Quiet(hours.cover, daily=(hours.start, hours.end))
