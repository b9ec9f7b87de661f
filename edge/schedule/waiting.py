"""Waiting for what is due next, or for whatever changes that."""

import asyncio

from edge.schedule.clock import Clock


async def first_of(clock: Clock, due: tuple[float | None, float | None], changed: asyncio.Event) -> None:
    """Return at the first of a moment on the boot clock, one on the wall clock, its being set, and a change."""
    waits = (asyncio.ensure_future(clock.wait(*due)), asyncio.ensure_future(changed.wait()))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
