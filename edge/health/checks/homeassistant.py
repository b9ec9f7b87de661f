"""Whether Home Assistant is reached, and lets us have what is exposed."""

from collections.abc import Iterator
from typing import Final

from edge.health.facts import HomeAssistantFacts
from edge.health.finding import Finding, fine, note, problem

_NAME: Final = "homeassistant"


def check(facts: HomeAssistantFacts) -> Iterator[Finding]:
    """What keeps us out, or how much is there; then what is doubtful."""
    if facts.trouble:
        text, _, remedy = facts.trouble.rpartition(": ")
        yield problem(_NAME, text or facts.trouble, remedy if text else "see docs/home-assistant.md")
    elif facts.entities is None:
        yield fine(_NAME, f"{facts.url} lets us in, release {facts.version}")
    else:
        yield fine(
            _NAME, f"{facts.url}, release {facts.version}: {facts.entities} entities, {facts.with_mqtt} of MQTT's"
        )
    if facts.notice:
        text, _, remedy = facts.notice.rpartition(": ")
        yield note(_NAME, text or facts.notice, remedy if text else "see docs/home-assistant.md")
    if facts.token_open_to:
        yield note(_NAME, f"{facts.token_open_to} may read {facts.token_file}", f"chmod 600 {facts.token_file}")
    if facts.entities == 0 and not facts.trouble:
        yield note(
            _NAME,
            "nothing is taken from Home Assistant",
            "expose entities to assistants there (Settings, Voice assistants, Expose), or set exposed_only = false",
        )
