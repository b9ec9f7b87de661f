"""Remembers what the house's sensors say, where that is wanted."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from edge.devices.registry import Registry
from edge.schedule import SystemClock
from edge.service.routing import zone_of
from edge.settings import Loaded

if TYPE_CHECKING:
    from edge.sensors.history.history import History

_ON_CARD_S: Final = 60.0
_ELSEWHERE_S: Final = 5.0


async def open_sensors(
    loaded: Loaded, registry: Registry, clock: SystemClock, stack: AsyncExitStack
) -> "History | None":
    """The history, which is written and closed with the stack; None where none is to be kept."""
    wanted = loaded.settings.history
    if not wanted.enabled:
        return None
    from edge.sensors.history.choosing import Choosing
    from edge.sensors.history.history import History
    from edge.sensors.history.retention import Keep
    from edge.sensors.history.rollup import Zone

    window_s = wanted.window_s if wanted.window_s is not None else await asyncio.to_thread(_window_s, loaded)
    metric = loaded.settings.units == "metric"
    history = History(
        loaded.places.history,
        registry,
        clock,
        choosing=Choosing(leave_out=wanted.leave_out, temperature_unit="°C" if metric else "°F"),
        keep=Keep(wanted.raw_days, wanted.five_minute_days, wanted.most_bytes),
        zone=Zone(zone_of(loaded.settings)),
        window_s=window_s,
        most_per_second=wanted.most_per_second,
    )
    return await stack.enter_async_context(history)


def _window_s(loaded: Loaded) -> float:
    """Written less often where the storage wears out by it."""
    from edge.tuning.storage import Medium, StorageError, read_space

    try:
        medium = read_space(loaded.places.state).medium
    except StorageError:
        return _ELSEWHERE_S
    return _ON_CARD_S if medium is Medium.CARD else _ELSEWHERE_S
