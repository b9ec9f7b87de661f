"""Watches the house's sensors and keeps their alarms, where what they say is remembered and that is wanted."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from edge.devices.registry import Change, ChangeKind, Registry
from edge.schedule import SystemClock
from edge.settings import Loaded

if TYPE_CHECKING:
    from edge.sensors.alarms import AlarmBook, AlarmRule, Subject
    from edge.sensors.alarms.keeper import Keeper
    from edge.sensors.history.history import History
    from edge.sensors.history.model import Sensor
    from edge.sensors.watching import Watchkeeper

_TRIES: Final = 5


@dataclass(slots=True)
class Alarms:
    """The parts that watch. `reachable` says whether a device could be heard now; whoever connects to it sets that."""

    book: "AlarmBook"
    keeper: "Keeper"
    watch: "Watchkeeper"
    reachable: Callable[[str], bool] = lambda _device: True
    problems: tuple[str, ...] = ()
    is_here: Callable[[str], bool] = lambda _device: True
    """Whether a device is in the house."""

    def facts(self) -> dict[str, Any]:
        """For `edge status` and `edge doctor`."""
        for _ in range(_TRIES):
            try:
                return self._facts()
            except (RuntimeError, KeyError):  # asked from a thread, while an alarm came or went
                continue
        return dict(self.keeper.facts())

    def _facts(self) -> dict[str, Any]:
        listed = self.book.listed()
        active = [one for one in listed if one.is_active]
        return {
            "active": len(active),
            "unacknowledged": sum(1 for one in listed if not one.acknowledged),
            "worst": [{"severity": one.severity.value, "text": one.text} for one in active[:5]],
            "muted": [one.scope for one in self.book.mutes()],
            "rules": len(self.book.rules()),
            "without_sensor": [one.said or one.id for one in self.book.rules() if not self._has_sensor(one)],
            **self.keeper.facts(),
        }

    def _has_sensor(self, rule: "AlarmRule") -> bool:
        return any(self.is_here(one.partition(":")[0]) for one in rule.sensors)


async def open_alarms(
    loaded: Loaded, registry: Registry, clock: SystemClock, history: "History | None", stack: AsyncExitStack
) -> Alarms | None:
    """To be opened before the house is: it hears what the house says from the first word on."""
    wanted = loaded.settings.watch
    if history is None or not wanted.enabled:
        return None
    from edge.sensors.alarms import AlarmBook
    from edge.sensors.alarms.keeper import Keeper
    from edge.sensors.alarms.words import Moments
    from edge.sensors.watching import Choosing, Watching, Watchkeeper, described
    from edge.sensors.watching.watching import Surroundings

    moments = Moments(history.now_s, clock.local, lambda: clock.trusted)
    book = AlarmBook(moments, cool_down_s=wanted.cool_down_s)
    keeper = await stack.enter_async_context(Keeper(loaded.places.state / "alarms.sqlite", book))

    def minute(at_s: float) -> int | None:
        local = clock.local(at_s)
        return local.hour * 60 + local.minute if clock.trusted else None

    def last(key: str) -> float | str | None:
        point = history.intake.last(key)
        return point.value if point is not None else None

    def category(device: str) -> str | None:
        known = registry.devices.get(device)
        return known.category if known is not None else None

    def is_here(device: str) -> bool:
        return device in registry.devices

    around = Surroundings(
        now_s=history.now_s,
        trusted=lambda: clock.trusted,
        minute=minute,
        subject=lambda sensor: _subject(sensor, registry),
        reachable=lambda device: alarms.reachable(device),
        flooding=history.intake.flooding,
        most_per_second=loaded.settings.history.most_per_second,
        last=last,
    )
    watching = Watching(book, Choosing(wanted.sensors, area_id=registry.area_id, category=category), around)
    watch = Watchkeeper(
        loaded.places.state / "watch.sqlite",
        watching,
        loaded=keeper.loaded,
        is_here=is_here,
        tick_book=book.tick,
        now_s=history.now_s,
    )
    alarms = Alarms(book, keeper, watch, problems=tuple(described(wanted.sensors)), is_here=is_here)
    await stack.enter_async_context(watch)
    stack.callback(history.intake.hear(watching.heard))
    stack.callback(history.on_clock_set(lambda by_s, wrong: watching.clock_set(by_s, wrong=wrong)))

    def on_change(change: Change) -> None:
        if change.kind is ChangeKind.REMOVED:
            watch.forget(change.device.id)

    stack.callback(registry.listen(on_change))
    return alarms


def _subject(sensor: "Sensor", registry: Registry) -> "Subject":
    """With its room in its name."""
    from edge.sensors.alarms import Subject

    name, device = sensor.name or sensor.key, registry.devices.get(sensor.device)
    area = registry.areas.get(sensor.area)
    if area is not None and area.name.casefold() not in name.casefold():
        name = f"{area.name} {name}"
    group = device.group or "" if device is not None else ""
    return Subject(sensor.key, name, sensor.unit, sensor.device_class, sensor.area, group)
