"""Whether the MQTT broker can be reached, takes us, lets us do what we have to, and keeps up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from edge.health.finding import Finding, fine, note, problem

_CHECK: Final = "broker"
_SHOWN: Final = 5


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
    devices: int | None = None
    """None: nobody has looked for them."""


def check(facts: BrokerFacts) -> Iterator[Finding]:
    """What there is to say."""
    whose = "its own broker" if facts.supervised else f"the broker at {facts.where}"
    if not facts.connected:
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
