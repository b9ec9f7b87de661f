"""What a run leaves to the next: the ids that discovery has given, and which start of the machine it was."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from edge.files import replace_file
from edge.schedule import boot_id

log = logging.getLogger(__name__)

_SAVE_S: Final = 30.0


def load_ids(file: Path) -> dict[str, str]:
    """The ids given earlier; empty where there are none or the file was damaged: they are only a convenience."""
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in given.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        log.warning("house.ids_unreadable", extra={"file": str(file), "reason": str(error)})
        return {}


def save_ids(file: Path, ids: Mapping[str, str]) -> None:
    """Write them, atomically; raises OSError."""
    fresh = file.with_name(file.name + ".new")
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh.write_text(json.dumps(ids, ensure_ascii=False, indent=0), encoding="utf-8")
    fresh.replace(file)


@asynccontextmanager
async def kept_ids(ids: Mapping[str, str], file: Path) -> AsyncIterator[None]:
    """Saves the ids while they grow, seldom, and once more at the end."""
    saved = len(ids)

    async def save() -> None:
        nonlocal saved
        if len(ids) != saved:
            count, copy = len(ids), dict(ids)
            try:
                await asyncio.to_thread(save_ids, file, copy)
                saved = count
            except OSError as error:
                log.warning("house.ids_not_saved", extra={"file": str(file), "reason": str(error)})

    async def now_and_then() -> None:
        while True:
            await asyncio.sleep(_SAVE_S)
            await save()

    task = asyncio.create_task(now_and_then(), name="house-ids")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        await save()


def same_boot(file: Path) -> bool:
    """Whether this machine was not started anew since the last run, which is noted in the file. Blocks.

    What a broker has kept for us over a power cut may be hours old, and its own clock as wrong as ours.
    """
    now = boot_id()
    try:
        before = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        before = ""
    if before == now:
        return bool(now)
    with contextlib.suppress(OSError):  # then the next run does not know either, and is careful
        replace_file(file, f"{now}\n".encode())
    return False
