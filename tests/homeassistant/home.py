"""A registry with a link to a Home Assistant, as the service puts them together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from edge.devices.registry import Registry
from edge.homeassistant import Access, Commands, Household, Link, LinkState
from tests.homeassistant.fake import TOKEN, FakeHomeAssistant

PATIENCE_S = 20.0


@dataclass
class Home:
    registry: Registry
    household: Household
    link: Link
    commands: Commands

    def name(self, device: str) -> str | None:
        known = self.registry.devices.get(device)
        return known.name if known else None

    def state(self, device: str) -> str | None:
        return self.registry.state(device).state


@asynccontextmanager
async def home_of(
    fake: FakeHomeAssistant, *, registry: Registry | None = None, timeout_s: float = 0.3, **more: Any
) -> AsyncIterator[Home]:
    """Connecting on its own."""
    registry = registry or Registry()
    household = Household(registry, **more)
    link = Link(Access(fake.url, written_token=TOKEN), household.mirror.live)
    commands = Commands(household, registry, lambda: link.session, command_timeout_s=timeout_s)
    async with link:
        try:
            yield Home(registry, household, link, commands)
        finally:
            household.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds; an AssertionError where it does not in time."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 (nothing tells of it)
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError("it never came") from None


async def read(home: Home) -> None:
    """Wait until everything was read and put into the registry."""
    await until(
        lambda: (
            home.link.state is LinkState.CONNECTED
            and home.household.mirror.is_complete
            and not home.household.is_behind
        )
    )
