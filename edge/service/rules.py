"""The house's rules, kept and carried out while the service runs."""

from contextlib import AsyncExitStack

from edge.assistant.assistant import Assistant
from edge.devices.registry import Registry
from edge.schedule import Schedule, SystemClock
from edge.schedule.rules.running import Rules
from edge.settings import Loaded


async def open_rules(
    loaded: Loaded, registry: Registry, clock: SystemClock, schedule: Schedule, assistant: Assistant,
    stack: AsyncExitStack,
) -> Rules:  # fmt: skip
    """Read, and known to the assistant; `start` sets them to work."""
    rules = Rules(loaded.places.state / "rules.toml", registry, clock, schedule.calendar)
    await stack.enter_async_context(rules)
    assistant.keep_rules(rules, "°C" if loaded.settings.units == "metric" else "°F")
    return rules
