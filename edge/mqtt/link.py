"""The one connection to the broker: kept up, resubscribed, with an outbox, handing messages to whoever wants them."""

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.log import RateLimited
from edge.mqtt.backoff import Backoff
from edge.mqtt.client import Endpoint, enter, leave, new_client
from edge.mqtt.errors import MqttLinkError, NotDeliveredError
from edge.mqtt.outbox import Outbox, Outgoing
from edge.mqtt.subscriptions import Handler, Received, Subscriptions, is_valid_topic

log = logging.getLogger(__name__)

_BATCH: Final = 200
"""Filters in one SUBSCRIBE packet."""
_CLOSE_S: Final = 1.0
_QUIET_S: Final = 3.0
_MOST_TRIES: Final = 4
"""Connections that may be lost over one message: a broker drops clients for a packet that it finds too large."""
_MOST_PAYLOAD_BYTES: Final = 2 * 1024 * 1024

_UNANSWERED: Final = "Operation timed out"
"""What the library says when nothing answers: some old brokers are silent to a protocol they don't know."""
_UNSUPPORTED_PROTOCOL: Final = 132
_REFUSALS: Final = frozenset({134, 135, 138, 140})
"""Bad user name or password, not authorised, banned, bad authentication method (MQTT 5, 3.2.2.2)."""
_TAKEN_OVER: Final = 142


_T = TypeVar("_T")


class LinkState(StrEnum):
    """How the connection is doing."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    """No connection, or none any more: the network, or a broker that is not there."""
    REFUSED = "refused"
    """The broker answers and doesn't want us: user name, password or its access list."""
    CLOSED = "closed"


@dataclass(slots=True)
class LinkCounts:
    """What went through since the start."""

    received: int = 0
    published: int = 0
    connects: int = 0


class Link:
    """Async context manager. Entering starts the connection and does not wait for it: `await link.connected()`.

    `presence` is the topic that says `online` while we are there and `offline`, retained, when we are not.
    """

    def __init__(self, endpoint: Endpoint, *, client_id: str, presence: str | None = None) -> None:
        self.endpoint = endpoint
        self._client_id = client_id
        self._presence = presence
        self._subscriptions = Subscriptions()
        self._outbox = Outbox()
        self._client: aiomqtt.Client | None = None
        self._up = asyncio.Event()
        self._changed = asyncio.Event()
        self._told = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._on_connect: list[Callable[[], None]] = []
        self._protocol = aiomqtt.ProtocolVersion.V5
        self._state = LinkState.CONNECTING
        self._moved = asyncio.Event()
        self._trouble: str | None = None
        self._limited = RateLimited(log)
        self.counts = LinkCounts()

    @property
    def state(self) -> LinkState:
        """How the connection is doing now."""
        return self._state

    @property
    def trouble(self) -> str | None:
        """Why there is no connection, as a sentence with what to do about it."""
        return self._trouble

    @property
    def waiting(self) -> int:
        """Messages that the broker has yet to take."""
        return len(self._outbox)

    @property
    def subscribed(self) -> int:
        """Filters subscribed to, or about to be."""
        return len(self._subscriptions)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_up(), name="mqtt-link")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._say_goodbye()
        self._move(LinkState.CLOSED)
        # Again and again: a time-out that ends at the same moment swallows a cancellation (CPython before 3.12).
        while self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_CLOSE_S)

    async def connected(self) -> None:
        """Wait until the broker has taken us and knows every subscription made so far."""
        while self._subscriptions.untold or not self._up.is_set():
            await self._told.wait()

    async def reached(self, *states: LinkState) -> LinkState:
        """Wait until the connection is in one of these states."""
        while self._state not in states:
            await self._moved.wait()
        return self._state

    def on_connect(self, callback: Callable[[], None]) -> None:
        """Call this after every connection, once the subscriptions stand."""
        self._on_connect.append(callback)

    def subscribe(self, filters: Iterable[str], handler: Handler, *, qos: int = 0) -> None:
        """Call `handler` for messages on these filters, on this connection and all later ones."""
        loop = asyncio.get_running_loop()
        for topic_filter in filters:
            kept = self._subscriptions.add(topic_filter, handler, qos)
            if kept is not None:
                loop.call_soon(handler, kept)
        self._changed.set()

    def unsubscribe(self, filters: Iterable[str], handler: Handler) -> None:
        """Undo `subscribe`."""
        for topic_filter in filters:
            self._subscriptions.remove(topic_filter, handler)
        self._changed.set()

    async def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        correlation: bytes | None = None,
        timeout_s: float | None = None,
    ) -> None:
        """Hand a message to the broker and wait until it has it, across lost connections.

        Raises `NotDeliveredError` after `timeout_s`, and then does not send it later, and `OutboxFullError`.
        """
        done = self.post(topic, payload, qos=qos, retain=retain, correlation=correlation)
        try:
            async with asyncio.timeout(timeout_s):
                await done
        except TimeoutError:
            raise NotDeliveredError(f"the broker did not take a message for {topic} within {timeout_s} s") from None

    def post(
        self, topic: str, payload: str | bytes, *, qos: int = 1, retain: bool = False, correlation: bytes | None = None
    ) -> asyncio.Future[None]:
        """Put a message in the outbox. The result comes when the broker has it; cancelling it withdraws the message."""
        if not is_valid_topic(topic):
            raise MqttLinkError(f"{topic[:100]!r} is not a topic to publish to")
        data = payload.encode() if isinstance(payload, str) else payload
        message = Outgoing(topic, data, qos, retain, correlation, asyncio.get_running_loop().create_future())
        self._outbox.put(message)
        return message.done

    async def _keep_up(self) -> None:
        """Connect, serve, and connect again, until cancelled."""
        lost, refused = Backoff(0.1, 15.0), Backoff(10.0, 120.0)
        while True:
            self._move(LinkState.CONNECTING)
            connects, protocol = self.counts.connects, self._protocol
            error: BaseException | None = None
            try:
                await self._session()
            except* (aiomqtt.MqttError, OSError, ValueError) as group:
                error = first_leaf(group)
            welcomed = connects != self.counts.connects
            self._note(error, welcomed=welcomed)
            if protocol is not self._protocol:
                continue
            if welcomed:
                lost.reset()
            wait_s = (refused if self._state is LinkState.REFUSED else lost).next_s()
            facts = {"state": self._state.value, "reason": self._trouble, "again_in_s": round(wait_s, 1)}
            log.warning("mqtt.disconnected", extra=facts)
            await asyncio.sleep(wait_s)

    async def _session(self) -> None:
        """One connection, from its beginning to its end; raises when it is lost."""
        client = await new_client(
            self.endpoint, self._protocol, self._receive, client_id=self._client_id, presence=self._presence
        )
        await enter(client)
        # From here on keep-alive tells a dead broker from one that has a house to tell us first.
        client.timeout = math.inf
        self._client = client
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._until_lost(client), name="mqtt-watch")
                await self._welcome(client)
                tasks.create_task(self._keep_subscribed(client), name="mqtt-subscriptions")
                tasks.create_task(self._empty_outbox(client, tasks), name="mqtt-outbox")
        finally:
            self._client = None
            self._up.clear()
            await leave(client)

    async def _until_lost(self, client: aiomqtt.Client) -> None:
        """Messages go past this iterator (see `_Direct`); it ends with the connection's own error."""
        async for _ in client.messages:
            pass

    async def _welcome(self, client: aiomqtt.Client) -> None:
        """What a fresh connection begins with: subscriptions first, so that no answer to a command is missed."""
        self._subscriptions.tell_all()
        await self._tell_broker(client)
        if self._presence:
            await client.publish(self._presence, "online", qos=1, retain=True)
        self._outbox.begin_again()
        self.counts.connects += 1
        self._move(LinkState.CONNECTED)
        facts = {"host": self.endpoint.host, "port": self.endpoint.port, "protocol": self._protocol.name}
        log.info("mqtt.connected", extra=facts | {"subscriptions": len(self._subscriptions)})
        self._up.set()
        self._note_told()
        for callback in self._on_connect:
            callback()

    async def _keep_subscribed(self, client: aiomqtt.Client) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._tell_broker(client)
            self._note_told()

    def _note_told(self) -> None:
        """Wake who waits for the broker to know everything."""
        self._told.set()
        self._told = asyncio.Event()

    async def _tell_broker(self, client: aiomqtt.Client) -> None:
        while filters := self._subscriptions.take_removals(_BATCH):
            await self._answered(client.unsubscribe(filters))
        while batch := self._subscriptions.take_additions(_BATCH):
            answers = await self._answered(client.subscribe(batch)) or ()
            self._subscriptions.note_told(batch)
            for (topic_filter, _), answer in zip(batch, answers, strict=False):
                if _code(answer) >= 128:
                    self._limited.warning("mqtt.subscription_refused", topic_filter, {"reason": str(answer)})

    async def _answered(self, request: Coroutine[Any, Any, _T]) -> _T | None:
        """The broker's answer; None when the line has gone quiet without one.

        An answer may come after a flood of messages, and mosquitto at its queue limit drops even answers.
        """
        asking = asyncio.ensure_future(request)
        try:
            while not asking.done():
                received = self.counts.received
                await asyncio.wait({asking}, timeout=_QUIET_S)
                if not asking.done() and received == self.counts.received:
                    self._limited.warning("mqtt.no_answer", self.endpoint.host, {"waited_s": _QUIET_S})
                    return None
            return asking.result()
        finally:
            asking.cancel()

    async def _empty_outbox(self, client: aiomqtt.Client, tasks: asyncio.TaskGroup) -> None:
        """Tasks begin in the order they are made, so the library gets the messages in the order they were handed in."""
        while True:
            for message in await self._outbox.take(_MOST_TRIES):
                tasks.create_task(self._deliver(client, message))

    async def _deliver(self, client: aiomqtt.Client, message: Outgoing) -> None:
        properties = None
        if message.correlation is not None and self._protocol is aiomqtt.ProtocolVersion.V5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = message.correlation
        await client.publish(
            message.topic, message.payload, qos=message.qos, retain=message.retain, properties=properties
        )
        self.counts.published += 1
        if not message.done.done():
            message.done.set_result(None)

    def _receive(self, message: aiomqtt.Message) -> None:
        """Runs inside the library's read callback: one packet a turn of the loop, so that a flood can't hog it."""
        self.counts.received += 1
        topic = message.topic.value
        handlers = self._subscriptions.handlers(topic)
        payload = message.payload
        if len(payload) > _MOST_PAYLOAD_BYTES:
            self._limited.warning("mqtt.payload_too_large", topic, {"bytes": len(payload)})
            return
        properties = message.properties
        received = Received(
            topic,
            payload,
            bool(message.retain),
            getattr(properties, "ResponseTopic", None),
            getattr(properties, "CorrelationData", None),
        )
        self._subscriptions.note(received)
        for handler in handlers:
            try:
                handler(received)
            except Exception:
                log.exception("mqtt.handler_failed", extra={"topic": topic[:200]})

    def _note(self, error: BaseException | None, *, welcomed: bool) -> None:
        """Remember why there is no connection, and choose what to try next."""
        code = _code(getattr(error, "rc", None))
        where = f"{self.endpoint.host}:{self.endpoint.port}"
        v5 = self._protocol is aiomqtt.ProtocolVersion.V5
        if (code == _UNSUPPORTED_PROTOCOL and v5) or (not welcomed and str(error) == _UNANSWERED):
            self._protocol = aiomqtt.ProtocolVersion.V311 if v5 else aiomqtt.ProtocolVersion.V5
        if code in _REFUSALS:
            advice = "check [mqtt] username and password_file, and the broker's access list"
            trouble = f"the broker at {where} refuses us ({error}): {advice}"
        elif code == _TAKEN_OVER:
            trouble = f"another client at {where} calls itself {self._client_id}: give one of the two another `node`"
        elif isinstance(error, OSError) and error.filename:
            trouble = f"{error.filename}: {error.strerror}"
        else:
            trouble = f"no connection to the broker at {where}: {error or 'it ended the connection'}"
        refused = code in _REFUSALS or code == _TAKEN_OVER
        self._move(LinkState.REFUSED if refused else LinkState.LOST, trouble)

    def _move(self, state: LinkState, trouble: str | None = None) -> None:
        """`CONNECTING` keeps the last trouble: it is still why there is no connection."""
        self._state = state
        self._trouble = trouble if state is not LinkState.CONNECTING else self._trouble
        self._moved.set()
        self._moved = asyncio.Event()

    async def _say_goodbye(self) -> None:
        """A connection closed in good order leaves no will: say it ourselves, after what waits in the outbox."""
        if self._client is None or not self._up.is_set() or self._presence is None:
            return
        with contextlib.suppress(MqttLinkError):
            await self.publish(self._presence, "offline", qos=1, retain=True, timeout_s=_CLOSE_S)


def first_leaf(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error in a group of groups."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _code(reason: object) -> int:
    value = reason.value if isinstance(reason, ReasonCode) else reason
    return value if isinstance(value, int) else 0
