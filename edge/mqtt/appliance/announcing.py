"""Announces the appliance, keeps its entities' states up to date, and hands on what they are set to."""

import asyncio
import contextlib
import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

from edge.errors import EdgeError
from edge.log import RateLimited
from edge.mqtt.appliance.alarms import AlarmTopics, alarm_component, alarm_topic
from edge.mqtt.appliance.component import UNKNOWN, Component, Controls, Part
from edge.mqtt.appliance.controls import CONTROLS, LONGEST_COMMAND, SCENE, scene_component
from edge.mqtt.appliance.description import Description
from edge.mqtt.appliance.facts import Exchange, Facts
from edge.mqtt.appliance.kept import Kept, load_kept, save_kept
from edge.mqtt.appliance.problems import PROBLEMS
from edge.mqtt.appliance.readings import READINGS, REQUEST, event
from edge.mqtt.errors import MqttLinkError
from edge.mqtt.link import Link, LinkState
from edge.mqtt.subscriptions import Received

log = logging.getLogger(__name__)

COMPONENTS: Final = (*CONTROLS, *READINGS, *PROBLEMS)
"""Every entity there may be; alarms come and go beside them."""
_HEARS: Final = "listening"
"""An entity that there is where something hears."""
_SETTLE_S: Final = 0.05
"""What changes together is told together."""
_BIRTH_S: Final = (0.2, 2.0)
"""How long after Home Assistant's birth everything is told again: others of its devices do so too."""
_DELIVERED_S: Final = 10.0

Event = Callable[..., None]
"""Tells `<base>/event`: its kind, then facts."""


class Appliance:
    """Async context manager: while it is entered, Home Assistant sees this appliance as a device of its own."""

    def __init__(
        self,
        link: Link,
        description: Description,
        *,
        facts: Callable[[], Facts],
        controls: Controls,
        alarms: AlarmTopics,
        event: Event,
        kept_in: Path,
        delay_s: Callable[[], float] = lambda: random.uniform(*_BIRTH_S),  # noqa: S311 (no secret)
    ) -> None:
        """`facts` is called on the loop and must not block; `kept_in`: a file for what was left with the broker."""
        self._link = link
        self._is = description
        self._facts = facts
        self._controls = controls
        self._event = event
        self._kept_in = kept_in
        self._kept = Kept()
        self._delay_s = delay_s
        self._last: Exchange | None = None
        self._alarms = alarms
        self._announced = ""
        self._sent: dict[str, str] = {}
        self._sent_s: dict[str, float] = {}
        self._pending: dict[str, str] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._birth: asyncio.TimerHandle | None = None
        self._open = False
        self._limited = RateLimited(log)

    async def __aenter__(self) -> Self:
        self._kept = await asyncio.to_thread(load_kept, self._kept_in)
        self._alarms.known_before(self._kept.alarms)
        self._leave_alarms = self._alarms.observe(self.note)
        self._open = True
        self._link.subscribe([f"{self._is.base}/set/+"], self._on_set, qos=1)
        self._link.subscribe([f"{self._is.prefix}/status"], self._on_status, qos=1)
        self._link.subscribe([self._is.presence()], self._on_presence)
        self._link.on_connect(self._again)
        self._life = asyncio.create_task(self._live(), name="appliance")
        self._again()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False
        self._leave_alarms()
        self._link.unsubscribe([f"{self._is.base}/set/+"], self._on_set)
        self._link.unsubscribe([f"{self._is.prefix}/status"], self._on_status)
        self._link.unsubscribe([self._is.presence()], self._on_presence)
        if self._birth is not None:
            self._birth.cancel()
        running = [self._life, *self._tasks.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    # What is told -----------------------------------------------------------------------------------------------------

    def note(self) -> None:
        """Something may have changed: look, and tell what did."""
        self._changed.set()

    def answered(self, exchange: Exchange) -> None:
        """A request was answered: an event, and what was asked and said last."""
        self._last = exchange
        if self._open and self._link.state is LinkState.CONNECTED:
            with contextlib.suppress(MqttLinkError):
                self._post(self._is.state_topic(REQUEST), json.dumps(event(exchange), ensure_ascii=False), retain=False)
        self.note()

    def _again(self) -> None:
        """Tell everything, whatever was told before."""
        self._announced = ""
        self._sent.clear()
        self._sent_s.clear()
        self.note()

    def _on_status(self, message: Received) -> None:
        """Home Assistant's birth; one that the broker had kept is no news."""
        if message.payload == b"online" and not message.retain:
            if self._birth is not None:
                self._birth.cancel()
            self._birth = asyncio.get_running_loop().call_later(self._delay_s(), self._again)

    def _on_presence(self, message: Received) -> None:
        """Somebody took it back: an appliance that had our base before us, say, and with it all that is under it."""
        if not message.payload:
            self._again()

    async def _live(self) -> None:
        while True:
            self._changed.clear()
            due_s: float | None = None
            try:
                if self._link.state is LinkState.CONNECTED:
                    due_s = await self._tell()
            except MqttLinkError as error:
                self._limited.warning("appliance.not_told", "", {"reason": str(error)})
            except Exception:
                log.exception("appliance.fault")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(due_s):
                    await self._changed.wait()
            await asyncio.sleep(_SETTLE_S)

    async def _tell(self) -> float | None:
        """Tell what has changed; returns in how many seconds something is due that may not be told yet."""
        facts = self._look()
        components = self._components(facts)
        await self._announce(components, facts)
        self._show(self._is.presence(), "online")
        for part in Part:
            self._show(self._is.part_topic(part), "online" if part.is_there(facts) else "offline")
        waits = [self._tell_state(component, facts) for component in components]
        return min((wait for wait in waits if wait is not None), default=None)

    def _look(self) -> Facts:
        facts = replace(self._facts(), last=self._last)
        return facts if facts.has_voice is not None else replace(facts, has_voice=_HEARS in self._kept.components)

    def _components(self, facts: Facts) -> list[Component]:
        before = self._kept.components
        there = [each for each in COMPONENTS if each.exists(facts) or (each.lasting and each.key in before)]
        scenes = [scene_component(key, name) for key, name in facts.scenes]
        return there + scenes + [alarm_component(slug, name) for slug, name in self._alarms.names.items()]

    def _tell_state(self, component: Component, facts: Facts) -> float | None:
        """Returns in how many seconds it may be told, where that is not now."""
        if component.state is not None:
            topic, payload = self._is.state_topic(component), component.state(facts)
            told = UNKNOWN if payload is None else payload
            wait_s = self._sent_s.get(topic, 0.0) + component.every_s - time.monotonic()
            if component.every_s and self._sent.get(topic) not in (None, UNKNOWN, told) and wait_s > 0:
                return wait_s
            if component.every_s and self._sent.get(topic) != told:
                self._sent_s[topic] = time.monotonic()
            self._show(topic, told, retain=component.retained)
        if component.attributes is not None:
            attributes = json.dumps(dict(component.attributes(facts)), ensure_ascii=False)
            self._show(self._is.attributes_topic(component), attributes, retain=component.retained)
        return None

    def _show(self, topic: str, payload: str, *, retain: bool = True) -> None:
        if self._sent.get(topic) != payload:
            self._post(topic, payload, retain=retain)
            self._sent[topic] = payload

    def _post(self, topic: str, payload: str, *, retain: bool) -> asyncio.Future[None]:
        posted = self._link.post(topic, payload, qos=1, retain=retain)
        posted.add_done_callback(lambda done: done.cancelled() or done.exception())
        return posted

    # Discovery --------------------------------------------------------------------------------------------------------

    async def _announce(self, components: list[Component], facts: Facts) -> None:
        """Tell Home Assistant what there is, and take back what there was; what we leave is noted before."""
        payload = json.dumps(self._is.payload(components, facts, {}), ensure_ascii=False)
        if payload == self._announced:
            return
        before, now = self._kept, self._leaves(components)
        moved = before.topic not in (None, now.topic)
        gone = {} if moved else {k: p for k, p in before.components.items() if now.components.get(k) != p}
        stale = [topic for topic in before.left() if topic not in now.left() and topic != before.topic]
        await self._keep(now.beside(before))
        posts = []
        if moved and before.topic is not None:
            posts.append(self._post(before.topic, "", retain=True))
        if gone:
            told = self._is.payload([c for c in components if c.key not in gone], facts, gone)
            posts.append(self._post(self._is.topic, json.dumps(told, ensure_ascii=False), retain=True))
        posts.append(self._post(self._is.topic, payload, retain=True))
        posts += [self._post(topic, "", retain=True) for topic in stale]
        self._announced = payload
        for topic in stale:
            self._sent.pop(topic, None)
        if gone or stale or moved:
            await asyncio.wait(posts, timeout=_DELIVERED_S)
            if not all(post.done() and not post.cancelled() and post.exception() is None for post in posts):
                self._announced = ""
                return
        await self._keep(now)
        log.info("appliance.announced", extra={"entities": len(components), "gone": len(gone)})

    def _leaves(self, components: list[Component]) -> Kept:
        retained = [self._is.part_topic(part) for part in Part]
        retained += [f"{self._is.base}/{alarm_topic(slug)}" for slug in self._alarms.names]
        for component in components:
            if component.state is not None and component.retained:
                retained.append(self._is.state_topic(component))
            if component.attributes is not None and component.retained:
                retained.append(self._is.attributes_topic(component))
        platforms = {component.key: component.platform for component in components}
        return Kept(self._is.topic, platforms, tuple(retained), dict(self._alarms.names), self._is.base)

    async def _keep(self, kept: Kept) -> None:
        if kept != self._kept:
            await asyncio.to_thread(save_kept, self._kept_in, kept)
            self._kept = kept

    # What is set ------------------------------------------------------------------------------------------------------

    def _on_set(self, message: Received) -> None:
        key = message.topic.rpartition("/")[2]
        if message.retain:
            self._limited.warning("set.retained_ignored", message.topic, {"why": "an old command must not act again"})
            return
        if not self._link.fresh:
            self._limited.warning("set.slept", message.topic, {"why": "it may have waited while this machine slept"})
            return
        scenes = self._look().scenes if key.startswith(SCENE) else ()
        settable = (*COMPONENTS, *(scene_component(*scene) for scene in scenes))
        component = next((each for each in settable if each.key == key and each.command), None)
        if component is None:
            self._limited.warning("set.unknown", "", {"topic": message.topic[:200]})
            return
        if component.platform == "button" and key in self._tasks:
            self._event("set", entity=key, done=False, reason="it is being done already")
            return
        self._pending[key] = message.payload[: LONGEST_COMMAND + 1].decode("utf-8", errors="replace").strip()
        if key not in self._tasks:
            task = asyncio.create_task(self._set(component), name=f"appliance-{key}")
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _set(self, component: Component) -> None:
        """The latest of what it is set to, until there is nothing newer."""
        while (payload := self._pending.pop(component.key, None)) is not None:
            facts = self._look()
            refused = await self._carry_out(component, payload, facts)
            told: Mapping[str, Any] = {"entity": component.key, "done": refused is None}
            if refused is None:
                log.info("appliance.set", extra={"entity": component.key, "value": payload[:80]})
                self._event("set", **told)
            else:
                self._limited.warning("set.refused", component.key, {"entity": component.key, "reason": refused})
                self._event("set", **told, reason=refused)
            # Whoever set it shows what was wanted: it is told what is, changed or not.
            self._sent.pop(self._is.state_topic(component), None)
            self._sent_s.pop(self._is.state_topic(component), None)
            self.note()

    async def _carry_out(self, component: Component, payload: str, facts: Facts) -> str | None:
        """Why it could not be done."""
        assert component.command is not None  # noqa: S101 (chosen by that)
        if len(payload) > LONGEST_COMMAND:
            return f"more than {LONGEST_COMMAND} characters"
        if not component.exists(facts) or (component.part is not None and not component.part.is_there(facts)):
            return "there is nothing of that kind here now: see `edge doctor`"
        try:
            await component.command(payload, facts, self._controls)
        except EdgeError as error:
            return str(error)
        except Exception as error:
            log.exception("set.failed", extra={"entity": component.key})
            return f"there is a fault in the service ({error}): see its log"
        return None
