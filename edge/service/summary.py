"""Sums up the house once a day, tells it on MQTT and aloud where that is wanted, and answers when somebody asks."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.assistant.model import Announcement
from edge.errors import EdgeError
from edge.files import replace_file
from edge.mqtt.errors import MqttLinkError
from edge.service.explaining import OnDemand, moments_of, reworded

if TYPE_CHECKING:
    from edge.assistant.summing_up import Made, Summariser
    from edge.sensors.summary.model import Alarmed
    from edge.service.service import Service

log = logging.getLogger(__name__)

_SUMMARY: Final = "summary.get"
KEPT: Final = "summary.json"
"""In the state directory: the last one, and the day it was made on."""
_SETTLE_S: Final = 5.0
"""After the start: names come with discovery."""
_AGAIN_S: Final = 900.0
"""Until the next try where it can't be made, or the clock can't be believed."""
_PATIENCE_S: Final = 3600.0
"""Without a clock that can be believed it goes by the one there is after so long, and says so."""
_REWORD_S: Final = 120.0
_SEVERITIES: Final = ("critical", "warning", "info")


async def open_summary(service: "Service", stack: AsyncExitStack) -> None:
    """To be opened once alarms and the link are."""
    history = service.history
    up_s = history.now_s() if history is not None else 0.0

    def make() -> "Summariser":
        from edge.assistant.summing_up import Summariser

        ask, most_words = history.ask if history is not None else None, service.loaded.settings.summary.most_words
        moments = moments_of(service)
        return Summariser(service.registry, service.clock, ask, alarms, moments, up_s=up_s, most_words=most_words)

    async def alarms(since_s: float, until_s: float) -> "Sequence[Alarmed]":
        return await _alarms(service, since_s, until_s)

    service.assistant.keepers.add(OnDemand(_SUMMARY, make))
    if history is not None and service.loaded.settings.summary.enabled:
        daily = Daily(service, make, history.now_s)
        await daily.begin()
        task = asyncio.create_task(daily.run(), name="summary")
        stack.push_async_callback(_ended, task)
    else:
        await _take_back(service)


class Daily:
    """One a day, and one a week in it; the last is kept, and told again to a broker that may have lost it."""

    def __init__(self, service: "Service", make: "Callable[[], Summariser]", now_s: Callable[[], float]) -> None:
        self._service = service
        self._settings = service.loaded.settings.summary
        self._clock = service.clock
        self._make_summariser = make
        self._now_s = now_s
        self._file: Path = service.loaded.places.state / KEPT
        self._payload: dict[str, Any] = {}
        self._day = ""
        self._began_s = self._clock.boot_s()

    async def begin(self) -> None:
        """What the last run left."""
        kept = await asyncio.to_thread(_kept, self._file)
        self._day, self._payload = str(kept.get("day") or ""), kept.get("payload") or {}
        if self._service.link is not None:
            self._service.link.on_connect(self._tell)
        self._tell()

    async def run(self) -> None:
        """Until cancelled."""
        await asyncio.sleep(_SETTLE_S)
        while True:
            due_s = self._due_s()
            if due_s is None:
                await self._clock.wait(self._clock.boot_s() + _AGAIN_S, None)
            elif due_s > self._now_s():
                await self._clock.wait(None, due_s)
            elif not await self._try():
                await self._clock.wait(self._clock.boot_s() + _AGAIN_S, None)

    async def _try(self) -> bool:
        try:
            return await self._make()
        except EdgeError as error:
            log.warning("summary.not_made", extra={"reason": str(error)})
        except Exception:
            log.exception("summary.failed")
        return False

    def _due_s(self) -> float | None:
        """When the next one is; None while the clock may still be set by something that knows the time."""
        if not self._clock.trusted and self._clock.boot_s() - self._began_s < _PATIENCE_S:
            return None
        local = self._clock.local(self._now_s())
        today = local.date()
        if self._day == today.isoformat():
            today += timedelta(days=1)
        at = datetime.combine(today, time(self._settings.minute // 60, self._settings.minute % 60))
        return self._clock.epoch_s(at)

    async def _make(self) -> bool:
        from edge.sensors.summary.model import Width

        local, summariser = self._clock.local(self._now_s()), self._make_summariser()
        made = await summariser.made(Width.DAY, *summariser.whole_days(1))
        week = None
        if local.isoweekday() == self._settings.week_day or "week" not in self._payload:
            week = await summariser.made(Width.WEEK, *summariser.whole_days(7))
        if made is None:
            return False
        text = await reworded(self._service, made.text, _REWORD_S)
        payload = made.to_json() | {"text": text, "made": round(self._now_s(), 3), "clock_trusted": self._clock.trusted}
        if week is not None:
            payload["week"] = await self._week(week)
        elif "week" in self._payload:
            payload["week"] = self._payload["week"]
        self._day, self._payload = local.date().isoformat(), payload
        await self._keep()
        self._tell()
        log.info("summary.made", extra={"unusual": made.summary.unusual, "words": len(text.split())})
        if self._settings.aloud:
            facts = {"event": "summary", "text": text}
            await self._service.assistant.announce(Announcement(text, None, facts))
        return True

    async def _week(self, week: "Made") -> dict[str, Any]:
        return week.to_json() | {"text": await reworded(self._service, week.text, _REWORD_S)}

    async def _keep(self) -> None:
        data = json.dumps({"day": self._day, "payload": self._payload}, ensure_ascii=False).encode()
        try:
            await asyncio.to_thread(replace_file, self._file, data)
        except OSError as error:
            log.warning("summary.not_kept", extra={"path": str(self._file), "reason": str(error)})

    def _tell(self) -> None:
        """Retained; without a connection it waits in the outbox."""
        link = self._service.link
        if link is None or not self._payload:
            return
        with suppress(MqttLinkError):
            topic = f"{self._service.loaded.settings.base}/summary"
            posted = link.post(topic, json.dumps(self._payload, ensure_ascii=False), qos=1, retain=True)
            posted.add_done_callback(lambda done: done.cancelled() or done.exception())


async def _alarms(service: "Service", since_s: float, until_s: float) -> "list[Alarmed]":
    """Those that were on in that time, each group once, the worst first."""
    from edge.sensors.summary.model import Alarmed

    if service.watched is None:
        return []
    past = await service.watched.keeper.history()
    known = {one.id: one for one in (*past, *service.watched.book.listed())}
    found = [
        Alarmed(
            one.sensor,
            one.name,
            one.severity.value,
            one.text,
            one.since_s,
            None if one.is_active else one.ended_s,
            one.acknowledged,
        )
        for one in known.values()
        if not one.group and one.since_s < until_s and (one.is_active or (one.ended_s or one.at_s) >= since_s)
    ]
    return sorted(found, key=lambda one: (one.ended_s is not None, _SEVERITIES.index(one.severity), -one.since_s))


async def _take_back(service: "Service") -> None:
    """None is wanted any more: the last one is taken from the broker."""
    file = service.loaded.places.state / KEPT
    if service.link is None or not await asyncio.to_thread(_forgotten, file):
        return
    with suppress(MqttLinkError):
        posted = service.link.post(f"{service.loaded.settings.base}/summary", "", qos=1, retain=True)
        posted.add_done_callback(lambda done: done.cancelled() or done.exception())


def _forgotten(file: Path) -> bool:
    """Whether there was one."""
    try:
        file.unlink()
    except OSError:
        return False
    return True


def _kept(file: Path) -> dict[str, Any]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("summary.unreadable", extra={"path": str(file), "reason": str(error)})
        return {}
    usable = isinstance(kept, dict) and isinstance(kept.get("payload"), dict)
    return kept if usable else {}


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("summary.broken", exc_info=error)
