"""`edge doctor --satellites`: whether those of the configuration are there, and which others there are."""

import asyncio
import re
import socket
from typing import TYPE_CHECKING, Final

from edge.errors import EdgeError
from edge.health.checks.satellites import check, look
from edge.health.finding import Finding, note
from edge.health.ground import Ground
from edge.settings import Loaded
from edge.speech.satellites import looking
from edge.speech.satellites.looking import Announced

if TYPE_CHECKING:
    from edge.settings.model import SatelliteSettings

_LOOK_S: Final = 3.0
_CHECK: Final = "satellites"


async def satellites(loaded: Loaded, seconds: float = _LOOK_S) -> list[Finding]:
    """Asks all that are configured and all that are announced what they are, and nothing else."""
    asked = await look(Ground(loaded))
    findings = list(check(asked)) if asked is not None else []
    try:
        there = await looking.announced(seconds)
    except EdgeError as error:
        return [*findings, note(_CHECK, str(error), "look with `avahi-browse -r _wyoming._tcp`")]
    known = set().union(*await asyncio.gather(*(_addresses(one) for one in loaded.settings.satellites)))
    findings += [_offered(one) for one in there if (one.host, one.port) not in known]
    remedy = "write those that announce nothing into the configuration by their address"
    return findings or [note(_CHECK, "no satellite announces itself here", remedy)]


def _offered(one: Announced) -> Finding:
    itself = one.itself
    name = re.sub(r"[^a-z0-9_-]+", "-", (itself.name or one.host).casefold()).strip("-")[:64] or "satellite"
    lines = ["[[satellites]]", f'name = "{name}"', f'host = "{one.host}"', f"port = {one.port}"]
    lines += [f'area = "{area}"'] if (area := re.sub(r'["\\\x00-\x1f]', "", itself.area or "")) else []
    text = f"{itself.name or 'a satellite'} at {one.host}:{one.port} is not used"
    return note(_CHECK, text, "to use it, add to the configuration: " + "  ".join(lines))


async def _addresses(one: "SatelliteSettings") -> set[tuple[str, int]]:
    """Where it is reached."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(one.host, one.port, type=socket.SOCK_STREAM)
    except OSError:
        return set()
    return {(str(address[0]), one.port) for *_, address in found}
