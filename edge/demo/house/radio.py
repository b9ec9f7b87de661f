"""The house's talking: every radio is a connection to the broker of its own, with a last will, and comes back."""

import asyncio
import contextlib
import logging
import socket
from dataclasses import dataclass
from typing import Final

import aiomqtt

from edge.demo.house.house import House
from edge.demo.house.thing import Radio

log = logging.getLogger(__name__)

_AGAIN_S: Final = 1.0
_PATIENCE_S: Final = 2.0
_AT_ONCE: Final = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
"""Else a second message waits for the first one's acknowledgement, which comes late on purpose."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to connect, and as whom."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None


async def live(house: House, broker: Broker, *, tidy: bool = False) -> None:
    """Run the house on a broker until cancelled; `tidy` then takes off the broker what was retained there."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    stirred = asyncio.Event()
    connections = [_Connection(house, radio, broker, began_s, stirred, tidy=tidy) for radio in house.radios]
    tasks = {asyncio.create_task(connection.keep(), name=connection.radio.client_id) for connection in connections}
    try:
        while not any(task.done() for task in tasks):
            house.advance(loop.time() - began_s)
            for connection in connections:
                connection.flush()
            stirred.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, house.next_s - (loop.time() - began_s))):
                    await stirred.wait()
    finally:
        await _ended(tasks)


async def _ended(tasks: "set[asyncio.Task[None]]") -> None:
    """Cancel them until they are done: Python 3.11's `wait_for`, which the library uses, loses a cancellation at times.

    Raises what one of them failed with.
    """
    pending = tasks
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_PATIENCE_S)
    for task in tasks:
        if not task.cancelled():
            task.result()


class _Connection:
    """One radio's client: announces, listens, and says what lies in the outbox."""

    def __init__(
        self, house: House, radio: Radio, broker: Broker, began_s: float, stirred: asyncio.Event, *, tidy: bool
    ) -> None:
        self.radio = radio
        self._house = house
        self._broker = broker
        self._began_s = began_s
        self._stirred = stirred
        self._full = asyncio.Event()
        self._retained: dict[str, None] | None = {} if tidy else None

    def flush(self) -> None:
        """Send what there is."""
        if self.radio.outbox:
            self._full.set()

    async def keep(self) -> None:
        """Connected, again and again."""
        will = aiomqtt.Will(self.radio.will.topic, self.radio.will.payload, qos=1, retain=True)
        broker = self._broker
        while True:
            try:
                async with aiomqtt.Client(
                    broker.host,
                    broker.port,
                    identifier=self.radio.client_id,
                    username=broker.username,
                    password=broker.password,
                    will=will,
                    socket_options=_AT_ONCE,
                    timeout=_PATIENCE_S,
                ) as client:
                    await self._talk(client)
            except aiomqtt.MqttError as error:
                if _told_to_end():
                    raise asyncio.CancelledError from error
                log.warning("house.disconnected", extra={"radio": self.radio.client_id, "reason": str(error)})
            await asyncio.sleep(_AGAIN_S)

    async def _talk(self, client: aiomqtt.Client) -> None:
        await client.subscribe([(topic, 1) for topic in self._house.filters(self.radio)])
        self.radio.outbox.clear()
        self._house.connected(self.radio)
        self._full.set()
        try:
            await self._converse(client)
        except asyncio.CancelledError:
            await self._say_goodbye(client)
            raise

    async def _converse(self, client: aiomqtt.Client) -> None:
        sending = asyncio.create_task(self._send(client))
        try:
            async for message in client.messages:
                self._house.advance(asyncio.get_running_loop().time() - self._began_s)
                payload = message.payload if isinstance(message.payload, bytes) else b""
                self._house.receive(self.radio, str(message.topic), payload.decode(errors="replace"))
                self._stirred.set()
        finally:
            await _ended({sending})

    async def _say_goodbye(self, client: aiomqtt.Client) -> None:
        """The last will is only for those who don't get to say it themselves."""
        will = self.radio.will
        await client.publish(will.topic, will.payload, qos=1, retain=True)
        if self._retained is not None:
            for topic in (*self._retained, will.topic):
                await client.publish(topic, "", qos=1, retain=True)

    async def _send(self, client: aiomqtt.Client) -> None:
        while True:
            await self._full.wait()
            self._full.clear()
            pending, self.radio.outbox[:] = self.radio.outbox[:], []
            for message in pending:
                if message.retain and self._retained is not None:
                    self._retained[message.topic] = None
                await client.publish(message.topic, message.payload, retain=message.retain)


def _told_to_end() -> bool:
    """Whether this task was cancelled, and the library made an error of its own of it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
