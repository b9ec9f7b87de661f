"""One entity of the house while it is followed: its topics, when it expires, who waits for it to show something."""

import asyncio
from dataclasses import replace
from typing import Protocol

from edge.devices.model import DeviceState
from edge.mqtt.entity import Confirms, Entity
from edge.mqtt.subscriptions import Received


class Keeper(Protocol):
    """Who keeps what entities say."""

    def note(self, device: str, state: DeviceState, *, reported: bool = True) -> None:
        """A device is so; `reported`: it has just said it."""
        ...

    def complain(self, topic: str, problem: str) -> None:
        """What came on a topic makes no sense."""
        ...


class Watched:
    """One entity, the topics it is read from, and who waits for it to show something."""

    __slots__ = ("_expiry", "_house", "entity", "since_s", "topics", "waiting")

    def __init__(self, house: Keeper, entity: Entity, since_s: float) -> None:
        self._house = house
        self.since_s = since_s
        self._expiry: asyncio.TimerHandle | None = None
        self.entity = entity
        self.topics = entity.topics
        self.waiting: list[tuple[Confirms, asyncio.Future[None]]] = []

    def receive(self, message: Received) -> None:
        """A message on one of the topics."""
        state = self.entity.receive(message.topic, message.payload)
        if state is None:
            problem = getattr(self.entity, "problem", None)
            if problem:
                self._house.complain(message.topic, problem)
            return
        self._house.note(self.entity.device.id, state, reported=not message.retain)
        self._rearm()
        for confirms, shown in self.waiting:
            if not shown.done() and confirms(state):
                shown.set_result(None)

    def expect(self, confirms: Confirms) -> asyncio.Future[None]:
        """Done when a state comes that shows it."""
        shown: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((confirms, shown))
        return shown

    def forget(self, shown: asyncio.Future[None]) -> None:
        """Nobody waits for it any more."""
        self.waiting = [waiting for waiting in self.waiting if waiting[1] is not shown]

    def take_over(self, earlier: "Watched") -> None:
        """An entity described anew: those who wait for the earlier one go on waiting."""
        self.waiting, earlier.waiting = earlier.waiting, []
        self.since_s = earlier.since_s
        earlier.close()

    def close(self) -> None:
        """It is gone: no more timers."""
        if self._expiry is not None:
            self._expiry.cancel()

    def _rearm(self) -> None:
        """A reading that is not followed by another within `expire_after` seconds is not one any more."""
        after_s = self.entity.device.options.get("expire_after")
        if not after_s:
            return
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().call_later(after_s, self._expire)

    def _expire(self) -> None:
        state = replace(self.entity.current, available=False)
        self._house.note(self.entity.device.id, state, reported=False)
