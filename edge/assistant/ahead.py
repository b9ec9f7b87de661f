"""Has the language model read what the house is made of before anybody asks: once the house has settled."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

from edge.devices.registry import Change, ChangeKind, Registry

SETTLED_S: Final = 8.0
"""Without a new or changed device for so long, discovery has told all it had to tell."""


class Ahead:
    """Async context manager: awaits `prepare` whenever devices have changed and then been the same for a while."""

    def __init__(
        self, registry: Registry, prepare: Callable[[], Awaitable[None]], settled_s: float = SETTLED_S
    ) -> None:
        self._registry = registry
        self._prepare = prepare
        self._settled_s = settled_s
        self._changed = asyncio.Event()
        self._changed.set()

    async def __aenter__(self) -> Self:
        self._end = self._registry.listen(self._note)
        self._task = asyncio.create_task(self._run(), name="assistant.ahead")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._task.cancel()
        await asyncio.wait((self._task,))

    def _note(self, change: Change) -> None:
        if change.kind is not ChangeKind.STATE:
            self._changed.set()

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            with contextlib.suppress(TimeoutError):
                while True:
                    self._changed.clear()
                    async with asyncio.timeout(self._settled_s):
                        await self._changed.wait()
            await self._prepare()
