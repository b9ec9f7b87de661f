"""Finds what the broker keeps of an appliance that lost its state: the same device, not another beside a ghost."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Final

from edge.identity import ORIGIN, is_device_id
from edge.mqtt.link import Link
from edge.mqtt.payloads import loads
from edge.mqtt.subscriptions import Received

log = logging.getLogger(__name__)

_TRIES: Final = 3
_TRY_S: Final = 5.0
"""For a broker that loses the connection meanwhile, or lets us see or say nothing there."""
_MOST_BYTES: Final = 256 * 1024


async def former_id(link: Link, *, prefix: str, base: str) -> str | None:
    """The id under which an appliance with these topics was announced here before; waits for the connection."""
    found: list[str] = []
    looked = asyncio.Event()
    mark = f"{base}/looking"

    def on_config(message: Received) -> None:
        identifier = message.topic.split("/")[-2]
        if message.retain and is_device_id(identifier) and _is_ours(message.payload, f"{base}/state"):
            found.append(identifier)

    def on_mark(_: Received) -> None:
        looked.set()

    link.subscribe([f"{prefix}/device/+/config"], on_config)
    link.subscribe([mark], on_mark)
    try:
        for _ in range(_TRIES):
            await link.connected()
            # What is retained comes before what is published after the subscription.
            await link.publish(mark, b"", qos=0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TRY_S):
                    await looked.wait()
                break
    finally:
        link.unsubscribe([f"{prefix}/device/+/config"], on_config)
        link.unsubscribe([mark], on_mark)
    if found:
        log.info("appliance.known_before", extra={"id": found[0]})
    return found[0] if found else None


def _is_ours(payload: bytes, presence: str) -> bool:
    """Whether this is an appliance's discovery payload whose presence is told on that topic."""
    told = loads(payload.decode("utf-8", errors="replace")) if len(payload) <= _MOST_BYTES else None
    if not isinstance(told, Mapping):
        return False
    origin, availability = told.get("origin"), told.get("availability")
    return (
        isinstance(origin, Mapping)
        and origin.get("name") == ORIGIN
        and isinstance(availability, list)
        and {"topic": presence} in availability
    )
