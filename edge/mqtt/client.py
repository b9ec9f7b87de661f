"""The MQTT library's client as this project uses it: how it is made, connected and let go."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.mqtt.errors import EndedEarlyError, MqttLinkError, NotAllowedError
from edge.mqtt.outbox import Outgoing
from edge.mqtt.taken import Taken
from edge.mqtt.tls import Tls
from edge.mqtt.trouble import reason_code

log = logging.getLogger(__name__)

_CONNECT_S: Final = 5.0
_CLOSE_S: Final = 1.0
SESSION_S: Final = 60
"""How long the broker keeps what came in for us (questions, at QoS 1) while we are away, unless it is set."""
_WILL_DELAY_S: Final = 5
"""A connection that is back this soon has not been away: nobody is told that it was."""
_MOST_PACKET_BYTES: Final = 4 * 1024 * 1024
_MOST_AT_ONCE: Final = 1000
"""What the broker may have on its way to us without our acknowledgement."""
_AROUND_BYTES: Final = 64
"""What a packet has beside topic and payload, at most."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the broker is and how we show who we are."""

    host: str
    port: int = 1883
    username: str | None = None
    password: Callable[[], str | None] | None = None
    """Read anew for every try, off the loop; raises OSError."""
    tls: Tls | None = None
    keepalive_s: int = 30
    protocol: aiomqtt.ProtocolVersion | None = None
    """None: MQTT 5, and 3.1.1 with a broker that does not know it."""
    session_s: int = SESSION_S
    """How long the broker keeps questions for us while we are away; 0: not at all."""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the broker says of itself when it takes us (MQTT 5, 3.2.2.3)."""

    packet_bytes: int | None = None
    qos: int = 2
    retains: bool = True


class BrokerClient(aiomqtt.Client):
    """Tells what the library keeps to itself: an end before the beginning, refused messages, the broker's limits."""

    def __init__(
        self, endpoint: Endpoint, sink: Callable[[aiomqtt.Message], None], taken: Taken, **options: Any
    ) -> None:
        self._heard = _Heard()
        self._taken = taken
        self._sent: dict[int, asyncio.Future[ReasonCode]] = {}
        self._why: BaseException | None = None
        self.limits = Limits()
        self.resumed = False
        """Whether the broker still knew us."""
        super().__init__(
            endpoint.host,
            endpoint.port,
            logger=self._heard,
            queue_type=cast("Any", lambda maxsize: _Direct(sink)),  # noqa: ARG005
            timeout=_CONNECT_S,
            keepalive=endpoint.keepalive_s,
            # Without it a command waits up to 40 ms for the broker's delayed acknowledgement of what went before.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            **options,
        )
        self.pending_calls_threshold = 100_000

    @property
    def ended(self) -> BaseException | None:
        """Why the connection ended, where that was not our doing; whoever uses it knows only that it is gone."""
        return self._why or (self._disconnected.exception() if self._disconnected.done() else None)

    async def send(self, message: Outgoing, properties: Properties | None) -> None:
        """Publish, and wait until the broker has the message.

        Raises `NotAllowedError` or another `MqttLinkError` where the broker refuses it, `aiomqtt.MqttError` where the
        connection is gone.
        """
        most = self.limits.packet_bytes
        if most is not None and len(message.payload) + len(message.topic.encode()) + _AROUND_BYTES > most:
            raise MqttLinkError(f"{message.topic}: the broker takes packets of {most} bytes at most")
        qos, retain = min(message.qos, self.limits.qos), message.retain and self.limits.retains
        info = self._client.publish(message.topic, message.payload, qos, retain, properties)
        if info.rc != paho.MQTT_ERR_SUCCESS:
            raise aiomqtt.MqttCodeError(info.rc, "Could not publish message")
        if info.is_published():
            return
        taken: asyncio.Future[ReasonCode] = asyncio.get_running_loop().create_future()
        self._sent[info.mid] = taken
        try:
            reason = await taken
        finally:
            self._sent.pop(info.mid, None)
        if reason_code(reason) >= 128:
            raise NotAllowedError(f"the broker refuses a message for {message.topic} ({str(reason).lower()})")

    def end(self) -> None:
        """Close at once what may never have come about."""
        self._client._sock_close()  # noqa: SLF001 (there is no public way)

    def _on_connect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.resumed = flags.session_present
        self.limits = Limits(
            getattr(properties, "MaximumPacketSize", None),
            getattr(properties, "MaximumQoS", 2),
            bool(getattr(properties, "RetainAvailable", 1)),
        )
        at_once = getattr(properties, "ReceiveMaximum", None)
        if at_once is not None and at_once < client._max_inflight_messages:  # noqa: SLF001 (the library heeds it not)
            client._max_inflight_messages = at_once  # noqa: SLF001
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connected.done():
            self._connected.set_exception(EndedEarlyError(self._heard.last))
            self._connected.exception()  # nobody may be waiting for it any more
        super()._on_disconnect(client, userdata, flags, reason_code, properties)
        if self._why is None and self._disconnected.done():
            # Kept, for the library forgets it where the end follows on the heels of the beginning.
            self._why = self._disconnected.exception()

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        if self._taken.again(message):
            log.info("mqtt.repeated", extra={"topic": message.topic[:200]})
        else:
            super()._on_message(client, userdata, message)

    def _on_publish(
        self, client: paho.Client, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        taken = self._sent.get(mid)
        if taken is not None and not taken.done():
            taken.set_result(reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)


async def new_client(
    end: Endpoint,
    protocol: aiomqtt.ProtocolVersion,
    sink: Callable[[aiomqtt.Message], None],
    *,
    client_id: str,
    presence: str | None,
    taken: Taken,
    resume: bool = True,
) -> BrokerClient:
    """A client that hands every message to `sink`, inside the library's read callback: one packet a turn of the loop,
    so that a flood can't hog it. `resume`: take what the broker has kept for us.

    Raises OSError or ValueError when the password can't be read, `TlsFileError` for certificates.
    """
    password = await asyncio.to_thread(end.password) if end.password else None
    context = await asyncio.to_thread(end.tls.context) if end.tls else None
    v5 = protocol is aiomqtt.ProtocolVersion.V5
    session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    session.SessionExpiryInterval = end.session_s
    session.ReceiveMaximum = _MOST_AT_ONCE
    session.MaximumPacketSize = _MOST_PACKET_BYTES
    return BrokerClient(
        end,
        sink,
        taken,
        username=end.username,
        password=password,
        identifier=client_id,
        protocol=protocol,
        will=_will(presence, delay_s=min(_WILL_DELAY_S, end.session_s) if v5 else 0) if presence else None,
        clean_session=None if v5 else True,
        clean_start=not resume if v5 else 3,
        properties=session if v5 else None,
        tls_context=context,
    )


def _will(presence: str, *, delay_s: int) -> aiomqtt.Will:
    """What the broker says of us when we are gone without a word."""
    properties = None
    if delay_s:
        properties = Properties(PacketTypes.WILLMESSAGE)  # type: ignore[no-untyped-call]
        properties.WillDelayInterval = delay_s
    return aiomqtt.Will(presence, "offline", qos=1, retain=True, properties=properties)


async def enter(client: BrokerClient) -> None:
    """Connect. The library does it in a thread: one that nobody waits for any more must not come up behind our back."""
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        await asyncio.wait({entering}, timeout=_CLOSE_S)
        if entering.done() and entering.exception() is None:
            await leave(client)
        else:
            entering.cancel()
            client.end()
        raise
    except (aiomqtt.MqttError, MqttLinkError):
        client.end()  # it may yet be answered
        raise


async def leave(client: aiomqtt.Client) -> None:
    """Disconnect in good order where the broker still listens."""
    client.timeout = _CLOSE_S
    with contextlib.suppress(aiomqtt.MqttError):
        await client.__aexit__(None, None, None)
        await anext(client.messages)  # raises at once, and so takes the library's own error off its hands


class _Heard(logging.Logger):
    """Takes the place of the library's log: what it has to say the link says itself, once; errors are kept for that."""

    def __init__(self) -> None:
        super().__init__("edge.mqtt.aiomqtt", logging.ERROR)
        self.last: OSError | None = None

    def handle(self, record: logging.LogRecord) -> None:
        """Keep what the socket said."""
        for one in record.args if isinstance(record.args, tuple) else ():
            if isinstance(one, OSError):
                self.last = one


class _Direct(asyncio.Queue[aiomqtt.Message]):
    """Takes the place of the library's queue: hands every message on at once and stays empty.

    The library's own way makes two tasks a message; this one none.
    """

    def __init__(self, sink: Callable[[aiomqtt.Message], None]) -> None:
        super().__init__()
        self._sink = sink

    def put_nowait(self, item: aiomqtt.Message) -> None:
        self._sink(item)
