"""Who tells of the sun and of the time elsewhere."""

from typing import TYPE_CHECKING

from edge.assistant.assistant import Assistant
from edge.assistant.sunkeeping import SunKeeper
from edge.devices.registry import Registry
from edge.schedule import Schedule, SystemClock
from edge.service.explaining import OnDemand

if TYPE_CHECKING:
    from edge.assistant.ports import Keeper


def open_almanac(assistant: Assistant, registry: Registry, clock: SystemClock, schedule: Schedule) -> None:
    """To be opened once there is an assistant."""

    def world_clock() -> "Keeper":
        from edge.assistant.worldclock import WorldClock

        return WorldClock(registry, clock)

    assistant.keepers.add(SunKeeper(schedule.calendar, clock))
    assistant.keepers.add(OnDemand("time.elsewhere", world_clock))
