"""Whether Wyoming is served where it should be, and who could use it."""

import errno
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground

_HERE: Final = ("127.0.0.1", "::1", "localhost")
_OPEN: Final = "The protocol has no passwords: let nobody but Home Assistant reach the port (a firewall)"


@dataclass(frozen=True, slots=True)
class WyomingFacts:
    """How it is served, or would be."""

    listening: Sequence[str]
    """Addresses that are listened at, or could be."""
    troubles: Sequence[str]
    """Why others are not, each with what to do after a colon."""
    is_open: bool
    """Whether others than this machine can reach it."""
    confirms: bool
    """Whether a yes from there unlocks."""


async def look(ground: Ground) -> WyomingFacts | None:
    """The running service where there is one, else its ports tried; None where it is switched off."""
    wyoming = ground.loaded.settings.wyoming
    ports = {wyoming.port: "wyoming.port", wyoming.satellite_port: "wyoming.satellite_port"}
    ports.pop(0, None)
    if not wyoming.enabled or not (ports or wyoming.socket):
        return None
    if ground.status is not None:
        listening, troubles = _served(ground)
    else:
        listening, troubles = await ground.aside(_tried, wyoming.host, ports)
    return WyomingFacts(listening, troubles, bool(ports) and wyoming.host not in _HERE, wyoming.confirm)


def _served(ground: Ground) -> tuple[list[str], list[str]]:
    """What the service says."""
    parts = [ground.told(name) for name in ("wyoming", "satellite_of")]
    listening = [str(address) for part in parts for address in part.get("listening", ())]
    return listening, [str(part["trouble"]) for part in parts if part.get("trouble")]


def _tried(host: str, ports: dict[int, str]) -> tuple[list[str], list[str]]:
    free, troubles = [], []
    for port, setting in ports.items():
        try:
            with socket.create_server((host, port)):
                free.append(f"{host}:{port}, once `edge run` runs")
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                troubles.append(f"{host}:{port} is in use by another program: end that, or set {setting} to another")
            else:
                troubles.append(f"{host}:{port} can't be listened on ({error.strerror}): set wyoming.host or {setting}")
    return free, troubles


def check(facts: WyomingFacts) -> Iterator[Finding]:
    """A finding for each address, and one for what is risky."""
    for trouble in facts.troubles:
        text, _, remedy = trouble.rpartition(": ")
        yield problem("wyoming", text or trouble, remedy if text else "see docs/wyoming.md")
    if facts.listening:
        yield fine("wyoming", ", ".join(facts.listening))
    if facts.is_open and facts.confirms:
        text = "everybody who reaches this machine can unlock what is asked about with a yes (wyoming.confirm)"
        yield problem("wyoming", text, "set confirm.pin, or wyoming.confirm = false")
    elif facts.is_open:
        yield note("wyoming", "everybody who reaches this machine can use it", _OPEN)
