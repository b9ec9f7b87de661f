"""What the control socket answers about alarms: which there are and were, and what a person does to them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from edge.api.control import Answer, Request
from edge.api.wire import ControlError
from edge.devices.registry import Registry
from edge.devices.words import tokens

if TYPE_CHECKING:
    from edge.sensors.alarms.book import AlarmBook
    from edge.sensors.alarms.keeper import Keeper
    from edge.sensors.alarms.model import Alarm, AlarmRule, Mute

_MOST: Final = 1000


def alarm_answers(book: "AlarmBook | None", keeper: "Keeper | None", registry: Registry) -> dict[str, Answer]:
    """By the request's `do`; without a book each says that sensors are not watched.

    `alarms` {all?}: {"alarms": [...], "muted": [{"scope", "until_s", …}], "rules": number}; without `all` those that
    are active or not acknowledged. `alarm_acknowledge` {which}: {"acknowledged": [...]}. `alarm_mute` {sensor? | area?,
    for_s}: {"muted": {...}}. `alarm_unmute` {sensor? | area?}: {"unmuted": [...]}. `alarm_history` {most?}: {"alarms"}.
    `alarm_rules`: {"rules": [...]}. `alarm_rule_remove` {id}: {"removed": {...}}. Each returns when it is on the disk.
    """
    if book is None or keeper is None:
        return dict.fromkeys(_NAMES, _not_watched)
    does = _Alarms(book, keeper, registry)
    return {name: getattr(does, method) for name, method in _NAMES.items()}


_NAMES: Final = {
    "alarms": "list",
    "alarm_acknowledge": "acknowledge",
    "alarm_mute": "mute",
    "alarm_unmute": "unmute",
    "alarm_history": "history",
    "alarm_rules": "rules",
    "alarm_rule_remove": "remove_rule",
}


async def _not_watched(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
    raise ControlError("sensors are not watched: history.enabled or watch.enabled is off")


class _Alarms:
    def __init__(self, book: "AlarmBook", keeper: "Keeper", registry: Registry) -> None:
        self._book = book
        self._keeper = keeper
        self._registry = registry

    async def list(self, request: Request) -> Mapping[str, Any]:
        everything = bool(request.arguments.get("all"))
        shown = [one for one in self._book.listed() if everything or one.is_active or not one.acknowledged]
        muted = [_plain(one) for one in self._book.mutes()]
        return {"alarms": [self._facts(one) for one in shown], "muted": muted, "rules": len(self._book.rules())}

    async def acknowledge(self, request: Request) -> Mapping[str, Any]:
        which = request.text("which")
        meant = which if which == "all" or self._book.get(which) is not None else self._sensor(which)
        if meant != "all" and not any(meant in (one.id, one.sensor, one.device) for one in self._book.all()):
            raise ControlError(f"there is no alarm of {which}: `edge alarms` shows those there are")
        seen = self._book.acknowledge(meant)
        await self._keeper.settled()
        return {"acknowledged": [self._facts(one) for one in seen]}

    async def mute(self, request: Request) -> Mapping[str, Any]:
        for_s = request.arguments.get("for_s", 3600)
        if isinstance(for_s, bool) or not isinstance(for_s, int | float):
            raise ControlError("`for_s`: expected a number of seconds")
        sensor, area = self._scope(request)
        muted = self._book.mute(sensor, float(for_s), area=area, by=f"uid {request.uid}")
        await self._keeper.settled()
        return {"muted": _plain(muted)}

    async def unmute(self, request: Request) -> Mapping[str, Any]:
        sensor, area = self._scope(request)
        ended = self._book.unmute(sensor, area=area)
        await self._keeper.settled()
        return {"unmuted": [_plain(one) for one in ended]}

    async def history(self, request: Request) -> Mapping[str, Any]:
        most = request.arguments.get("most", 100)
        if isinstance(most, bool) or not isinstance(most, int) or not 0 < most <= _MOST:
            raise ControlError(f"`most`: expected a number up to {_MOST}")
        return {"alarms": [_plain(one) for one in await self._keeper.history(most)]}

    async def rules(self, request: Request) -> Mapping[str, Any]:  # noqa: ARG002
        return {"rules": [_plain(one) for one in self._book.rules()]}

    async def remove_rule(self, request: Request) -> Mapping[str, Any]:
        removed = self._book.remove_rule(request.text("id"))
        if removed is None:
            raise ControlError(f"there is no rule {request.text('id')}: `edge alarms rules` shows those there are")
        await self._keeper.settled()
        return {"removed": _plain(removed)}

    def _facts(self, alarm: "Alarm") -> dict[str, Any]:
        members = [one.sensor for one in self._book.members(alarm.id)]
        return _plain(alarm) | {"members": members, "muted": self._book.is_muted(alarm)}

    def _scope(self, request: Request) -> tuple[str | None, str | None]:
        """The sensor or the area that is meant; neither for all."""
        sensor, area = request.text_or_none("sensor"), request.text_or_none("area")
        if area is not None and self._registry.area_id(area) not in self._registry.areas:
            raise ControlError(f"there is no area {area}: `edge devices` shows those there are")
        return self._sensor(sensor) if sensor else None, self._registry.area_id(area)

    def _sensor(self, given: str) -> str:
        """A series' key or a device's id as it stands, a name as the id of the one device that has it."""
        if given.partition(":")[0] in self._registry.devices:
            return given
        found = [*self._registry.device_names.exact(tokens(given))]
        if len(found) > 1:
            raise ControlError(f"several are called {given}: {', '.join(sorted(found)[:5])}")
        if not found and not self._book.of_sensor(given) and given not in {one.scope for one in self._book.mutes()}:
            raise ControlError(f"nothing is called {given}: `edge sensors list` shows what there is")
        return found[0] if found else given


def _plain(one: "Alarm | AlarmRule | Mute") -> dict[str, Any]:
    from edge.sensors.alarms.codec import to_json

    return to_json(one)
