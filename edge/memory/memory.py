"""The memory of a house: opened when it is first needed, kept at once, told to whoever watches it."""

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from edge.memory.errors import RecollectionError
from edge.memory.matching import content, one_line
from edge.memory.model import Alias, Entry, Kind, Match
from edge.memory.store import Store

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
LONGEST: Final = 500
"""Characters of a fact or a note."""
MOST: Final = 2000
"""Facts and notes together."""
MOST_ALIASES: Final = 300


class Memory:
    """Async context manager; what a method returns from is on the disk. Methods raise `RecollectionError`.

    Nothing is opened for a house that has never had anything remembered. The database is in a thread of its own.
    """

    def __init__(self, file: Path, now_s: Callable[[], float]) -> None:
        """`now_s`: seconds since 1970."""
        self.file = file
        self._now_s = now_s
        self._store = Store(file)
        self._thread: ThreadPoolExecutor | None = None
        self._entries: dict[str, Entry] = {}
        self._aliases: list[Alias] = []
        self._read = False
        self._observers: list[Callable[[], None]] = []
        self._changing = asyncio.Lock()
        self.trouble = ""
        """Why what was remembered can't be read, for people; empty where it can."""

    async def __aenter__(self) -> Self:
        if await asyncio.to_thread(self.file.exists):
            try:
                await self._loaded()
            except RecollectionError as error:
                self.trouble = str(error)
                log.error("memory.unreadable", extra={"path": str(self.file), "error": str(error)})  # noqa: TRY400
        else:
            self._read = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
            self._thread.shutdown(wait=False)

    @property
    def empty(self) -> bool:
        """Whether there is neither fact nor note."""
        return self._read and not self._entries

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged file is kept that was found in this run."""
        return self._store.set_aside

    @property
    def aliases(self) -> Sequence[Alias]:
        """All other names, the oldest first."""
        return tuple(self._aliases)

    def entries(self, kind: Kind | None = None) -> tuple[Entry, ...]:
        """Facts, notes or both, the oldest first."""
        return tuple(one for one in self._entries.values() if kind is None or one.kind is kind)

    def entry(self, key: str) -> Entry | None:
        """The one with this id."""
        return self._entries.get(key)

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called after every change; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    async def find(self, text: str, kind: Kind | None = None) -> list[Match]:
        """What has to do with a text, those that share most words with it first; nothing for one of empty words."""
        words = content(text)
        return [] if self.empty or not words else await self._in_thread(lambda: self._store.find(words, kind))

    async def add(self, kind: Kind, text: str, *, by: str = "", area: str | None = None) -> Entry:
        """Remember something; what is there word by word already is not there twice."""
        said = one_line(text)
        if not said:
            raise RecollectionError("There is nothing to remember in that.")
        if len(said) > LONGEST:
            raise RecollectionError(f"That is too long to remember: {LONGEST} characters at most.")
        await self._loaded()
        for one in self._entries.values():
            if one.kind is kind and one.text.casefold() == said.casefold():
                return one
        if len(self._entries) >= MOST:
            raise RecollectionError(f"I remember {MOST} things already: let me forget some first.")
        entry = Entry(secrets.token_hex(4), kind, said, self._now_s(), by, area)
        await self.put([entry])
        return entry

    async def put(self, entries: Iterable[Entry], instead_of: Iterable[str] = ()) -> None:
        """Keep these, as they are, in the place of those with the ids."""
        await self._loaded()
        fresh, gone = list(entries), [one for one in instead_of if one in self._entries]
        async with self._changing:
            await self._in_thread(lambda: self._store.change(put=fresh, gone=gone))
            for key in gone:
                self._entries.pop(key, None)
            kept = sorted((*self._entries.values(), *fresh), key=lambda one: one.at_s)
            self._entries = {one.id: one for one in kept}
        self._tell()

    async def forget(self, *keys: str) -> tuple[Entry, ...]:
        """Forget those with the ids; returns those that were there."""
        gone = tuple(one for key in dict.fromkeys(keys) if (one := self._entries.get(key)) is not None)
        if gone:
            await self.put((), [one.id for one in gone])
        return gone

    async def name(self, alias: Alias) -> None:
        """Keep another name of something."""
        await self._loaded()
        if len(self._aliases) >= MOST_ALIASES:
            raise RecollectionError(f"I know {MOST_ALIASES} such names already: have me forget some first.")
        async with self._changing:
            await self._in_thread(lambda: self._store.change(named=[alias]))
            self._aliases = [*(one for one in self._aliases if not _same(one, alias)), alias]
        self._tell()

    async def unname(self, *aliases: Alias) -> None:
        """Forget other names."""
        if not aliases:
            return
        async with self._changing:
            await self._in_thread(lambda: self._store.change(unnamed=aliases))
            self._aliases = [one for one in self._aliases if not any(_same(one, other) for other in aliases)]
        self._tell()

    async def _loaded(self) -> None:
        if not self._read or self.trouble:
            entries, aliases = await self._in_thread(self._store.read)
            self._entries, self._aliases = {one.id: one for one in entries}, list(aliases)
            self._read, self.trouble = True, ""

    def _tell(self) -> None:
        for observer in tuple(self._observers):
            observer()

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="memory")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            raise RecollectionError(f"{self.file}: {error}: is the disk full or read-only?") from error


def _same(one: Alias, other: Alias) -> bool:
    return (one.thing, one.id, one.name) == (other.thing, other.id, other.name)
