"""Whether the MQTT broker can be reached, takes us, lets us do what we have to, and keeps up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground
from edge.health.patience import within

_CHECK: Final = "broker"
_SHOWN: Final = 5
_TRY_S: Final = 3.0
PATIENCE_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class BrokerFacts:
    """As the running service has it, or as a try of our own found it."""

    where: str
    connected: bool
    supervised: bool = False
    protocol: str = "5"
    tls: bool = False
    text: str = ""
    """What is wrong."""
    remedy: str = ""
    not_allowed: Mapping[str, str] | None = None
    """Topics that the broker keeps us from, each with its word for it."""
    dropped: int = 0
    doubts: tuple[str, ...] = ()
    """What is not as it should be in the settings and their files, though it may work."""
    is_slow: bool = False
    """Whether nothing was heard in the time there was, neither yes nor no."""
    devices: int | None = None
    """None: nobody has looked for them."""


async def look(ground: Ground) -> BrokerFacts | None:
    """As the running service has it, or by a try of our own; None where only the service would start the broker."""
    from edge.mqtt.access import doubts

    mqtt = ground.loaded.settings.mqtt
    found = tuple(doubts(mqtt)) if mqtt.broker is not None else ()
    if ground.status is not None:
        return _told(ground.status, found)
    return await _tried(ground, found) if mqtt.broker is not None else None


def _told(status: Mapping[str, Any], doubts: tuple[str, ...]) -> BrokerFacts:
    broker, more = status["broker"], status.get("mqtt", {})
    return BrokerFacts(
        where=f"{broker.get('host', '?')}:{broker.get('port', '?')}",
        connected=broker["state"] == "connected",
        supervised=bool(broker.get("supervised")),
        protocol=str(more.get("protocol", "5")),
        tls=bool(more.get("tls")),
        text=str(more.get("text") or broker.get("trouble") or ""),
        remedy=str(more.get("remedy") or ""),
        not_allowed=dict(more.get("not_allowed", {})),
        dropped=int(more.get("dropped", 0)),
        doubts=doubts,
        devices=int(status["devices"]),
    )


async def _tried(ground: Ground, doubts: tuple[str, ...]) -> BrokerFacts:
    """Under a name of its own, so that a service elsewhere is not thrown out."""
    from edge.mqtt.access import configured_endpoint
    from edge.mqtt.link import Link, LinkState

    settings = ground.loaded.settings
    end = replace(configured_endpoint(settings.mqtt), session_s=0)
    async with Link(end, client_id=f"edge-{settings.node}-doctor", resume=False) as link:

        async def settled() -> LinkState:
            state = await link.reached(LinkState.CONNECTED, LinkState.REFUSED, LinkState.LOST)
            if state is LinkState.LOST and link.speaks_5:  # it may be an old one, which is tried once more
                state = await link.reached(LinkState.CONNECTED, LinkState.REFUSED)
            return state

        try:
            state = await within(_TRY_S, settled())
        except TimeoutError:
            state = link.state
        diagnosis = link.diagnosis
        return BrokerFacts(
            where=str(end),
            connected=state is LinkState.CONNECTED,
            protocol="5" if link.speaks_5 else "3.1.1",
            tls=end.tls is not None,
            text=diagnosis.text if diagnosis and state is not LinkState.CONNECTED else "",
            remedy=diagnosis.remedy if diagnosis else "",
            not_allowed=dict(link.refusals),
            doubts=doubts,
            is_slow=state is LinkState.CONNECTING and diagnosis is None,
        )


def check(facts: BrokerFacts) -> Iterator[Finding]:
    """What there is to say."""
    whose = "its own broker" if facts.supervised else f"the broker at {facts.where}"
    if not facts.connected and facts.is_slow:
        text = f"The broker at {facts.where} has not let us in yet: it, the network or this machine is slow"
        yield note(_CHECK, text, "Look again: edge doctor broker. If it stays so, see to the broker and to the network")
    elif not facts.connected:
        remedy = facts.remedy or "see to it that the broker runs, and that the network is up"
        yield problem(_CHECK, _capital(facts.text or f"no connection to {whose}"), _capital(remedy))
    else:
        yield fine(_CHECK, f"Connected to {whose} with MQTT {facts.protocol}{' over TLS' if facts.tls else ''}")
        yield from _connected(facts)
    for doubt in facts.doubts:
        what, _, remedy = doubt.rpartition(": ")
        yield note(_CHECK, what or doubt, remedy)


def _connected(facts: BrokerFacts) -> Iterator[Finding]:
    if facts.protocol != "5":
        text = "The broker speaks MQTT 3.1.1: no response topics, and nobody says why a message is refused"
        yield note(_CHECK, text, "Update the broker where you need them (mosquitto 1.6 and later speak MQTT 5)")
    for topic, reason in list((facts.not_allowed or {}).items())[:_SHOWN]:
        text = f"The broker does not let us use {topic} ({reason})"
        yield problem(_CHECK, text, "Allow it in the broker's access list for the user name that we use")
    if facts.dropped:
        text = (
            f"The broker has dropped {facts.dropped} messages, for us or for others: devices or states may be missing"
        )
        yield note(_CHECK, text, "Set max_queued_messages 0, or a large number, in the broker's configuration")
    if facts.devices == 0:
        text = "Nothing was found at the broker"
        remedy = "Do your devices announce themselves there, under mqtt.discovery_prefix? May we read those topics?"
        yield note(_CHECK, text, remedy)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
