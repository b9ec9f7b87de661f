"""Takes the appliance out of Home Assistant again, once it is not to be announced any more."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edge.mqtt.appliance.kept import Kept, load_kept, save_kept
from edge.mqtt.link import Link

log = logging.getLogger(__name__)


@asynccontextmanager
async def withdraw(link: Link, kept_in: Path) -> AsyncIterator["asyncio.Task[None]"]:
    """Have everything removed that was announced earlier, as soon as there is a connection; what does so is yielded."""
    task = asyncio.create_task(_withdraw(link, kept_in), name="appliance-withdraw")
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _withdraw(link: Link, kept_in: Path) -> None:
    kept = await asyncio.to_thread(load_kept, kept_in)
    if kept == Kept():
        return
    await link.connected()
    for topic in (*([kept.topic] if kept.topic else []), *kept.retained):
        await link.publish(topic, b"", retain=True)
    await asyncio.to_thread(save_kept, kept_in, Kept())
    log.info("appliance.withdrawn", extra={"entities": len(kept.components)})
