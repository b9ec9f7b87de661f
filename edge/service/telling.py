"""Tells people of alarms: aloud at the right hour, on MQTT and thereby in Home Assistant, and as events."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

from edge.assistant.model import Announcement
from edge.errors import EdgeError
from edge.mqtt.appliance.alarms import Alarm as ToldAlarm
from edge.mqtt.appliance.alarms import AlarmState as ToldState
from edge.mqtt.appliance.alarms import AlarmTopics, alarm_slug
from edge.sensors.alarms.model import Alarm, AlarmChange, News
from edge.sensors.model import Severity

if TYPE_CHECKING:
    from edge.service.alarms import Alarms
    from edge.service.homeassistant import HomeAssistant
    from edge.service.service import Service

log = logging.getLogger(__name__)

_SETTLE_S: Final = 3.0
"""What has one cause mostly comes within so long."""
_TOGETHER_S: Final = 0.3
"""What changes so soon again is told once."""
_MOST_AT_A_TIME: Final = 20
_LOOK_S: Final = 20.0
_MOST_AT_ONCE: Final = 3
_REMINDERS: Final = 3

Event = Callable[..., None]


async def open_telling(
    service: "Service", home: "HomeAssistant | None", alarms: "Alarms", stack: AsyncExitStack
) -> None:
    """To be opened once there is somebody to tell; `home`: the link to Home Assistant."""
    settings = service.loaded.settings
    await alarms.keeper.loaded()
    service.problems += alarms.problems
    service.facts |= {"alarms": alarms.facts, "watch": alarms.watch.facts}
    alarms.reachable = _reachable(service, home)
    is_quiet = service.people.is_quiet if service.people else lambda: False
    aloud = Aloud(service, alarms, settings.watch.announce, settings.watch.remind_s, is_quiet)
    stack.callback(alarms.book.listen(aloud.heard))
    if service.conversation is not None and service.alarms is not None:
        topics = Topics(service, alarms, service.alarms, service.conversation.event)
        stack.callback(alarms.book.listen(topics.heard))
        topics.tell_all()
        aloud.also = topics.withdraw_former
    task = asyncio.create_task(aloud.run(), name="alarms-aloud")
    stack.push_async_callback(_ended, task)


class Topics:
    """Each sensor's worst alarm on `<base>/alarm/<sensor>`, and every change on `<base>/event`."""

    def __init__(self, service: "Service", alarms: "Alarms", topics: AlarmTopics, event: Event) -> None:
        self._local = service.clock.local
        self._book = alarms.book
        self._topics = topics
        self._event = event
        self._told: dict[str, str] = {}
        """By the sensor, its slug."""
        self._due: dict[str, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def heard(self, change: AlarmChange) -> None:
        alarm = change.alarm
        if change.news is not News.CHANGED:
            self._event("alarm", news=change.news.value, **event_facts(alarm))
        self._due[alarm.sensor] = None
        self._soon()

    def tell_all(self) -> None:
        """As it stands."""
        self._due |= dict.fromkeys(one.sensor for one in self._book.listed())
        self._soon()

    def _soon(self) -> None:
        if self._timer is None and self._due:
            self._timer = asyncio.get_running_loop().call_later(_TOGETHER_S, self._tell_due)

    def _tell_due(self) -> None:
        """Some at a time: a house where everything goes wrong at once must not keep others waiting."""
        self._timer = None
        for sensor in list(self._due)[:_MOST_AT_A_TIME]:
            del self._due[sensor]
            self._tell(sensor)
        self._soon()

    def withdraw_former(self) -> None:
        """What an earlier run told and is no alarm any more."""
        if self._due:
            return
        known = set(self._told.values())
        for slug in [one for one in self._topics.names if one not in known]:
            self._topics.forget(slug)

    def _tell(self, sensor: str) -> None:
        shown = [one for one in self._book.told_of(sensor) if one.told or not self._book.is_muted(one)]
        if not shown:
            slug = self._told.pop(sensor, None)
            if slug is not None:
                self._topics.forget(slug)
            return
        alarm = shown[0]
        self._told[sensor] = alarm_slug(sensor)
        told = ToldAlarm(
            name=alarm.name,
            state=ToldState.ACTIVE if alarm.is_active else ToldState.CLEARED,
            since=self._local(alarm.since_s),
            value=alarm.value,
            reason=alarm.kind.value,
            text=alarm.text,
            severity=alarm.severity.value,
            acknowledged=alarm.acknowledged,
            advice=alarm.advice,
        )
        self._topics.tell(sensor, told)


class Aloud:
    """What is critical is said at once, at any hour, and again until somebody has seen it; warnings wait for the end
    of quiet hours; what is for information stands in the summary."""

    def __init__(
        self,
        service: "Service",
        alarms: "Alarms",
        announce: str,
        remind_s: float,
        is_quiet: Callable[[], bool],
    ) -> None:
        self._announce = service.assistant.announce
        self._book = alarms.book
        self._settled = alarms.keeper.settled
        self._which = announce
        self._remind_s = remind_s
        self._is_quiet = is_quiet
        self._wake = asyncio.Event()
        self._reminded: dict[str, tuple[int, float]] = {}
        self.also: Callable[[], None] = lambda: None
        """Done now and then."""

    def heard(self, change: AlarmChange) -> None:
        if change.news is News.BEGAN and change.alarm.severity is not Severity.INFO:
            self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        self._wake.set()
        while True:
            try:
                async with asyncio.timeout(_LOOK_S):
                    await self._wake.wait()
                await asyncio.sleep(_SETTLE_S)
            except TimeoutError:
                pass
            self._wake.clear()
            try:
                await self._tell()
                self.also()
            except Exception:
                log.exception("alarms.not_told")

    async def _tell(self) -> None:
        untold = self._book.untold()
        critical = [one for one in untold if one.severity is Severity.CRITICAL]
        warnings = [one for one in untold if one.severity is Severity.WARNING]
        if severe := [*critical, *self._to_remind()]:
            await self._say(severe, severe=True)
        if warnings and not self._is_quiet():
            await self._say(warnings, severe=False)

    def _to_remind(self) -> list[Alarm]:
        """Critical ones that were told, and nobody has seen for long."""
        now_s = time.monotonic()
        due = []
        active = {one.id: one for one in self._book.active()}
        self._reminded = {id_: one for id_, one in self._reminded.items() if id_ in active}
        for alarm in active.values():
            critical = alarm.severity is Severity.CRITICAL and alarm.told and not alarm.acknowledged
            if not critical or self._book.is_muted(alarm) or not self._remind_s:
                continue
            count, last_s = self._reminded.setdefault(alarm.id, (0, now_s))
            if count < _REMINDERS and now_s - last_s >= self._remind_s:
                self._reminded[alarm.id] = count + 1, now_s
                due.append(alarm)
        return due

    async def _say(self, alarms: Sequence[Alarm], *, severe: bool) -> None:
        """It is on the disk before it is said: a power cut between costs nobody the alarm."""
        try:
            await self._settled()
        except EdgeError as error:
            log.warning("alarms.told_unkept", extra={"reason": str(error)})
        text = spoken(alarms) if self._which == "all" or (severe and self._which == "critical") else ""
        if text:
            facts = {"event": "alarm_said", "alarms": [one.id for one in alarms], "text": text}
            await self._announce(Announcement(text, None, facts, severe=severe))
        for one in alarms:
            self._book.note_told(one.id)
            if one.severity is Severity.CRITICAL:
                self._reminded.setdefault(one.id, (0, time.monotonic()))


def spoken(alarms: Sequence[Alarm]) -> str:
    """What is said of several at once; what to do of the first."""
    texts = [one.text for one in alarms[:_MOST_AT_ONCE]]
    more = len(alarms) - _MOST_AT_ONCE
    if more > 0:
        texts.append(f"There {'is' if more == 1 else 'are'} {more} more alarm{'' if more == 1 else 's'}.")
    elif len(alarms) == 1 and alarms[0].advice:
        texts.append(alarms[0].advice)
    return " ".join(texts)


def event_facts(alarm: Alarm) -> dict[str, Any]:
    """Of an alarm, on the event topic."""
    return {
        "id": alarm.id,
        "sensor": alarm.sensor,
        "name": alarm.name,
        "reason": alarm.kind.value,
        "severity": alarm.severity.value,
        "state": alarm.state.value,
        "acknowledged": alarm.acknowledged,
        "since": alarm.since_s,
        "value": alarm.value,
        "text": alarm.text,
    }


def _reachable(service: "Service", home: "HomeAssistant | None") -> Callable[[str], bool]:
    """Whether the way on which a device is heard stands."""

    def reachable(device: str) -> bool:
        house = service.house
        if house is not None and house.owns(device):
            return house.trouble is None
        return home is None or home.link.trouble is None

    return reachable


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})
