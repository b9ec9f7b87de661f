"""The house on the broker: the link, what it finds there, and the conversation over it."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.assistant.model import Announcement
from edge.devices.model import Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.devices.wishes import Wish
from edge.llm.household import tell_steps
from edge.mqtt.access import configured_endpoint, doubts
from edge.mqtt.broker import BrokerAddress, SupervisedBroker, write_address
from edge.mqtt.client import Endpoint
from edge.mqtt.conversation import Conversation
from edge.mqtt.discovery import Discovery
from edge.mqtt.house import House
from edge.mqtt.link import Link, LinkState
from edge.mqtt.remembered import kept_ids, load_ids, same_boot
from edge.mqtt.room import RoomTopics
from edge.settings import Loaded

if TYPE_CHECKING:
    from edge.service.service import Service
    from edge.settings.model import Settings


log = logging.getLogger(__name__)

_FIRST_TRY_S: Final = 2.0


class Nowhere:
    """Moves devices where there is no broker: not at all."""

    async def perform(self, call: ServiceCall) -> Outcome:  # noqa: ARG002 (the protocol's)
        """Nothing can be reached."""
        return Outcome.UNAVAILABLE


async def open_broker(loaded: Loaded, stack: AsyncExitStack) -> tuple[SupervisedBroker | None, Endpoint]:
    """The configured broker, or one of our own; other processes of this machine are told where it is."""
    mqtt, places = loaded.settings.mqtt, loaded.places
    broker = None
    if mqtt.broker is None:
        broker = await stack.enter_async_context(SupervisedBroker(state=places.state, spare=places.runtime))
        endpoint = configured_endpoint(mqtt, host=broker.address.host, port=broker.address.port)
    else:
        endpoint = configured_endpoint(mqtt)
        for doubt in await asyncio.to_thread(doubts, mqtt):
            log.warning("mqtt.doubtful", extra={"doubt": doubt})
    file = places.broker_address
    address = BrokerAddress(endpoint.host, endpoint.port)
    node = loaded.settings.node
    await asyncio.to_thread(write_address, file, address, node=node, supervised=broker is not None)
    stack.push_async_callback(asyncio.to_thread, file.unlink, missing_ok=True)
    return broker, endpoint


async def open_house(
    settings: "Settings",
    endpoint: Endpoint,
    registry: Registry,
    ids_file: Path,
    wished: Mapping[str, Wish],
    stack: AsyncExitStack,
) -> tuple[Link, House]:
    """Two connections: what the house says, in floods at times, must not stand before a question in the queue.

    The first, over which we are asked, waits for `begin`.
    """
    name = f"edge-{settings.node}"
    resume = await asyncio.to_thread(same_boot, ids_file.with_name("mqtt-session"))
    presence = f"{settings.base}/state"
    link = Link(endpoint, client_id=name, presence=presence, resume=resume, held=True)
    await stack.enter_async_context(link)
    watch = await stack.enter_async_context(Link(replace(endpoint, session_s=0), client_id=f"{name}-house"))
    ids = await asyncio.to_thread(load_ids, ids_file)
    discovery = Discovery(settings.mqtt.discovery_prefix, ids=ids)
    house = House(
        watch=watch,
        send=link,
        registry=registry,
        discovery=discovery,
        wishes=wished,
        command_timeout_s=settings.mqtt.command_timeout_s,
    )
    await stack.enter_async_context(kept_ids(ids, ids_file))
    return link, house


async def begin(link: Link) -> None:
    """Connect, now that everybody listens. What is due at once wants to be told: the first try is waited for."""
    link.begin()
    with suppress(TimeoutError):
        async with asyncio.timeout(_FIRST_TRY_S):
            await link.reached(LinkState.CONNECTED, LinkState.LOST, LinkState.REFUSED)


async def converse(service: "Service", link: Link, stack: AsyncExitStack) -> Conversation:
    async def health() -> Mapping[str, Any]:
        return await asyncio.to_thread(service.status)

    conversation = Conversation(
        link,
        base=service.loaded.settings.base,
        ask=service.assistant.ask,
        registry=service.registry,
        health=health,
    )
    await stack.enter_async_context(conversation)

    async def announce(announcement: Announcement) -> None:
        facts = dict(announcement.event)
        conversation.event(str(facts.pop("event", "announcement")), **facts)

    stack.callback(service.assistant.announce_to(announce))
    stack.callback(tell_steps(service.model, conversation.event))
    topics = RoomTopics(link, base=service.loaded.settings.base, speaker=service.voice, event=conversation.event)
    await stack.enter_async_context(topics)
    conversation.speak = topics.speak
    service.facts["mqtt"] = lambda: _facts(link, service.house)
    service.voice.on_reply = conversation.replied
    service.voice.on_event = conversation.event
    return conversation


def _facts(link: Link, house: House | None) -> Mapping[str, Any]:
    """What `edge status` and `edge doctor` tell of the connection, beside where it leads."""
    diagnosis = link.diagnosis
    return {
        "protocol": "5" if link.speaks_5 else "3.1.1",
        "tls": link.endpoint.tls is not None,
        "kind": diagnosis.kind.value if diagnosis else None,
        "text": diagnosis.text if diagnosis else None,
        "remedy": diagnosis.remedy if diagnosis else None,
        "not_allowed": dict(link.refusals),
        "dropped": house.dropped if house else 0,
    }
