"""The sources and sinks of PulseAudio, or of PipeWire in its place, through the command `pactl`."""

import asyncio
import contextlib
import json
import logging
import os
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from edge.child import signalled
from edge.speech.devices import Direction, Node

log = logging.getLogger(__name__)

_PATIENCE_S: Final = 3.0
_AGAIN_S: Final = 5.0
_OF_INTEREST: Final = (b"on source #", b"on sink #", b"on server")
_CANCELLING: Final = ("echo-cancel", "echo_cancel", "echocancel")


async def nodes(direction: Direction) -> tuple[Node, ...] | None:
    """What the server has; None where no server answers, or `pactl` is not installed."""
    kind = "source" if direction is Direction.INPUT else "sink"
    listed = await pactl("-f", "json", "list", f"{kind}s")
    if listed is None:
        return None
    default = (await pactl(f"get-default-{kind}") or b"").decode(errors="replace").strip()
    try:
        entries = json.loads(listed)
        return tuple(_node(entry, default) for entry in entries if str(entry["name"]) != "auto_null")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("pulse.not_understood", extra={"reason": repr(error)})
        return None


@asynccontextmanager
async def news() -> AsyncIterator[asyncio.Event]:
    """An event that is set whenever sources or sinks come, go or change; never where there is no server."""
    changed = asyncio.Event()
    watcher = asyncio.create_task(_watch(changed))
    try:
        yield changed
    finally:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher


async def _watch(changed: asyncio.Event) -> None:
    while True:
        try:
            process = await asyncio.create_subprocess_exec(
                "pactl", "subscribe", stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=_environment()
            )
        except OSError:
            return
        try:
            assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
            with contextlib.suppress(ValueError):  # a line without an end
                while line := await process.stdout.readline():
                    if any(words in line for words in _OF_INTEREST):
                        changed.set()
        finally:
            await _end(process)
        changed.set()
        await asyncio.sleep(_AGAIN_S)


async def pactl(*words: str) -> bytes | None:
    """What `pactl` says to these words; None where it is not installed, no server answers or it fails."""
    try:
        process = await asyncio.create_subprocess_exec(
            "pactl", *words, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=_environment()
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_PATIENCE_S):
            said, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        await _end(process)
    return said if process.returncode == 0 else None


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill it, and read its pipe to the end, without which the loop keeps it."""
    signalled(process)
    await process.communicate()


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def _node(entry: dict[str, Any], default: str) -> Node:
    name = str(entry["name"])
    properties = entry.get("properties") or {}
    words = f"{name} {entry.get('driver', '')} {properties.get('node.group', '')}".casefold()
    return Node(
        index=int(entry["index"]),
        name=name,
        description=str(entry.get("description") or ""),
        is_default=name == default,
        is_monitor=properties.get("device.class") == "monitor" or name.endswith(".monitor"),
        cancels_echo=any(word in words for word in _CANCELLING),
        muted=bool(entry.get("mute")),
    )
