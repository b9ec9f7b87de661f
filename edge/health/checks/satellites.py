"""Whether the satellites of the configuration are there."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge.errors import EdgeError
from edge.health.finding import Finding, fine, problem
from edge.health.ground import Ground

if TYPE_CHECKING:
    from edge.settings.model import SatelliteSettings
    from edge.speech.satellites.looking import Itself

PATIENCE_S: Final = 4.0
_CHECK: Final = "satellites"


@dataclass(frozen=True, slots=True)
class Asked:
    """One of them, and what it said of itself."""

    where: str
    itself: "Itself | None" = None
    trouble: str = ""


async def look(ground: Ground) -> tuple[Asked, ...] | None:
    """Asks each what it is; None where there are none."""
    wanted = [one for one in ground.loaded.settings.satellites if one.enabled]
    return tuple(await asyncio.gather(*(_asked(one) for one in wanted))) or None


def check(facts: tuple[Asked, ...]) -> Iterator[Finding]:
    """One finding each."""
    for one in facts:
        if one.itself is None:
            remedy = "is it on and running, is the address right, does a firewall keep it away?"
            yield problem(_CHECK, f"{one.where}: {one.trouble}", remedy)
        elif not one.itself.there:
            yield problem(_CHECK, f"{one.where} is a Wyoming server, but no satellite", "is that the right port?")
        else:
            how = "finds its wake word by itself" if one.itself.wakes else "streams"
            yield fine(_CHECK, f"{one.where} is there: {one.itself.name or 'it has no name'}, {how}")


async def _asked(one: "SatelliteSettings") -> Asked:
    from edge.speech.satellites.looking import describe

    where = f"{one.name} at {one.host}:{one.port}"
    try:
        return Asked(where, await describe(one.host, one.port))
    except EdgeError as error:
        return Asked(where, trouble=str(error))
