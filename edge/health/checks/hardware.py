"""Whether what hangs at this machine's pins can be set, and whether its sensors answer."""

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground

_CHECK: Final = "hardware"
_MANUAL: Final = "See docs/hardware.md"


@dataclass(frozen=True, slots=True)
class HardwareFacts:
    """What the running service has attached; where none runs, what is configured."""

    outputs: int = 0
    buttons: int = 0
    sensors: int = 0
    problems: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    """Sensors that do not answer, and why."""
    is_running: bool = True
    has_library: bool = True
    """Whether gpiozero is installed."""


async def look(ground: Ground) -> HardwareFacts | None:
    """Of the running service, or of the settings where none runs; None where nothing is attached."""
    entries, told = ground.loaded.settings.hardware, ground.told("hardware")
    has_library = importlib.util.find_spec("gpiozero") is not None
    if told:
        counts = (told["outputs"], told["buttons"], told["sensors"])
        return HardwareFacts(*counts, tuple(told["problems"]), told["unread"], has_library=has_library)
    if not entries:
        return None
    return HardwareFacts(
        sum(entry.is_output for entry in entries),
        sum(entry.kind == "button" for entry in entries),
        sum(entry.is_sensor for entry in entries),
        is_running=False,
        has_library=has_library,
    )


def check(facts: HardwareFacts) -> Iterator[Finding]:
    """What there is to say."""
    if (facts.outputs or facts.buttons) and not facts.has_library:
        remedy = "Install it: pip install 'edge-assistant[gpio]'"
        yield problem(_CHECK, "The library for pins is missing", remedy)
    for trouble in facts.problems:
        text, _, remedy = trouble.removeprefix("hardware: ").rpartition("; ")
        yield problem(_CHECK, text or trouble, remedy or _MANUAL)
    for sensor, why in facts.unread.items():
        yield note(_CHECK, f"{sensor} does not answer: {why}", _MANUAL)
    what = f"{facts.outputs} outputs, {facts.buttons} buttons and {facts.sensors} sensors"
    if not facts.problems and not facts.unread:
        yield fine(_CHECK, f"{what} are {'in use' if facts.is_running else 'configured'}")
