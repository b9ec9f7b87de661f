"""Whether the machine is too hot, or slows itself down."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground

if TYPE_CHECKING:
    from edge.tuning.thermal import Heat

_CHECK: Final = "heat"
_HOT_CELSIUS: Final = 80.0
"""Where a Raspberry Pi begins to slow down, if nothing says otherwise."""
_WARM_MARGIN: Final = 5.0
_REMEDY: Final = "Give it air: out of the sun and of closed boxes, a heat sink, better a fan"


async def look(ground: Ground) -> "Heat | None":
    """None where the machine has no such sensor, and nothing to say."""
    from edge.tuning.thermal import Throttle, read_heat

    heat: Heat = await ground.aside(read_heat, ground.root)
    return heat if heat.zones or heat.now is not Throttle.NONE or heat.since_start is not Throttle.NONE else None


def check(facts: "Heat") -> Iterator[Finding]:
    """One finding."""
    from edge.tuning.thermal import Throttle

    slowing = Throttle.THROTTLED | Throttle.SOFT_TEMPERATURE_LIMIT | Throttle.FREQUENCY_CAPPED
    hottest, margin = facts.hottest, facts.margin_celsius
    where = f"{hottest.name} is at {hottest.celsius:.0f} °C" if hottest else "it does not say how hot it is"
    evidence = f"now {_said(facts.now)}; since the start {_said(facts.since_start)}"
    is_hot = (hottest is not None and hottest.celsius >= _HOT_CELSIUS) or (margin is not None and margin <= 0)
    if facts.now & slowing and not (facts.now & Throttle.UNDER_VOLTAGE and not is_hot):
        yield problem(_CHECK, f"The machine is hot and slows itself down: {where}", _REMEDY, evidence)
    elif is_hot:
        yield problem(_CHECK, f"The machine is so hot that it is about to slow down: {where}", _REMEDY, evidence)
    elif margin is not None and margin < _WARM_MARGIN:
        yield note(_CHECK, f"The machine is close to slowing down: {where}", _REMEDY, evidence)
    elif facts.since_start & (Throttle.THROTTLED | Throttle.SOFT_TEMPERATURE_LIMIT):
        yield note(_CHECK, f"The machine has slowed itself down since its start, and does not now: {where}", _REMEDY)
    elif Throttle.CLOCK_LIMITED in facts.now and facts.clock_share is not None:
        text = f"The clock of the processor is held to {facts.clock_share:.0%} of what it can: {where}"
        yield note(_CHECK, text, "If nobody has wanted that: cpupower frequency-set, or the firmware's settings")
    else:
        yield fine(_CHECK, where)


def _said(what: "object") -> str:
    name = getattr(what, "name", None)
    return str(name or "nothing").lower().replace("_", " ")
