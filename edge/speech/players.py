"""Media players of a room's area make way while somebody speaks, and are as loud as before when that is over."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from edge.assistant.ports import Actuator
from edge.devices.model import Outcome, ServiceCall
from edge.devices.registry import Change, Registry
from edge.files import replace_file
from edge.router.model import Routing
from edge.speech.ducking import Ducking

log = logging.getLogger(__name__)

_AUDIBLE: Final = 0.02
_SAME: Final = 0.021
"""Levels this near are one: players round, some to fiftieths."""


@dataclass(slots=True)
class _Ducked:
    """A player that is quieter than somebody wants it; levels are 0..1."""

    before: float
    low: float
    """What it was told, or what came of that."""
    holders: set[object] = field(default_factory=set)
    """Who speaks."""


class Players:
    """Async context manager: one for all rooms. What is quieter when the service dies is put right by the next one.

    A player that somebody sets otherwise meanwhile stays like that.
    """

    def __init__(self, registry: Registry, actuator: Actuator, file: Path, *, share: float) -> None:
        """`share`: 0..1 of its volume that is left to a player. `file`: keeps what they were like."""
        self._registry = registry
        self._actuator = actuator
        self._file = file
        self._share = share
        self._ducked: dict[str, _Ducked] = {}
        self._left: dict[str, _Ducked] = {}
        """To be put right as soon as they can be reached."""
        self._listening: Callable[[], None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeping = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._left = await asyncio.to_thread(_load, self._file)
        for device in tuple(self._left):
            self._put_right(device)
        self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def of(self, area: str) -> Ducking:
        """Those of an area, by its id or name, for one room."""
        return _OfArea(self, area)

    async def let_go(self, routing: Routing | None) -> None:
        """Have those that an order is for as they were, before it is carried out: "louder" means louder than that."""
        meant = {target for call in (routing.calls if routing else ()) for target in call.targets}
        await self._restore(meant.intersection(self._ducked))

    async def duck(self, area: str, holder: object) -> None:
        """Make those that play quieter."""
        quieter: list[tuple[str, float]] = []
        for device in self._registry.of_kind("media_player", area=self._registry.area_id(area)):
            known = self._ducked.get(device)
            level = self._level(device)
            if known is None and level is not None and level > _AUDIBLE and self._plays(device):
                known = self._ducked[device] = self._as_before(device, level)
                quieter.append((device, known.low))
            if known is not None:
                known.holders.add(holder)
        if quieter:
            await self._keep()
            await asyncio.gather(*(self._set(device, low) for device, low in quieter))
            for device, low in quieter:
                self._note(device, low)

    async def restore(self, holder: object) -> None:
        """This one has spoken; those that nobody else speaks over are as before."""
        free = []
        for device, ducked in self._ducked.items():
            ducked.holders.discard(holder)
            if not ducked.holders:
                free.append(device)
        await self._restore(free)

    async def _restore(self, devices: Iterable[str]) -> None:
        ended = [(device, self._ducked.pop(device)) for device in devices]
        if ended:
            await asyncio.gather(*(self._end(device, ducked) for device, ducked in ended))
            await self._keep()

    async def _end(self, device: str, ducked: _Ducked) -> None:
        level = self._level(device)
        known = device in self._registry.devices and self._registry.state(device).available
        if known and level is not None and not (_same(level, ducked.low) or _same(level, ducked.before)):
            log.info("ducking.left", extra={"device": device, "level": level})
        elif not known or await self._set(device, ducked.before) is Outcome.UNAVAILABLE:
            self._left[device] = ducked
            self._listen()

    def _as_before(self, device: str, level: float) -> _Ducked:
        left = self._left.pop(device, None)
        before = left.before if left is not None and _same(level, left.low) else level
        return _Ducked(before, round(before * self._share, 2))

    def _note(self, device: str, low: float) -> None:
        """Players make of a level what they can."""
        ducked, level = self._ducked.get(device), self._level(device)
        if ducked is not None and level is not None and level < ducked.before and abs(level - low) < 0.1:
            ducked.low = level

    def _plays(self, device: str) -> bool:
        features, state = self._registry.devices[device].features, self._registry.state(device)
        settable = not features or "volume_set" in features
        return settable and state.state == "playing" and not state.attributes.get("is_volume_muted")

    def _level(self, device: str) -> float | None:
        level = self._registry.state(device).attributes.get("volume_level")
        return float(level) if isinstance(level, int | float) and not isinstance(level, bool) else None

    async def _set(self, device: str, level: float) -> Outcome:
        return await self._actuator.perform(ServiceCall(device, "volume_set", {"volume_level": level}))

    # After a restart ----------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        if self._left and self._listening is None:
            self._listening = self._registry.listen(self._on_change)
        elif not self._left and self._listening is not None:
            self._listening()
            self._listening = None

    def _on_change(self, change: Change) -> None:
        if change.device.id in self._left:
            self._put_right(change.device.id)

    def _put_right(self, device: str) -> None:
        level = self._level(device)
        if level is None or not self._registry.state(device).available:
            return
        task = asyncio.create_task(self._right(device, self._left.pop(device), level), name="ducking")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _right(self, device: str, ducked: _Ducked, level: float) -> None:
        if _same(level, ducked.low):
            await self._set(device, ducked.before)
        await self._keep()
        self._listen()

    async def _keep(self) -> None:
        async with self._keeping:
            now = {one: [ducked.before, ducked.low] for one, ducked in (self._left | self._ducked).items()}
            try:
                await asyncio.to_thread(_save, self._file, now)
            except OSError as error:
                log.warning("ducking.not_kept", extra={"file": str(self._file), "reason": str(error)})


class _OfArea:
    """The players of an area, for one room."""

    def __init__(self, players: Players, area: str) -> None:
        self._players = players
        self._area = area

    async def duck(self) -> None:
        """Somebody speaks in the room."""
        await self._players.duck(self._area, self)

    async def restore(self) -> None:
        """Nobody does any more."""
        await self._players.restore(self)


def _same(one: float, other: float) -> bool:
    return abs(one - other) < _SAME


def _load(file: Path) -> dict[str, _Ducked]:
    try:
        kept: Any = json.loads(file.read_bytes())
        return {str(device): _Ducked(float(before), float(low)) for device, (before, low) in kept.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        log.warning("ducking.not_remembered", extra={"file": str(file), "reason": str(error)})
        return {}


def _save(file: Path, kept: dict[str, list[float]]) -> None:
    if kept:
        replace_file(file, json.dumps(kept).encode())
    else:
        file.unlink(missing_ok=True)
