"""Somebody who hears everything on the demo's broker, asks the assistant, and uses their hands in the house."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import aiomqtt

from edge.assistant.model import new_id
from edge.demo.errors import DemoError
from edge.demo.house.house import DONE, HAND
from edge.demo.household import BASE
from edge.mqtt.broker import BrokerAddress

_REPLY_S: Final = 120.0
"""A language model may take its time; devices never do."""
_HAND_S: Final = 5.0
_KEPT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Heard:
    """One message, and when it came on the monotonic clock."""

    at_s: float
    topic: str
    payload: str
    retain: bool = False

    @property
    def json(self) -> Any:
        """The payload decoded, or as it is."""
        return decoded(self.payload)


class Watch:
    """Async context manager: connected while it is entered."""

    def __init__(self, address: BrokerAddress) -> None:
        self._client = aiomqtt.Client(
            address.host,
            address.port,
            identifier="edge-demo-watch",
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        self.latest: dict[str, str] = {}
        """The last payload of every topic."""
        self.heard: list[Heard] = []
        """Everything that came while it was listening, in order."""
        self.listeners: list[Callable[[Heard], None]] = []
        self._stirred = asyncio.Event()

    async def __aenter__(self) -> Self:
        try:
            await self._client.__aenter__()
        except aiomqtt.MqttError as error:
            raise DemoError(f"the demo's own broker does not answer: {error}") from error
        await self._client.subscribe("#", qos=1)
        self._listening = asyncio.create_task(self._listen(), name="demo-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        with contextlib.suppress(aiomqtt.MqttError):
            await self._client.__aexit__(kind, error, traceback)

    async def until(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Wait until it holds; False when it did not in time. It is looked at whenever a message came."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not condition():
                    if self._listening.done():
                        raise DemoError("the connection to the demo's broker broke")
                    self._stirred.clear()
                    await self._stirred.wait()
        return condition()

    async def ask(self, text: str, area: str | None = None) -> tuple[dict[str, Any], float]:
        """Say something in an area; the reply's payload and when it was asked, on the monotonic clock."""
        id_ = new_id()
        begin = len(self.heard)
        asked_s = time.monotonic()
        await self._publish(f"{BASE}/ask", {"text": text, "id": id_, **({"area": area} if area else {})})
        reply: dict[str, Any] = {}

        def answered() -> bool:
            for one in self.heard[begin:]:
                if one.topic == f"{BASE}/reply" and isinstance(one.json, dict) and one.json.get("id") == id_:
                    reply.update(one.json)
            return bool(reply)

        if not await self.until(answered, _REPLY_S):
            raise DemoError(f"the assistant did not answer {text!r} within {_REPLY_S:g} s")
        return reply, asked_s

    async def hand(self, device: str, deed: str) -> bool:
        """Do something in the house with a hand; whether there is such a device that it can be done to."""
        begin = len(self.heard)
        await self._publish(HAND, {"device": device, "do": deed})
        done: list[bool] = []

        def told() -> bool:
            done.extend(bool(one.json.get("done")) for one in self.heard[begin:] if one.topic == DONE)
            return bool(done)

        return await self.until(told, _HAND_S) and done[0]

    async def _publish(self, topic: str, payload: dict[str, Any]) -> None:
        await self._client.publish(topic, json.dumps(payload), qos=1)

    async def _listen(self) -> None:
        async for message in self._client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            one = Heard(time.monotonic(), str(message.topic), payload.decode(errors="replace"), bool(message.retain))
            self.heard.append(one)
            for listener in self.listeners:
                listener(one)
            self.latest[one.topic] = one.payload
            self._stirred.set()

    def forget(self) -> None:
        """Let go of what was heard, not of how things are."""
        if len(self.heard) > _KEPT:
            self.heard.clear()


def decoded(payload: str) -> Any:
    """A payload as JSON where it is that, else as text."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload
