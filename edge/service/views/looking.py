"""Looks around for the first run, as a process of its own: who announces itself on the network, what hears and speaks.

`python -m edge.service.views.looking mqtt|home-assistant|sound [SECONDS]` prints JSON. What it imports is gone with it.
"""

import asyncio
import contextlib
import json
import os
import sys
from typing import Any, Final

from edge.child import die_with

TYPES: Final = {
    "mqtt": ("_mqtt._tcp.local.", "_secure-mqtt._tcp.local."),
    "home-assistant": ("_home-assistant._tcp.local.",),
}
LISTEN_S: Final = 3.0
_INFO_MS: Final = 1500
_MOST: Final = 32
_LONGEST: Final = 200


async def announced(what: str, seconds: float, interfaces: list[str] | None = None) -> list[dict[str, Any]]:
    """What says of itself on the network that it is one: name, host, port, and of what it tells besides what we need.

    Raises OSError where the network can't be asked.
    """
    import zeroconf
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

    names: dict[str, str] = {}

    def note(zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:  # noqa: ARG001 (as it is called)
        names[name] = service_type

    found = []
    async with AsyncZeroconf(interfaces=interfaces or zeroconf.InterfaceChoice.Default) as running:
        browser = AsyncServiceBrowser(running.zeroconf, list(TYPES[what]), handlers=[note])
        await asyncio.sleep(seconds)
        await browser.async_cancel()
        for name in sorted(names)[:_MOST]:
            info = await running.async_get_service_info(names[name], name, timeout=_INFO_MS)
            if info is not None and (addresses := info.parsed_addresses(zeroconf.IPVersion.V4Only)):
                found.append(_told(name, names[name], addresses[0], info))
    return found


def _told(name: str, service_type: str, address: str, info: Any) -> dict[str, Any]:
    facts = {_text(key): _text(value) for key, value in (info.properties or {}).items()}
    port = int(info.port or 0)
    return {
        "name": _text(facts.get("location_name") or name.removesuffix(f".{service_type}")),
        "host": address,
        "port": port,
        "tls": service_type.startswith("_secure"),
        "url": _text(facts.get("internal_url") or f"http://{address}:{port}"),
        "version": facts.get("version", ""),
    }


def _text(value: Any) -> str:
    """What strangers announce, as one short line."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return "".join(char if char.isprintable() else " " for char in text)[:_LONGEST].strip()


async def sound() -> dict[str, Any]:
    """Microphones and loudspeakers by name, the likeliest marked."""
    from edge.errors import EdgeError
    from edge.speech import pulse
    from edge.speech.devices import Direction, with_nodes
    from edge.speech.opening import find
    from edge.speech.parts import missing_packages

    if missing := missing_packages("sounddevice"):
        return {"trouble": missing, "microphones": [], "loudspeakers": []}
    from edge.speech.portaudio import portaudio

    library = portaudio()
    told: dict[str, Any] = {"trouble": ""}
    for direction, key in ((Direction.INPUT, "microphones"), (Direction.OUTPUT, "loudspeakers")):
        likeliest = ""
        with contextlib.suppress(EdgeError):
            likeliest = str(await find(library, direction, None))
        try:
            listed = with_nodes(await library.devices(anew=False), await pulse.nodes(direction))
        except EdgeError as error:
            told |= {"trouble": str(error), key: []}
            continue
        names = {
            str(one): one.node.description if one.node and one.node.description else str(one)
            for one in listed
            if one.channels(direction) and not (one.node and one.node.is_monitor)
        }
        told[key] = [{"name": name, "title": title, "likeliest": name == likeliest} for name, title in names.items()]
    return told


def main(arguments: list[str]) -> int:
    """0 where it could look."""
    die_with(os.getppid())
    what = arguments[0]
    seconds = float(arguments[1]) if len(arguments) > 1 else LISTEN_S
    try:
        found: Any = asyncio.run(sound() if what == "sound" else announced(what, seconds))
    except OSError as error:
        print(f"the network can't be asked: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
