"""Alarms by voice: gives the assistant the alarm book, and how each sensor is watched."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge.assistant.assistant import Assistant
    from edge.devices.registry import Registry
    from edge.schedule.clock import Clock
    from edge.sensors.alarms import AlarmBook
    from edge.sensors.detectors import AnySettings
    from edge.sensors.history.history import History
    from edge.sensors.watching.wishes import Wishes
    from edge.service.alarms import Alarms
    from edge.service.routing import Routes
    from edge.settings import Loaded


class _Watchers:
    """`edge.assistant.alarmkeeping.Watchers`, over those of the house."""

    def __init__(self, alarms: "Alarms", history: "History", wishes: "Wishes", loaded: "Loaded") -> None:
        self._alarms = alarms
        self._history = history
        self._wishes = wishes
        self._loaded = loaded

    @property
    def book(self) -> "AlarmBook":
        return self._alarms.book

    def now_s(self) -> float:
        return self._history.now_s()

    def settings(self, key: str) -> "tuple[AnySettings, ...]":
        return self._alarms.watch.watching.settings(key)

    async def change(self, key: str, changes: Mapping[str, Mapping[str, Any] | bool]) -> None:
        await asyncio.to_thread(self._wishes.change, key, changes)
        self.choose()

    async def settled(self) -> None:
        await self._alarms.keeper.settled()

    def choose(self) -> None:
        """Watch as the settings and the wishes have it."""
        watching = self._alarms.watch.watching
        watching.choose((*self._loaded.settings.watch.sensors, *self._wishes.entries()))


async def open_alarmkeeping(
    loaded: "Loaded",
    registry: "Registry",
    assistant: "Assistant",
    routes: "Routes",
    history: "History | None",
    alarms: "Alarms | None",
    clock: "Clock",
) -> None:
    """Has the assistant keep the alarms, where there are any."""
    if alarms is None or history is None:
        return
    from edge.assistant.alarmkeeping import AlarmKeeper
    from edge.sensors.watching.wishes import FILE, Wishes

    wishes = Wishes(loaded.places.state / FILE)
    await asyncio.to_thread(wishes.load)
    watchers = _Watchers(alarms, history, wishes, loaded)
    if wishes.entries():
        watchers.choose()
    home_unit = "°C" if loaded.settings.units == "metric" else "°F"
    assistant.keepers.add(AlarmKeeper(watchers, registry, home_unit, clock))
    book = alarms.book
    if routes.context is not None:
        routes.context(lambda: ("alarm",) if any(not one.acknowledged and one.told for one in book.listed()) else ())
