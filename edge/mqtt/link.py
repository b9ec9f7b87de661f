"""The one connection to the broker: kept up, resubscribed, with an outbox, handing messages to whoever wants them."""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Final, Self

import aiomqtt

from edge.backoff import Backoff
from edge.log import RateLimited
from edge.mqtt.client import Endpoint, enter, leave, new_client
from edge.mqtt.connection import Connection, LinkCounts, LinkState
from edge.mqtt.errors import MqttLinkError, NotDeliveredError
from edge.mqtt.outbox import Outbox, Outgoing
from edge.mqtt.protocol import ProtocolChoice
from edge.mqtt.subscriptions import Handler, Received, Subscriptions, is_valid_topic
from edge.mqtt.taken import Taken
from edge.mqtt.trouble import LASTING, Trouble, explain, first_leaf

__all__ = ["Link", "LinkState"]

log = logging.getLogger(__name__)

_CLOSE_S: Final = 1.0
_MOST_PAYLOAD_BYTES: Final = 2 * 1024 * 1024
_STEADY_S: Final = 5.0
_LASTING_S: Final = 60.0
"""How long a connection must have stood for the next tries to be soon again, where it was lost, and where it ended for
a reason that a person has to mend."""
_SLEPT_S: Final = 5.0
"""How long this machine must have slept for what waits in a socket to be too old."""
_BEAT_S: Final = 5.0
"""How often it is looked whether this process stood still."""
_REFUSE_S: Final = 1.0
"""How long what had waited is still read, so that who asked is told."""


class Link:
    """Async context manager. Entering starts the connection and does not wait for it: `await link.connected()`.

    `held`: `begin` starts it, once there is somebody for what the broker has kept and for who asks as we come online.
    `presence` is the topic that says `online` while we are there and `offline`, retained, when we are not. `resume`:
    whether the first connection takes what the broker has kept for an earlier run; later ones do so where they come
    before the broker was to forget us, whatever it has kept: what waited longer is not to be acted on.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        client_id: str,
        presence: str | None = None,
        resume: bool = True,
        held: bool = False,
    ) -> None:
        self.endpoint = endpoint
        self._client_id = client_id
        self._presence = presence
        self._held = held
        self._subscriptions = Subscriptions()
        self._outbox = Outbox()
        self._connection: Connection | None = None
        self._up = asyncio.Event()
        self._changed = asyncio.Event()
        self._told = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._on_connect: list[Callable[[], None]] = []
        self._protocol = ProtocolChoice(endpoint.protocol)
        self._resume = resume
        self._ended: BaseException | None = None
        self._came_s = 0.0
        self._seen_s: float | None = None
        """When the last connection came about and when it ended, on the boot clock."""
        self._asleep_s = 0.0
        """How long this machine had slept when the connection came about."""
        self._slept = asyncio.Event()
        self._awake_s = 0.0
        self._taken = Taken()
        self._state = LinkState.CONNECTING
        self._moved = asyncio.Event()
        self._trouble: Trouble | None = None
        self._limited = RateLimited(log)
        self.counts = LinkCounts()

    @property
    def state(self) -> LinkState:
        """How the connection is doing now."""
        return self._state

    @property
    def trouble(self) -> str | None:
        """Why there is no connection, as a sentence with what to do about it."""
        return str(self._trouble) if self._trouble else None

    @property
    def diagnosis(self) -> Trouble | None:
        """The same, in its parts."""
        return self._trouble

    @property
    def speaks_5(self) -> bool:
        """Whether the connection, or the next try, is of MQTT 5: response topics, expiry, reasons of refusals."""
        return self._protocol.speaks_5

    @property
    def refusals(self) -> Mapping[str, str]:
        """Topics that this connection may not use, each with the broker's word for it."""
        return self._connection.refusals if self._connection else {}

    @property
    def fresh(self) -> bool:
        """Whether what comes in now was sent just now.

        It was not where this machine has slept since, or this process was stopped: what waited in the socket may be
        hours old. The connection is then begun anew.
        """
        self._look_at_the_clock()
        return not self._slept.is_set()

    @property
    def waiting(self) -> int:
        """Messages that the broker has yet to take."""
        return len(self._outbox)

    @property
    def subscribed(self) -> int:
        """Filters subscribed to, or about to be."""
        return len(self._subscriptions)

    async def __aenter__(self) -> Self:
        if not self._held:
            self.begin()
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

    def begin(self) -> None:
        """Start the connection of a link that is held; once it is entered."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep_up(), name="mqtt-link")

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

    def subscribe(self, filters: Iterable[str], handler: Handler, *, qos: int = 0, others_only: bool = False) -> None:
        """Call `handler` for messages on these filters, on this connection and all later ones.

        `others_only`: not for those of this connection's own, where the broker can tell (MQTT 5).
        """
        loop = asyncio.get_running_loop()
        for topic_filter in filters:
            kept = self._subscriptions.add(topic_filter, handler, qos, others_only=others_only)
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
        expiry_s: int | None = None,
        timeout_s: float | None = None,
    ) -> None:
        """Hand a message to the broker and wait until it has it, across lost connections.

        `expiry_s`: whole seconds after which the broker hands it to nobody any more (MQTT 5). Raises
        `NotDeliveredError` after `timeout_s`, and then does not send it later, `NotAllowedError` and `OutboxFullError`.
        """
        done = self.post(topic, payload, qos=qos, retain=retain, correlation=correlation, expiry_s=expiry_s)
        try:
            async with asyncio.timeout(timeout_s):
                await done
        except TimeoutError:
            raise NotDeliveredError(f"the broker did not take a message for {topic} within {timeout_s} s") from None

    def post(
        self,
        topic: str,
        payload: str | bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        correlation: bytes | None = None,
        expiry_s: int | None = None,
    ) -> asyncio.Future[None]:
        """Put a message in the outbox. The result comes when the broker has it; cancelling it withdraws the message."""
        if not is_valid_topic(topic):
            raise MqttLinkError(f"{topic[:100]!r} is not a topic to publish to")
        data = payload.encode() if isinstance(payload, str) else payload
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        message = Outgoing(topic, data, qos, retain, correlation, done, expiry_s=expiry_s)
        self._outbox.put(message)
        return message.done

    async def _keep_up(self) -> None:
        """Connect, serve, and connect again, until cancelled."""
        lost, refused = Backoff(0.1, 15.0), Backoff(10.0, 120.0)
        while True:
            self._move(LinkState.CONNECTING)
            connects = self.counts.connects
            error: BaseException | None = None
            self._ended = None
            try:
                await self._session()
            except* (aiomqtt.MqttError, MqttLinkError, OSError, ValueError) as group:
                error = self._ended or first_leaf(group)
            welcomed = connects != self.counts.connects
            trouble = self._note(error)
            if self._protocol.note(trouble.kind, welcomed=welcomed):
                continue
            lasted_s = _boot_s() - self._came_s if welcomed else 0.0
            # One that takes us and throws us out again at once is not to be asked ten times a second.
            for backoff, steady_s in ((lost, _STEADY_S), (refused, _LASTING_S)):
                if lasted_s >= steady_s:
                    backoff.reset()
            wait_s = (refused if self._state is LinkState.REFUSED else lost).next_s()
            facts = {"state": self._state.value, "kind": trouble.kind.value, "reason": str(trouble)}
            log.warning("mqtt.disconnected", extra=facts | {"again_in_s": round(wait_s, 1)})
            await asyncio.sleep(wait_s)

    async def _session(self) -> None:
        """One connection, from its beginning to its end; raises when it is lost."""
        client = await new_client(
            self.endpoint,
            self._protocol.version,
            self._receive,
            client_id=self._client_id,
            presence=self._presence,
            taken=self._taken,
            resume=self._resumes(),
        )
        self._asleep_s = _slept_s()
        self._slept.clear()
        self._awake_s = _boot_s()
        await enter(client)
        # From here on keep-alive tells a dead broker from one that has a house to tell us first.
        client.timeout = math.inf
        connection = Connection(client, self.endpoint, self.counts, speaks_5=self._protocol.speaks_5)
        self._connection = connection
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(connection.until_lost(), name="mqtt-watch")
                tasks.create_task(self._until_slept(), name="mqtt-sleep")
                await self._welcome(connection)
                tasks.create_task(self._keep_subscribed(connection), name="mqtt-subscriptions")
                tasks.create_task(connection.empty(self._outbox, tasks), name="mqtt-outbox")
        finally:
            self._connection = None
            self._ended = client.ended
            self._up.clear()
            self._seen_s = _boot_s()
            # What was under way to us then is sent once more: nobody knows how long ago it was said.
            self._taken.trusting = not self._slept.is_set()
            await leave(client)

    def _resumes(self) -> bool:
        """Whether the broker is to hand over what it kept: not what is older than it was to keep it."""
        if self._seen_s is None:
            return self._resume
        return _boot_s() - self._seen_s <= self.endpoint.session_s

    def _look_at_the_clock(self) -> None:
        """Whether this machine has slept, or this process stood still for longer than the broker was to keep things."""
        before_s, self._awake_s = self._awake_s, _boot_s()
        still = self._awake_s - before_s > max(self.endpoint.session_s, 3 * _BEAT_S)
        if still or _slept_s() - self._asleep_s >= _SLEPT_S:
            self._slept.set()

    async def _until_slept(self) -> None:
        while not self._slept.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_S):
                    await self._slept.wait()
            self._look_at_the_clock()
        await asyncio.sleep(_REFUSE_S)
        raise MqttLinkError("this machine was asleep, or this process stopped")

    async def _welcome(self, connection: Connection) -> None:
        """What a fresh connection begins with: subscriptions first, so that no answer to a command is missed."""
        self._subscriptions.tell_all()
        await connection.tell(self._subscriptions)
        if self._presence:
            here: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            await connection.deliver(Outgoing(self._presence, b"online", 1, True, None, here))
        self._outbox.begin_again()
        self.counts.connects += 1
        self._came_s = _boot_s()
        self._move(LinkState.CONNECTED)
        facts = {"host": self.endpoint.host, "port": self.endpoint.port, "protocol": self._protocol.version.name}
        log.info("mqtt.connected", extra=facts | {"subscriptions": len(self._subscriptions)})
        self._up.set()
        self._note_told()
        for callback in self._on_connect:
            callback()

    async def _keep_subscribed(self, connection: Connection) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await connection.tell(self._subscriptions)
            self._note_told()

    def _note_told(self) -> None:
        """Wake who waits for the broker to know everything."""
        self._told.set()
        self._told = asyncio.Event()

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

    def _note(self, error: BaseException | None) -> Trouble:
        """Remember why there is no connection."""
        end = self.endpoint
        trouble = explain(
            error, where=str(end), client_id=self._client_id, username=end.username, tls=end.tls is not None
        )
        self._move(LinkState.REFUSED if trouble.kind in LASTING else LinkState.LOST, trouble)
        return trouble

    def _move(self, state: LinkState, trouble: Trouble | None = None) -> None:
        """`CONNECTING` keeps the last trouble: it is still why there is no connection."""
        self._state = state
        self._trouble = trouble if state is not LinkState.CONNECTING else self._trouble
        self._moved.set()
        self._moved = asyncio.Event()

    async def _say_goodbye(self) -> None:
        """A connection closed in good order leaves no will: say it ourselves, after what waits in the outbox."""
        if self._connection is None or not self._up.is_set() or self._presence is None:
            return
        with contextlib.suppress(MqttLinkError):
            await self.publish(self._presence, "offline", qos=1, retain=True, timeout_s=_CLOSE_S)


def _boot_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _slept_s() -> float:
    """How long this machine has slept since it was started."""
    return _boot_s() - time.monotonic()
