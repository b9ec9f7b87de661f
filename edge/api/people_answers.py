"""What the control socket tells and changes of visitors, quiet, and what each source may do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from edge.api.control import Answer, Request
from edge.api.wire import ControlError
from edge.router.values.ends import MORNING, end_of


class Household(Protocol):
    """Who is in the house, and whether it is quiet."""

    def facts(self) -> Mapping[str, Any]:
        """{"guests", "until", "quiet_until", "limits"}."""
        ...

    def now(self) -> datetime:
        """Local time."""
        ...

    async def set_guests(self, present: bool, until: datetime | None) -> None:
        """Turn guest mode on or off. Raises `EdgeError` where that can't be kept."""
        ...

    async def set_quiet(self, until: datetime | None) -> None:
        """Be quiet until then; None: talk again. Raises `EdgeError` where that can't be kept."""
        ...


def people_answers(household: Household) -> dict[str, Answer]:
    """By the request's `do`.

    `guests` {set?: "on" | "off", until?}: {"guests", "until", "quiet_until", "limits"} as they are then.
    `quiet` {set?: "on" | "off", until?}: the same. `until` is said as one says it: "Sunday", "two hours".
    """

    async def guests(request: Request) -> Mapping[str, Any]:
        wanted = _wanted(request)
        if wanted is not None:
            until = _until(request, household.now(), None) if wanted else None
            await household.set_guests(wanted, until)
        return household.facts()

    async def quiet(request: Request) -> Mapping[str, Any]:
        wanted = _wanted(request)
        if wanted is not None:
            night = end_of("tonight", household.now(), MORNING)
            await household.set_quiet((_until(request, household.now(), MORNING) or night) if wanted else None)
        return household.facts()

    return {"guests": guests, "quiet": quiet}


def _wanted(request: Request) -> bool | None:
    given = request.text_or_none("set")
    if given not in (None, "on", "off"):
        raise ControlError(f"set: expected on or off, found {given[:40]!r}")
    return None if given is None else given == "on"


def _until(request: Request, now: datetime, day_over: Any) -> datetime | None:
    given = request.text_or_none("until")
    until = end_of(given, now, day_over) if given else None
    if given and (until is None or until <= now):
        raise ControlError(f"until: {given[:60]!r} is no time to come: say it such as Sunday, ten o'clock, two hours")
    return until
