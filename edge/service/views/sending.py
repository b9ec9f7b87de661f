"""Files that somebody sends to the page: one at a time, bounded, whole or not at all, never the disk's last room."""

import asyncio
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from edge.api.http.errors import HttpError
from edge.api.http.routes import Call

if TYPE_CHECKING:
    from edge.api.http.page.hub import Hub
    from edge.service.service import Service

LEFT_FREE_BYTES: Final = 256 << 20
"""On the disk, after something was sent."""
SEND_S: Final = 60.0
"""How long whoever sends may say nothing."""
UPDATES: Final = "updates"
"""In the state directory: where what is sent lies."""


class Inbox:
    """Belongs to the event loop."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = asyncio.Lock()

    async def receive(self, call: Call, name: str, most_bytes: int) -> int:
        """Write a body to a file, in the place of the one sent before. Raises `HttpError`."""
        if self._lock.locked():
            raise HttpError(409, "something is being sent already: wait for it")
        if (call.request.content_length or 0) > most_bytes:
            raise HttpError(413, f"that is too large: at most {most_bytes >> 20} MiB are taken")
        async with self._lock:
            part = self.directory / f"{name}.{secrets.token_hex(4)}.part"
            try:
                size = await self._written(call, part, most_bytes)
                await asyncio.to_thread(part.replace, self.directory / name)
            except OSError as error:
                raise HttpError(507, f"it can't be written: {error.strerror or error}") from error
            finally:
                await asyncio.to_thread(part.unlink, missing_ok=True)
        return size

    async def _written(self, call: Call, part: Path, most_bytes: int) -> int:
        def begin() -> Any:
            part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in part.parent.glob("*.part"):
                left.unlink(missing_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            return os.fdopen(handle, "wb")

        def room() -> int:
            return shutil.disk_usage(part.parent).free - LEFT_FREE_BYTES

        stream = await asyncio.to_thread(begin)
        size = 0
        try:
            if await asyncio.to_thread(room) < (call.request.content_length or 0):
                raise HttpError(507, "there is no room for it on the disk: `edge models rm NAME` makes some")
            content = call.request.content
            while True:
                async with asyncio.timeout(SEND_S):
                    piece = await content.read(1 << 18)
                if not piece:
                    break
                size += len(piece)
                if size > most_bytes or (size >> 24 != (size - len(piece)) >> 24 and await asyncio.to_thread(room) < 0):
                    raise HttpError(413, "that is too large for this machine")
                await asyncio.to_thread(stream.write, piece)
        except TimeoutError:
            raise HttpError(408, f"nothing came for {SEND_S:g} s") from None
        finally:
            await asyncio.to_thread(stream.close)
        if not size:
            raise HttpError(400, "the file is empty")
        return size


_SHARED: "WeakKeyDictionary[Hub, Inbox]" = WeakKeyDictionary()


def shared_inbox(service: "Service", hub: "Hub") -> Inbox:
    """That of a page, which its views share."""
    if hub not in _SHARED:
        _SHARED[hub] = Inbox(service.loaded.places.state / UPDATES)
    return _SHARED[hub]


def size_of(file: Path) -> int | None:
    """Bytes; None where it is not there. Blocks."""
    try:
        return file.stat().st_size
    except OSError:
        return None
