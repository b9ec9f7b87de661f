"""Whether sensors are watched and their alarms kept, and what keeps people from being told of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground
from edge.health.looking.files import set_aside

_CHECK: Final = "alarms"
_FILES: Final = ("alarms.sqlite", "watch.sqlite")


@dataclass(frozen=True, slots=True)
class AlarmFacts:
    """As the running service has it, or as files and settings show."""

    runs: bool = False
    """Whether a service answered."""
    sensors: int = 0
    """Series that are watched."""
    active: int = 0
    rules: int = 0
    alarms_trouble: str = ""
    """Why alarms can't be kept."""
    watch_trouble: str = ""
    """Why what is learnt can't be kept."""
    set_aside: tuple[str, ...] = ()
    """Damaged files."""
    unusable: tuple[str, ...] = ()
    """What is written of detectors and can't be used."""
    muted: tuple[str, ...] = ()
    without_sensor: tuple[str, ...] = ()
    """Rules whose sensors are not in the house, in the words they were made of."""
    announce: str = "all"
    """Which alarms are said aloud: `watch.announce`."""


async def look(ground: Ground) -> AlarmFacts | None:
    """None where sensors are not to be watched."""
    settings = ground.loaded.settings
    if not (settings.history.enabled and settings.watch.enabled):
        return None
    from edge.sensors.watching import described

    alarms, watch = ground.told("alarms"), ground.told("watch")
    return AlarmFacts(
        runs=bool(alarms),
        sensors=int(watch.get("sensors", 0)),
        active=int(alarms.get("active", 0)),
        rules=int(alarms.get("rules", 0)),
        alarms_trouble=str(alarms.get("trouble") or ""),
        watch_trouble=str(watch.get("trouble") or ""),
        set_aside=await ground.aside(set_aside, ground.loaded.places.state, _FILES),
        unusable=tuple(described(settings.watch.sensors)),
        muted=tuple(alarms.get("muted", ())),
        without_sensor=tuple(alarms.get("without_sensor", ())),
        announce=settings.watch.announce,
    )


def check(facts: AlarmFacts) -> Iterator[Finding]:
    """What there is to say."""
    if facts.alarms_trouble:
        remedy = (
            "See to the disk: is it full, read-only, or another user's? Alarms are told meanwhile, and lost at a stop"
        )
        yield problem(_CHECK, f"Alarms can't be kept: {facts.alarms_trouble}", remedy)
    if facts.watch_trouble:
        remedy = "See to the disk: is it full, read-only, or another user's? After a stop all is learnt anew"
        yield problem(_CHECK, f"What sensors' watches learn can't be kept: {facts.watch_trouble}", remedy)
    for one in facts.unusable:
        yield problem(_CHECK, f"This setting is not used: {one}", "Mend it in the configuration: docs/sensors.md")
    for one in facts.set_aside:
        text = f"A damaged file was set aside, and a new one begun: {one}"
        remedy = "Remove it once you have looked at what warnings it had (sqlite3), and see to the card"
        yield problem(_CHECK, text, remedy)
    for one in facts.without_sensor:
        yield note(
            _CHECK,
            f"This warning has no sensor in the house any more: {one}",
            "Remove it: edge alarms rules --remove ID; or bring its sensor back",
        )
    if "all" in facts.muted:
        yield note(_CHECK, "All alarms are muted, but smoke, carbon monoxide and gas", "edge alarms unmute")
    elif facts.muted:
        yield note(_CHECK, f"Alarms are muted of {', '.join(facts.muted[:5])}", "edge alarms unmute")
    if facts.announce == "none":
        yield note(_CHECK, "No alarm is said aloud", 'Set watch.announce to "all", or to "critical"')
    if facts.runs and not facts.alarms_trouble and not facts.watch_trouble:
        yield fine(
            _CHECK, f"{facts.sensors} series are watched: {facts.active} alarms, {facts.rules} warnings asked for"
        )
