"""Zeroconf: says on the network that there is a Wyoming server here, so that Home Assistant offers to add it."""

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

log = logging.getLogger(__name__)

TYPE: Final = "_wyoming._tcp.local."
_ANY: Final = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not listened at
_LONGEST: Final = 60
"""Bytes of an instance's name."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What is announced."""

    name: str
    """One of a kind on the network."""
    host: str
    port: int


@asynccontextmanager
async def announced(what: Sequence[Announced]) -> AsyncIterator[None]:
    """While this is entered, they are announced, or tried to be; what keeps them from that is logged once."""
    task = asyncio.create_task(_announce(what), name="wyoming-announce")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _announce(what: Sequence[Announced]) -> None:
    try:
        zeroconf = await asyncio.to_thread(_library)
        addresses = await asyncio.to_thread(_addresses, what[0].host)
        running = zeroconf.asyncio.AsyncZeroconf(interfaces=addresses or zeroconf.InterfaceChoice.Default)
    except (OSError, ImportError, RuntimeError) as error:
        log.warning("wyoming.not_announced", extra={"reason": str(error)})
        return
    try:
        for one in what:
            name = one.name.encode()[:_LONGEST].decode(errors="ignore")
            info = zeroconf.asyncio.AsyncServiceInfo(
                TYPE, f"{name}.{TYPE}", parsed_addresses=addresses, port=one.port, server=f"{name}.local."
            )
            await running.async_register_service(info, allow_name_change=True)
            log.info("wyoming.announced", extra={"service": info.name, "addresses": addresses, "port": one.port})
        await asyncio.Event().wait()
    except zeroconf.Error as error:
        log.warning("wyoming.not_announced", extra={"reason": repr(error)})
    finally:
        with contextlib.suppress(zeroconf.Error, OSError, TimeoutError):
            async with asyncio.timeout(1.5):
                await running.async_unregister_all_services()
        await running.async_close()


def _library() -> Any:
    import zeroconf
    import zeroconf.asyncio

    return zeroconf


def _addresses(host: str) -> list[str]:
    """The addresses that others reach the host by; of "all" the one that this machine is known by on the network."""
    if host not in _ANY:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, family=socket.AF_INET)})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("224.0.0.251", 1))  # sends nothing: the kernel says which way it would go
        address = str(probe.getsockname()[0])
    return [] if ipaddress.ip_address(address).is_loopback else [address]
