"""The house's rules, kept and carried out while the service runs."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from edge.assistant.assistant import Assistant
from edge.assistant.record import Earlier, Record
from edge.devices.model import Outcome
from edge.devices.registry import Registry
from edge.schedule import Schedule, SystemClock
from edge.schedule.rules.running import Rules
from edge.settings import Loaded

_LOOKED_AT: Final = 20
"""Requests about a device that are read back at most."""


async def open_rules(
    loaded: Loaded, registry: Registry, clock: SystemClock, schedule: Schedule, assistant: Assistant,
    stack: AsyncExitStack,
) -> Rules:  # fmt: skip
    """Read, and known to the assistant; `start` sets them to work."""
    rules = Rules(loaded.places.state / "rules.toml", registry, clock, schedule.calendar)
    await stack.enter_async_context(rules)
    earlier = earlier_deeds(loaded.places.requests) if loaded.settings.requests.keep else None
    assistant.keep_rules(rules, "°C" if loaded.settings.units == "metric" else "°F", earlier)
    return rules


def earlier_deeds(file: Path) -> Earlier:
    """Reads from the log of requests what was last done to a device."""

    def read_of(device: str) -> list[tuple[Record, str]]:
        from edge.health.audit.reading import Wanted, read

        return [
            (
                Record(
                    one.number, one.time_s, one.clock_trusted, one.id, one.source, one.origin, one.area, text=one.text
                ),
                deed.service,
            )
            for one in read(file, Wanted(device=device, limit=_LOOKED_AT))
            for deed in one.deeds
            if deed.device == device and deed.outcome in (Outcome.DONE, Outcome.SENT)
        ]

    return read_of
