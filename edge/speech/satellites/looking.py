"""Looks for satellites: what is at an address, and which announce themselves on the network."""

import asyncio
import importlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from edge.errors import EdgeError
from edge.wyoming import Event, Limits, WyomingError, connect, table, text

LIMITS: Final = Limits(data_bytes=256 * 1024, payload_bytes=512 * 1024)
"""Of what one event of a satellite may bring."""
_TYPE: Final = "_wyoming._tcp.local."
_ANSWER_S: Final = 3.0
_LONGEST_NAME: Final = 200
_MOST: Final = 64
"""Announcements that are looked at."""


@dataclass(frozen=True, slots=True)
class Itself:
    """What a satellite says of itself."""

    name: str | None = None
    area: str | None = None
    version: str | None = None
    wakes: bool = False
    """Whether it listens for wake words by itself."""
    there: bool = False
    """Whether it says that it is a satellite at all."""

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Self:
        """Of an `info` event; raises `WyomingError`."""
        satellite = table(data, "satellite")
        return cls(
            text(satellite, "name", _LONGEST_NAME),
            text(satellite, "area", _LONGEST_NAME),
            text(satellite, "version", _LONGEST_NAME),
            bool(satellite.get("active_wake_words") or data.get("wake")),
            bool(satellite),
        )


@dataclass(frozen=True, slots=True)
class Announced:
    """A satellite that announces itself."""

    host: str
    port: int
    itself: Itself


async def describe(host: str, port: int) -> Itself:
    """What is there; raises `WyomingError`."""
    async with await connect(host, port, LIMITS) as stream:
        await stream.write(Event("describe"))
        try:
            async with asyncio.timeout(_ANSWER_S):
                while (event := await stream.read()) is not None:
                    if event.type == "info":
                        return Itself.parse(event.data)
        except TimeoutError:
            pass
    raise WyomingError(f"{host}:{port} does not say what it is within {_ANSWER_S:g} s")


async def announced(seconds: float, interfaces: list[str] | None = None) -> list[Announced]:
    """The satellites of others that are heard of within so many seconds, by address; raises `EdgeError`."""
    addresses = {one for one in await heard_of(seconds, interfaces) if not _ours(one[0])}
    there = await asyncio.gather(*(_asked(*address) for address in sorted(addresses)[:_MOST]))
    return [one for one in there if one is not None]


async def _asked(host: str, port: int) -> Announced | None:
    try:
        itself = await describe(host, port)
    except WyomingError:
        return None
    return Announced(host, port, itself) if itself.there else None


async def heard_of(seconds: float, interfaces: list[str] | None = None) -> set[tuple[str, int]]:
    """Hosts and ports of all Wyoming servers that announce themselves; raises `EdgeError`."""
    zeroconf = await asyncio.to_thread(importlib.import_module, "zeroconf")
    by_loop = await asyncio.to_thread(importlib.import_module, "zeroconf.asyncio")
    found: set[tuple[str, int]] = set()
    names: set[str] = set()

    def note(zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:  # noqa: ARG001 (as it is called)
        names.add(name)

    try:
        async with by_loop.AsyncZeroconf(interfaces=interfaces or zeroconf.InterfaceChoice.Default) as running:
            browser = by_loop.AsyncServiceBrowser(running.zeroconf, _TYPE, handlers=[note])
            await asyncio.sleep(seconds)
            await browser.async_cancel()
            for name in sorted(names)[:_MOST]:
                info = await running.async_get_service_info(_TYPE, name, timeout=1000)
                hosts = info.parsed_addresses(zeroconf.IPVersion.V4Only) if info is not None else []
                found |= {(host, info.port) for host in hosts}
    except OSError as error:
        raise EdgeError(f"the network can't be asked for satellites: {error}") from None
    return found


def _ours(host: str) -> bool:
    """Whether this machine has that address: only then can it be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.bind((host, 0))
        except OSError:
            return False
    return True
