"""Room on the disk of the state: a little is held back for the day it is full, so that a start can still write.

A full disk must not keep the house from being obeyed. What can be made again goes first, then the reserve; both come
back once there is room.
"""

import asyncio
import contextlib
import logging
import os
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from edge.service.service import Service

log = logging.getLogger(__name__)

RESERVE: Final = "reserve"
RESERVE_BYTES: Final = 12 << 20
"""What a start and some days of timers and states need."""
SCARCE_BYTES: Final = 4 << 20
"""With less free than this a disk is full."""
PLENTY_BYTES: Final = 256 << 20
"""With more free than this the reserve is made, or made again."""
_AGAIN_S: Final = 900.0
_CACHES: Final = ("llm/prefixes", "voice-cache")
"""Below the state directory: what is only kept because it takes time to make."""


def make_room(state: Path) -> str | None:
    """Give up what can be given up where the disk is full; what was, as a problem for people. Blocks; never raises."""
    free = free_bytes(state)
    if free is None or free >= SCARCE_BYTES:
        return None
    for cache in _CACHES:
        for file in (state / cache).glob("*"):
            with contextlib.suppress(OSError):
                file.unlink()
    with contextlib.suppress(OSError):
        (state / RESERVE).unlink()
    left = free_bytes(state) or 0
    log.error("disk.full", extra={"directory": str(state), "free_bytes": left})
    return (
        f"the disk of {state} is full ({left / 1e6:.0f} MB could be freed): remove what is not needed "
        "(`edge models rm NAME`, old backups); until then new readings, timers and requests may be lost"
    )


def keep_reserve(state: Path) -> None:
    """Hold a little back where there is plenty. Blocks; never raises."""
    file = state / RESERVE
    free = free_bytes(state)
    if free is None or free < PLENTY_BYTES or file.exists():
        return
    fresh = file.with_name(f"{RESERVE}.new")
    try:
        with fresh.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, RESERVE_BYTES)
        fresh.replace(file)
    except OSError as error:
        log.warning("disk.no_reserve", extra={"reason": str(error)})
        with contextlib.suppress(OSError):
            fresh.unlink()


def free_bytes(state: Path) -> int | None:
    """What we may still write; None where nobody can say."""
    try:
        return shutil.disk_usage(state).free
    except OSError:
        return None


async def open_room(service: "Service", stack: AsyncExitStack) -> None:
    """Look after it as long as the service runs; for `edge status` too."""
    state = service.loaded.places.state

    async def look() -> None:
        while True:
            await asyncio.to_thread(keep_reserve, state)
            await asyncio.sleep(_AGAIN_S)

    task = asyncio.create_task(look(), name="room")

    async def end() -> None:
        task.cancel()
        await asyncio.wait((task,))

    stack.push_async_callback(end)
    service.facts["disk"] = lambda: facts(state)


def facts(state: Path) -> dict[str, Any]:
    """Bytes of the disk that the state lies on, and what is written to it."""
    from edge.health.card import written

    try:
        usage = shutil.disk_usage(state)
    except OSError:
        return {}
    return {"free_bytes": usage.free, "total_bytes": usage.total, **written(state)}
