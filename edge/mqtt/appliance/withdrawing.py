"""Takes the appliance out of Home Assistant again, once it is not to be announced any more."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edge.mqtt.appliance.alarms import AlarmTopics
from edge.mqtt.appliance.kept import Kept, around, load_kept, save_kept
from edge.mqtt.link import Link

log = logging.getLogger(__name__)


@asynccontextmanager
async def withdraw(link: Link, kept_in: Path, alarms: AlarmTopics) -> AsyncIterator["asyncio.Task[None]"]:
    """Have everything removed that was announced earlier, as soon as there is a connection; what does so is yielded.

    Alarms are others' business too: what `alarms` tells stays.
    """
    task = asyncio.create_task(_withdraw(link, kept_in, alarms), name="appliance-withdraw")
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _withdraw(link: Link, kept_in: Path, alarms: AlarmTopics) -> None:
    kept = await asyncio.to_thread(load_kept, kept_in)
    if kept == Kept():
        return
    await link.connected()
    for topic in kept.left():
        if topic in around(alarms.base):
            continue
        await link.publish(topic, b"", retain=True)
    alarms.again()
    await asyncio.to_thread(save_kept, kept_in, Kept())
    log.info("appliance.withdrawn", extra={"entities": len(kept.components)})
