"""What devices announce of themselves that can't be used: the same id twice, topics that are none, and the like."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from edge.health.finding import Finding, fine, note
from edge.health.ground import Ground

_CHECK: Final = "discovery"
_SHOWN: Final = 10
_TWICE: Final = "is taken by"


async def look(ground: Ground) -> Mapping[str, Any] | None:
    """As the running service has read it; None where none does."""
    return ground.told("discovery") or None


def check(facts: Mapping[str, Any]) -> Iterator[Finding]:
    """One finding for each oddity."""
    problems = dict(facts.get("problems", {}))
    for source, reason in list(problems.items())[:_SHOWN]:
        if _TWICE in reason:
            text = f"Two devices announce themselves with the same id: {source} is not used, its {reason}"
            remedy = (
                "Rename or pair one of the two anew; if it is gone, clear what it left on the broker (its retained "
            )
            yield note(_CHECK, text, f"{remedy}discovery message): mosquitto_pub -r -n -t '{source}'")
        else:
            text = f"A device announces itself in a way that can't be used: {source}: {reason}"
            yield note(_CHECK, text, "Update the program that announces it, or remove its retained discovery message")
    if len(problems) > _SHOWN:
        more = f"{len(problems) - _SHOWN} more devices announce themselves in ways that can't be used"
        yield note(_CHECK, more, "The log names them: edge log service, mqtt.discovery_problem")
    if not problems:
        yield fine(_CHECK, f"All of the {facts.get('entities', 0)} entities on the broker could be used")
