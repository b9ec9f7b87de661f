"""What is announced can be found, and is found no more once it has gone."""

import asyncio
from typing import Any

from zeroconf import ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from edge.api.wyoming.announcing import TYPE, Announced, announced

HOST = "127.0.0.1"


class Browser:
    """Looks on the loopback interface."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.news = asyncio.Event()

    def changed(self, zeroconf: Any, service_type: str, name: str, state_change: ServiceStateChange) -> None:  # noqa: ARG002
        if state_change is ServiceStateChange.Removed:
            self.there.discard(name)
        else:
            self.there.add(name)
        self.news.set()

    async def until(self, name: str, *, there: bool) -> None:
        async with asyncio.timeout(20):
            while (name in self.there) is not there:
                self.news.clear()
                await self.news.wait()


async def test_it_is_found_while_it_is_there() -> None:
    name = f"edge-test-wyoming.{TYPE}"
    zeroconf, browser = AsyncZeroconf(interfaces=[HOST]), Browser()
    looking = AsyncServiceBrowser(zeroconf.zeroconf, TYPE, handlers=[browser.changed])
    try:
        async with announced([Announced("edge-test-wyoming", HOST, 10_300)]):
            await browser.until(name, there=True)
            info = AsyncServiceInfo(TYPE, name)
            assert await info.async_request(zeroconf.zeroconf, 3000)
            assert (info.port, info.parsed_addresses()) == (10_300, [HOST])
        await browser.until(name, there=False)
    finally:
        await looking.async_cancel()
        await zeroconf.async_close()


async def test_an_address_that_there_is_not_keeps_nobody_from_anything() -> None:
    async with announced([Announced("edge-test-wyoming", "no-such-host.invalid", 10_300)]):
        await asyncio.sleep(0)
