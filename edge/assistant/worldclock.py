"""What time it is elsewhere, by the time zones that every system has; nothing is looked up outside."""

import asyncio
import functools
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH, ZoneInfo, available_timezones

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.phrases import clock as of_day
from edge.assistant.told import Told
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call
from edge.schedule.clock import Clock

_ALSO: Final = {
    "beijing": "Asia/Shanghai",
    "boston": "America/New_York",
    "california": "America/Los_Angeles",
    "england": "Europe/London",
    "florida": "America/New_York",
    "hawaii": "Pacific/Honolulu",
    "miami": "America/New_York",
    "mumbai": "Asia/Kolkata",
    "munich": "Europe/Berlin",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "san francisco": "America/Los_Angeles",
    "scotland": "Europe/London",
    "seattle": "America/Los_Angeles",
    "texas": "America/Chicago",
    "the uk": "Europe/London",
    "wales": "Europe/London",
    "washington": "America/New_York",
}
"""What people ask for and no zone or country is called."""


class WorldClock:
    """Takes `time.elsewhere` with its `place`; for a room of the house the time is ours."""

    source = ReplySource.ROUTER

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def handles(self, function: str) -> bool:
        """Whether it is that."""
        return function == "time.elsewhere"

    def reads(self, function: str) -> bool:
        """It only asks."""
        return self.handles(function)

    async def tell(self, call: Call, utterance: Utterance) -> Told:  # noqa: ARG002 (every keeper's signature)
        """The time there, and the day where it is another."""
        place, now = str(call.arguments.get("place") or "").strip(), self._clock.now()
        doubt = "" if self._clock.trusted else ", if my clock is right: nothing has set it since I started"
        if self._registry.area_names.exact(tokens(place)):
            return Told(f"It is {of_day(now)}{doubt}.")
        zone = await asyncio.to_thread(_zone, place)
        if zone is None:
            return Told(f"I don't know what time it is in {_titled(place)}. Here it is {of_day(now)}{doubt}.")
        there = datetime.fromtimestamp(now.timestamp(), zone)
        day = f" on {there:%A}" if there.date() != now.date() else ""
        return Told(f"It is {of_day(there)}{day} in {_titled(place)}{doubt}.")


def zone_of(place: str) -> str | None:
    """The time zone of a city, or of a country that has one alone; None where there is none of that name. Blocks."""
    folded = _folded(place)
    return _ALSO.get(folded) or _zones().get(folded) or _zones().get(folded.removeprefix("the "))


def _zone(place: str) -> ZoneInfo | None:
    name = zone_of(place)
    return ZoneInfo(name) if name is not None else None


@functools.lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    zones = {_folded(name.rpartition("/")[2]): name for name in sorted(available_timezones()) if "/" in name}
    return zones | _countries()


def _countries() -> dict[str, str]:
    """Those with one zone, as the system's tables name them."""
    folder = next((Path(one) for one in TZPATH if (Path(one) / "zone1970.tab").is_file()), None)
    if folder is None:
        return {}
    codes: dict[str, list[str]] = {}
    for line in (folder / "zone1970.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#") and len(columns := line.split("\t")) >= 3:
            for code in columns[0].split(","):
                codes.setdefault(code, []).append(columns[2])
    lines = (folder / "iso3166.tab").read_text(encoding="utf-8").splitlines()
    names = [line.split("\t") for line in lines if not line.startswith("#")]
    return {_folded(name): codes[code][0] for code, name in names if len(codes.get(code, ())) == 1}


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("_", " ").casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip(" ?.!")


def _titled(place: str) -> str:
    small, initials = {"the", "of", "and"}, {"uk", "usa", "us", "uae"}
    words = [word.upper() if word in initials else word for word in place.split()]
    return " ".join(word if word in small else word[:1].upper() + word[1:] for word in words)
