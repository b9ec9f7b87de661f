"""The house as MQTT tells it: discovery and states into the registry, service calls out, confirmations back."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Final, Protocol, Self

from edge.devices.model import Device, DeviceState, Outcome, ServiceCall
from edge.devices.patience import patience_s
from edge.devices.registry import Registry
from edge.devices.wishes import Wish, granted
from edge.log import RateLimited
from edge.mqtt.components import COMPONENTS
from edge.mqtt.discovery import Changes, Discovery
from edge.mqtt.entity import Command, Entity, UnsupportedServiceError
from edge.mqtt.errors import MqttLinkError
from edge.mqtt.link import Link, LinkState
from edge.mqtt.subscriptions import Received
from edge.mqtt.watched import Watched
from edge.tracing import Stage, mark, now_s

log = logging.getLogger(__name__)

_READ_AT_LEAST_S: Final = 0.02
_MOST_UNREAD: Final = 100_000
_STALE_S: Final = 60
"""Seconds after which a device that was away is not to find a command any more: whoever gave it was told so."""
_MOST_ODDITIES: Final = 50
_DROPPED: Final = "$SYS/broker/publish/messages/dropped"


class Elsewhere(Protocol):
    """Another way to the same devices, which says things of them too: Home Assistant."""

    def placed(self, device: Device) -> Device:
        """The device with the name and the place it was given there; its area is an id of the registry."""
        ...

    def shown(self, device: str, state: DeviceState, *, reachable: bool) -> DeviceState:
        """The state to show for one that came over MQTT, which reaches the device now or doesn't."""
        ...

    def appeared(self, device: str, unique_id: str | None, connections: frozenset[tuple[str, str]]) -> None:
        """The house has an entity of this id now, new or described anew; `connections` as networks know its device."""
        ...

    def vanished(self, device: str) -> None:
        """The house has it no more."""
        ...


class House:
    """Reads through `watch`, commands through `send`, so that a flood of states can't hold a command up."""

    def __init__(
        self,
        *,
        watch: Link,
        send: Link,
        registry: Registry,
        discovery: Discovery,
        wishes: Mapping[str, Wish] | None = None,
        command_timeout_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watch = watch
        self._send = send
        self._registry = registry
        self._discovery = discovery
        self._wishes = wishes if wishes is not None else {}
        self._timeout_s = command_timeout_s
        self._clock = clock
        self._watched: dict[str, Watched] = {}
        self._unread: dict[str, bytes] = {}
        self._some_unread = asyncio.Event()
        self._arrived = 0
        self._dropped: int | None = None
        self._lost = 0
        self._limited = RateLimited(log)
        self._oddities: dict[str, str] = {}
        self.elsewhere: Elsewhere | None = None

    @property
    def dropped(self) -> int:
        """Messages that the broker says it has dropped, for any of its clients, while we were there."""
        return self._lost

    @property
    def is_connected(self) -> bool:
        """Whether commands go through."""
        return self._send.state is LinkState.CONNECTED

    @property
    def entities(self) -> int:
        """How many entities are behind MQTT."""
        return len(self._watched)

    def facts(self) -> dict[str, Any]:
        """For `edge status` and `edge doctor`: what of discovery could be used, and what could not."""
        return {"entities": self.entities, "problems": dict(self._oddities)}

    @property
    def trouble(self) -> str | None:
        """Why the house is not seen now."""
        return self._watch.trouble

    async def __aenter__(self) -> Self:
        """Begin to listen to discovery; the link brings what is retained, now and after every reconnect."""
        self._watch.subscribe(_slices(self._discovery.prefix), self._on_discovery)
        self._watch.subscribe([_DROPPED], self._on_dropped)
        self._reader = asyncio.create_task(self._read_discovery(), name="house-discovery")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._watch.unsubscribe(_slices(self._discovery.prefix), self._on_discovery)
        self._watch.unsubscribe([_DROPPED], self._on_dropped)
        self._reader.cancel()
        await asyncio.wait({self._reader})
        for watched in self._watched.values():
            watched.close()

    def add(self, entities: Iterable[Entity]) -> None:
        """Take in entities that the configuration describes; discovery leaves their ids alone."""
        for entity in entities:
            self._discovery.reserve(entity.device.id)
            self._put(entity)

    # Devices that are known elsewhere too --------------------------------------------------------------------------

    def owns(self, device: str) -> bool:
        """Whether the device is one of those behind MQTT."""
        return device in self._watched

    def reaches(self, device: str) -> bool:
        """Whether a command would get to the device now."""
        watched = self._watched.get(device)
        return watched is not None and self.is_connected and watched.entity.current.available

    def keep_id(self, device: str) -> None:
        """Leave an id to a device of somebody else's, where it is not given yet."""
        self._discovery.reserve(device)

    def free_id(self, device: str) -> None:
        """The id is not needed elsewhere any more."""
        self._discovery.release(device)

    def refresh(self, device: str) -> None:
        """Describe a device and show its state anew, after something was said of it elsewhere."""
        watched = self._watched.get(device)
        if watched is not None:
            self._registry.put_device(self._placed(watched.entity.device))
            self.show(device, reported=False)

    def show(self, device: str, *, reported: bool) -> None:
        """Show its state anew; `reported`: it was heard of just now, elsewhere."""
        watched = self._watched.get(device)
        if watched is not None:
            self.note(device, watched.entity.current, reported=reported)

    async def perform(self, call: ServiceCall) -> Outcome:
        """Publish what the call means and wait for the state that shows it. Raises nothing."""
        watched = self._watched.get(call.device)
        if watched is None:
            return Outcome.UNAVAILABLE
        if not self._registry.state(call.device).available:
            await self._introduced(watched)
        state = self._registry.state(call.device)
        if not state.available:
            return Outcome.UNAVAILABLE
        try:
            command = watched.entity.command(call.service, call.data, state)
        except UnsupportedServiceError as error:
            log.info("house.unsupported", extra={"device": call.device, "service": call.service, "reason": str(error)})
            return Outcome.UNSUPPORTED
        started_s = self._clock()
        try:
            async with asyncio.timeout(patience_s(watched.entity.device.domain, self._timeout_s)):
                outcome = await self._carry_out(watched, command, state)
        except (TimeoutError, MqttLinkError) as error:
            why = str(error) or self._send.trouble or "no state came back"
            log.warning("house.unanswered", extra={"device": call.device, "service": call.service, "reason": why})
            return Outcome.UNANSWERED
        ms = round((self._clock() - started_s) * 1000, 1)
        log.info(
            "house.performed",
            extra={"device": call.device, "service": call.service, "outcome": outcome.value, "ms": ms, **_whose(call)},
        )
        return outcome

    async def _introduced(self, watched: Watched) -> None:
        """Give a device that was announced a moment ago the time to say that it is there."""
        device, left_s = watched.entity.device.id, watched.since_s + self._timeout_s - self._clock()

        def told(_: DeviceState) -> bool:
            now = self._watched.get(device)
            return now is None or now.entity.is_introduced

        if told(watched.entity.current) or left_s <= 0:
            return
        there = watched.expect(told)
        try:
            async with asyncio.timeout(left_s):
                await there
        except TimeoutError:
            log.info("house.not_introduced", extra={"device": device})
        finally:
            watched.forget(there)

    async def _carry_out(self, watched: Watched, command: Command, state: DeviceState) -> Outcome:
        already = command.confirms is not None and command.confirms(state)
        shown = watched.expect(command.confirms) if command.confirms and not already else None
        began_s = now_s()
        sent = [
            self._send.post(
                each.topic,
                each.payload,
                qos=max(1, each.qos),
                retain=each.retain,
                expiry_s=None if each.retain else _STALE_S,
            )
            for each in command.publishes
        ]
        for each in sent[-1:]:
            each.add_done_callback(partial(_published, watched.entity.device.id, began_s))
        if shown is not None:
            for each in sent:
                each.add_done_callback(partial(_refused, shown))
        try:
            if shown is not None:
                await shown
                mark(Stage.ANSWER, began_s, device=watched.entity.device.id)
                return Outcome.DONE
            await asyncio.gather(*sent)
        finally:
            # What the broker has not taken by now is too late: nobody expects it any more.
            for each in sent:
                each.cancel()
            if shown is not None:
                watched.forget(shown)
        if already:
            return Outcome.ALREADY
        if command.assumed is not None:
            self.note(watched.entity.device.id, watched.entity.assume(command.assumed))
        return Outcome.SENT

    def note(self, device: str, state: DeviceState, *, reported: bool = True) -> None:
        """Stamp a state and put it where everyone sees it; one that the broker had kept is no fresh report."""
        if self.elsewhere is not None:
            state = self.elsewhere.shown(device, state, reachable=self.is_connected and state.available)
        before = self._registry.state(device)
        now_s = self._clock()
        same = (before.state, before.available) == (state.state, state.available) and (
            before.attributes == state.attributes
        )
        changed_s = before.changed_s if same else now_s
        reported_s = now_s if reported or (state.state is not None and not before.reported_s) else before.reported_s
        self._registry.set_state(device, replace(state, changed_s=changed_s, reported_s=reported_s))

    def complain(self, topic: str, problem: str) -> None:
        """One line a topic and minute about a payload that can't be used."""
        self._limited.warning("mqtt.payload_not_understood", topic, {"reason": problem})

    # Discovery -------------------------------------------------------------------------------------------------------

    def _on_discovery(self, message: Received) -> None:
        """Only note it: while a flood lasts the socket is emptied first, before the broker drops what is left."""
        self._arrived += 1
        self._unread[message.topic] = message.payload
        self._some_unread.set()

    async def _read_discovery(self) -> None:
        """One payload at a time, once no more come in, or a few a second while they do."""
        read_s = self._clock()
        while True:
            await self._some_unread.wait()
            arrived = self._arrived
            await asyncio.sleep(0)
            late = self._clock() - read_s > _READ_AT_LEAST_S or len(self._unread) > _MOST_UNREAD
            if arrived != self._arrived and not late:
                continue
            read_s = self._clock()
            topic = next(iter(self._unread))
            self._feed(topic, self._unread.pop(topic))
            if not self._unread:
                self._some_unread.clear()

    def _feed(self, topic: str, payload: bytes) -> None:
        changes = self._discovery.feed(topic, payload)
        self._oddities.pop(topic, None)
        for problem in changes.problems:
            if problem.ignored:
                log.debug("mqtt.discovery_ignored", extra={"source": problem.source, "reason": problem.reason})
            else:
                self._limited.warning("mqtt.discovery_problem", problem.source, {"reason": problem.reason})
                if len(self._oddities) < _MOST_ODDITIES:
                    self._oddities[topic] = problem.reason
        if changes:
            self._apply(changes)

    def _on_dropped(self, message: Received) -> None:
        """Mosquitto counts what it could not hand to slow clients; we are one when a large house starts."""
        count = int(message.payload) if message.payload.isdigit() else 0
        before, self._dropped = self._dropped, count
        if before is not None and count > before:
            self._lost += count - before
            advice = "devices may be missing: set max_queued_messages 0 in the broker's configuration"
            self._limited.warning("mqtt.broker_drops", _DROPPED, {"messages": count - before, "advice": advice})

    def _apply(self, changes: Changes) -> None:
        for entity in changes.removed:
            self._remove(entity.device.id)
        for entity in (*changes.changed, *changes.added):
            self._put(entity)

    def _put(self, entity: Entity) -> None:
        device = self._placed(entity.device)
        known = self._watched.get(device.id)
        fresh = Watched(self, entity, self._clock())
        if known is not None:
            fresh.take_over(known)
        self._watched[device.id] = fresh
        self._registry.put_device(device)
        self.note(device.id, entity.current, reported=False)
        self._watch.subscribe(entity.topics, fresh.receive)
        if known is not None:
            self._watch.unsubscribe(known.topics, known.receive)
        if self.elsewhere is not None:
            unique_id, connections = self._discovery.unique_id_of(device.id), self._discovery.connections_of(device.id)
            self.elsewhere.appeared(device.id, unique_id, connections)

    def _remove(self, device: str) -> None:
        watched = self._watched.pop(device, None)
        if watched is None:
            return
        self._watch.unsubscribe(watched.topics, watched.receive)
        watched.close()
        self._registry.remove_device(device)
        if self.elsewhere is not None:
            self.elsewhere.vanished(device)

    def _placed(self, device: Device) -> Device:
        """The device with its area's id in the registry, and with what a person has said of it."""
        suggested = self._discovery.areas.get(device.area) if device.area else None
        if suggested is not None:
            device = replace(device, area=suggested.name)
        if self.elsewhere is not None:
            device = self.elsewhere.placed(device)
        return granted(device, self._wishes.get(device.id), self._registry)


def _published(device: str, began_s: float, sent: asyncio.Future[None]) -> None:
    """The broker has it, or has said that it won't take it."""
    if not sent.cancelled():
        mark(Stage.PUBLISH, began_s, device=device)


def _refused(shown: asyncio.Future[None], sent: asyncio.Future[None]) -> None:
    """What the broker refuses, no device will show."""
    error = None if sent.cancelled() else sent.exception()
    if error is not None and not shown.done():
        shown.set_exception(error)


def _whose(call: ServiceCall) -> dict[str, str]:
    """For whom it was, for the log."""
    return {"source": call.cause.source, "request": call.cause.request} if call.cause else {}


def _slices(prefix: str) -> list[str]:
    """Discovery in slices, which the link asks for one after the other.

    A broker hands out what is retained in one go and keeps at most some of it for a client that does not read as fast:
    mosquitto a thousand messages, unless it is told otherwise.
    """
    return [f"{prefix}/{kind}/{rest}/config" for kind in (*COMPONENTS, "device") for rest in ("+", "+/+")]
