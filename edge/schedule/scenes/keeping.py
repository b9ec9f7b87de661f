"""The scenes of a house: read at the start, kept in their file, told to whoever watches them."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from edge.devices.words import tokens
from edge.schedule.errors import ScheduleError
from edge.schedule.scenes import book
from edge.schedule.scenes.model import Scene

log = logging.getLogger(__name__)

_FULL: Final = f"There are {book.MOST_SCENES} scenes already: delete some first."


class Scenes:
    """What `put` and `remove` return from is on the disk.

    A file that can't be read is left as it is, and nothing is kept until somebody has mended it: `problems` says what
    is wrong.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.problems: tuple[str, ...] = ()
        self._scenes: dict[str, Scene] = {}
        self._observers: list[Callable[[], None]] = []
        self._writing = asyncio.Lock()
        self._readable = True

    async def read(self) -> None:
        """Take up what the file has."""
        try:
            self._scenes, problems = await asyncio.to_thread(book.SCENES.load, self.file)
        except ScheduleError as error:
            self._readable, problems = False, [str(error)]
        self.problems = tuple(problems)
        for problem in problems:
            log.error("scenes.problem", extra={"problem": problem})

    @property
    def scenes(self) -> Mapping[str, Scene]:
        """All, by key, in the order they were made."""
        return MappingProxyType(self._scenes)

    def named(self, name: str) -> Scene | None:
        """The scene of this name, or of this key."""
        said = "".join(tokens(name))  # words joined or apart: "good night", "goodnight"
        found = (one for one in self._scenes.values() if "".join(tokens(one.name)) == said)
        return next(found, None) or self._scenes.get(name)

    def of_device(self, device: str) -> Scene | None:
        """The scene that a device of the registry stands for."""
        return next((one for one in self._scenes.values() if one.id == device), None)

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called whenever the scenes have changed; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    async def put(self, scene: Scene) -> Scene:
        """Keep a scene, in the place of the one with its key. Raises `ScheduleError`."""
        if scene.key not in self._scenes and len(self._scenes) >= book.MOST_SCENES:
            raise ScheduleError(_FULL)
        checked = book.scene_from(scene.key, book.plain(scene))
        await self._keep({**self._scenes, scene.key: checked})
        return checked

    async def remove(self, *keys: str) -> None:
        """Forget scenes. Raises `ScheduleError`."""
        await self._keep({key: one for key, one in self._scenes.items() if key not in keys})

    async def _keep(self, scenes: dict[str, Scene]) -> None:
        if not self._readable:
            raise ScheduleError(f"{self.problems[0]}: mend the file, or move it away, and start again.")
        async with self._writing:
            await asyncio.to_thread(book.SCENES.save, self.file, scenes)
            self._scenes = scenes
        for observer in tuple(self._observers):
            observer()
