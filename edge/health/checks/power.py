"""Whether the power supply holds the voltage."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edge.health.finding import Finding, fine, problem
from edge.health.ground import Ground

if TYPE_CHECKING:
    from edge.tuning.thermal import Heat

_CHECK: Final = "power"
_REMEDY: Final = (
    "Use the power supply made for this board and a short, thick cable; disks on USB want a hub with a supply "
    "of its own"
)


async def look(ground: Ground) -> "Heat | None":
    """The same look as at the heat: a board's firmware tells both in one number."""
    from edge.tuning.thermal import read_heat

    heat: Heat = await ground.aside(read_heat, ground.root)
    return heat


def check(facts: "Heat") -> Iterator[Finding]:
    """One finding, where the board says anything of it."""
    from edge.tuning.thermal import Throttle

    if Throttle.UNDER_VOLTAGE in facts.now:
        yield problem(_CHECK, "The voltage is too low now: cards lose data and sticks fall out that way", _REMEDY)
    elif Throttle.UNDER_VOLTAGE in facts.since_start:
        text = "The voltage was too low since the start, and is not now: cards lose data that way"
        yield problem(_CHECK, text, _REMEDY)
    elif facts.zones or facts.now is not Throttle.NONE:
        yield fine(_CHECK, "Nothing is wrong with the power supply, as far as the board says")
