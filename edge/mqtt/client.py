"""The MQTT library's client as this project uses it: how it is made, connected and let go."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

_library_log: Final = logging.getLogger("edge.mqtt.aiomqtt")
_library_log.setLevel(logging.CRITICAL)  # what it has to say the link says itself, once
_CONNECT_S: Final = 5.0
_CLOSE_S: Final = 1.0
_SESSION_S: Final = 60
"""How long the broker keeps what came in for us (questions, at QoS 1) while we are away."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the broker is and how we show who we are."""

    host: str
    port: int = 1883
    username: str | None = None
    password: Callable[[], str | None] | None = None
    """Read anew for every try, off the loop; raises OSError."""
    tls: bool = False
    ca_file: Path | None = None
    keepalive_s: int = 30


async def new_client(
    end: Endpoint,
    protocol: aiomqtt.ProtocolVersion,
    sink: Callable[[aiomqtt.Message], None],
    *,
    client_id: str,
    presence: str | None,
) -> aiomqtt.Client:
    """A client that hands every message to `sink`, inside the library's read callback: one packet a turn of the loop,
    so that a flood can't hog it. Raises OSError when the password can't be read.
    """
    password = await asyncio.to_thread(end.password) if end.password else None
    v5 = protocol is aiomqtt.ProtocolVersion.V5
    session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    session.SessionExpiryInterval = _SESSION_S
    client = aiomqtt.Client(
        end.host,
        end.port,
        username=end.username,
        password=password,
        logger=_library_log,
        identifier=client_id,
        queue_type=cast("Any", lambda maxsize: _Direct(sink)),  # noqa: ARG005
        protocol=protocol,
        will=aiomqtt.Will(presence, "offline", qos=1, retain=True) if presence else None,
        clean_session=None if v5 else True,
        clean_start=False if v5 else 3,
        properties=session if v5 else None,
        timeout=_CONNECT_S,
        keepalive=end.keepalive_s,
        # Without it a command waits up to 40 ms for the broker's delayed acknowledgement of what went before.
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        tls_params=aiomqtt.TLSParameters(ca_certs=str(end.ca_file) if end.ca_file else None) if end.tls else None,
    )
    client.pending_calls_threshold = 100_000
    return client


async def enter(client: aiomqtt.Client) -> None:
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
            client._client.disconnect()  # noqa: SLF001 (there is no public way)
        raise
    except aiomqtt.MqttError:
        client._client.disconnect()  # noqa: SLF001 (it may yet be answered)
        raise


async def leave(client: aiomqtt.Client) -> None:
    """Disconnect in good order where the broker still listens."""
    client.timeout = _CLOSE_S
    with contextlib.suppress(aiomqtt.MqttError):
        await client.__aexit__(None, None, None)
        await anext(client.messages)  # raises at once, and so takes the library's own error off its hands


class _Direct(asyncio.Queue[aiomqtt.Message]):
    """Takes the place of the library's queue: hands every message on at once and stays empty.

    The library's own way makes two tasks a message; this one none.
    """

    def __init__(self, sink: Callable[[aiomqtt.Message], None]) -> None:
        super().__init__()
        self._sink = sink

    def put_nowait(self, item: aiomqtt.Message) -> None:
        self._sink(item)
