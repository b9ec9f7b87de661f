"""One connection that stands: tells the broker what we want to hear, hands it what we have to say."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.log import RateLimited
from edge.mqtt.client import BrokerClient, Endpoint
from edge.mqtt.errors import MqttLinkError, NotAllowedError
from edge.mqtt.outbox import Outbox, Outgoing
from edge.mqtt.subscriptions import Subscriptions
from edge.mqtt.trouble import reason_code

log = logging.getLogger(__name__)

_BATCH: Final = 200
"""Filters in one SUBSCRIBE packet."""
_QUIET_S: Final = 3.0
_MOST_TRIES: Final = 4
"""Connections that may be lost over one message: a broker drops clients for a packet that it finds too large."""
_MOST_REFUSALS: Final = 50

_T = TypeVar("_T")


class LinkState(StrEnum):
    """How the connection is doing."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    """No connection, or none any more: the network, or a broker that is not there."""
    REFUSED = "refused"
    """Something that a person has to mend: user name, password, the broker's access list, certificates."""
    CLOSED = "closed"


@dataclass(slots=True)
class LinkCounts:
    """What went through since the start."""

    received: int = 0
    published: int = 0
    connects: int = 0


class Connection:
    """What is done over one client, from when it is in until it is lost."""

    def __init__(self, client: BrokerClient, endpoint: Endpoint, counts: LinkCounts, *, speaks_5: bool) -> None:
        self._client = client
        self._endpoint = endpoint
        self._speaks_5 = speaks_5
        self._counts = counts
        self._limited = RateLimited(log)
        self.refusals: dict[str, str] = {}
        """Topics that the broker's access list keeps us from, each with its word for it."""

    async def until_lost(self) -> None:
        """Messages go past this iterator; it ends with the connection's own error."""
        async for _ in self._client.messages:
            pass

    async def tell(self, subscriptions: Subscriptions) -> None:
        """Have the broker know every filter that it has not been told of."""
        most = self._client.limits.packet_bytes
        while filters := subscriptions.take_removals(_BATCH, most):
            await self._answered(self._client.unsubscribe(filters))
        while batch := subscriptions.take_additions(_BATCH, most):
            worded = self._worded(batch, subscriptions.others_only)
            answers = await self._answered(self._client.subscribe(worded)) or ()
            subscriptions.note_told(batch)
            for (topic_filter, _), answer in zip(batch, answers, strict=False):
                if reason_code(answer) >= 128:
                    self._refused("mqtt.subscription_refused", topic_filter, str(answer).lower())

    async def empty(self, outbox: Outbox, tasks: asyncio.TaskGroup) -> None:
        """Tasks begin in the order they are made, so the library gets the messages in the order they were handed in."""
        while True:
            for message in await outbox.take(_MOST_TRIES):
                tasks.create_task(self.deliver(message))

    async def deliver(self, message: Outgoing) -> None:
        """Raises nothing but what ends the connection; why the broker refuses a message is set as its result."""
        try:
            await self._client.send(message, self._properties(message) if self._speaks_5 else None)
        except MqttLinkError as error:
            if isinstance(error, NotAllowedError):
                self._refused("mqtt.publication_refused", message.topic, str(error))
            if not message.done.done():
                message.done.set_exception(error)
                message.done.exception()  # nobody may be waiting for it
            return
        self._counts.published += 1
        if not message.done.done():
            message.done.set_result(None)

    @staticmethod
    def _properties(message: Outgoing) -> Properties | None:
        if message.correlation is None and message.expiry_s is None:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if message.correlation is not None:
            properties.CorrelationData = message.correlation
        if message.expiry_s is not None:
            properties.MessageExpiryInterval = message.expiry_s
        return properties

    def _worded(self, batch: list[tuple[str, int]], others_only: set[str]) -> Any:
        """The filters as the protocol has them."""
        if not self._speaks_5:
            return batch
        return [(one, SubscribeOptions(qos=qos, noLocal=one in others_only)) for one, qos in batch]

    def _refused(self, event: str, topic: str, reason: str) -> None:
        """Say, and keep for those who ask, that the broker's access list keeps us from a topic."""
        if len(self.refusals) < _MOST_REFUSALS:
            self.refusals[topic] = reason
        who = self._endpoint.username or "clients without a user name"
        self._limited.warning(event, topic, {"reason": reason, "advice": f"let the access list allow it to {who}"})

    async def _answered(self, request: Coroutine[Any, Any, _T]) -> _T | None:
        """The broker's answer; None when the line has gone quiet without one.

        An answer may come after a flood of messages, and mosquitto at its queue limit drops even answers.
        """
        asking = asyncio.ensure_future(request)
        try:
            while not asking.done():
                received = self._counts.received
                await asyncio.wait({asking}, timeout=_QUIET_S)
                if not asking.done() and received == self._counts.received:
                    self._limited.warning("mqtt.no_answer", self._endpoint.host, {"waited_s": _QUIET_S})
                    return None
            return asking.result()
        finally:
            asking.cancel()
