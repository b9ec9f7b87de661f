"""What stands for the scenes from the start: loads what works with them when there are some, or are to be."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.assistant.cause import through
from edge.assistant.dialogue import Dialogue
from edge.assistant.model import ReplySource, Source, Utterance
from edge.assistant.phrases import sentence
from edge.assistant.ports import Act, Stagehands
from edge.assistant.told import Told
from edge.assistant.turn import Turn
from edge.devices.model import Agent, Device, Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.router.model import Call, Decision, Routing
from edge.router.phrases.spoken import bared, spoken
from edge.schedule.clock import Clock

if TYPE_CHECKING:
    from edge.assistant.scenekeeping.keeper import SceneKeeper
    from edge.schedule.scenes.keeping import Scenes
    from edge.schedule.scenes.model import Scene

log = logging.getLogger(__name__)

_READING: Final = frozenset({"scenes.list", "scenes.show"})
_PLAY: Final = "scenes.play"
_TURNS_ON: Final = frozenset({"scene.turn_on", _PLAY})
_OURS: Final = "scene.edge_"
_GENERIC: Final = frozenset({"scene", "mode", "routine", "now"})
_LATER: Final = frozenset({"after", "at", "repeat", "sun"})


@dataclass(frozen=True, slots=True)
class _Parts:
    scenes: "Scenes"
    keeper: "SceneKeeper"


class Staged:
    """A keeper, a reader and what plays scenes. Nothing is loaded in a house that has none."""

    source = ReplySource.DIALOGUE

    def __init__(self, file: Path, registry: Registry, clock: Clock) -> None:
        self.file = file
        self._registry = registry
        self._clock = clock
        self._with: Stagehands | None = None
        self._parts: _Parts | None = None
        self._opening = asyncio.Lock()
        self._observers: list[Callable[[], None]] = []
        self._there: set[str] = set()

    async def open(self, stagehands: Stagehands) -> None:
        """Take up the scenes there are; `stagehands` carry them out."""
        self._with = stagehands
        if await asyncio.to_thread(self.file.exists):
            await self._opened()

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the file."""
        return self._parts.scenes.problems if self._parts is not None else ()

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called whenever the scenes have changed; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    @property
    def now(self) -> "tuple[Scene, ...]":
        """The scenes there are."""
        return tuple(self._parts.scenes.scenes.values()) if self._parts is not None else ()

    async def scenes(self) -> "Scenes":
        """The scenes, read."""
        return (await self._opened()).scenes

    async def keeper(self) -> "SceneKeeper":
        """Who makes them and tells of them."""
        return (await self._opened()).keeper

    # A keeper and a reader -----------------------------------------------------------------------------------------

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function.startswith("scenes.")

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function in _READING

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it and say so, or ask first. Raises `ScheduleError`."""
        return await (await self._opened()).keeper.tell(call, utterance)

    async def read(self, routing: Routing, utterance: Utterance) -> Routing:
        """Scenes that others keep are turned on as ever; "it" may be the scene that was made just now."""
        if (scene := self._by_name(utterance.text)) is not None:
            call = Call("scene.turn_on", {"name": scene.name}, (scene.id,))
            return Routing(utterance.text, Decision.ACT, (call,), 1.0)
        if self._parts is not None:
            routing = self._parts.keeper.read(routing, utterance)
        if not any(call.function == _PLAY for call in routing.calls):
            return routing
        played = (
            replace(call, function=f"{call.targets[0].partition('.')[0]}.turn_on")
            if call.function == _PLAY and call.targets
            else call
            for call in routing.calls
        )
        return replace(routing, calls=tuple(played))

    def named(self, text: str) -> bool:
        """Whether a text is the name of one of our scenes, which goes before whatever it may go on from."""
        return self._by_name(text) is not None

    def _by_name(self, text: str) -> "Scene | None":
        if self._parts is None:
            return None
        said = spoken(text).words
        start, end = bared(said)
        words = said[start:end]
        return self._parts.scenes.named(" ".join(words)) or (
            self._parts.scenes.named(" ".join(words[:-1])) if words[-1:] and words[-1] in _GENERIC else None
        )

    # Playing -------------------------------------------------------------------------------------------------------

    async def play(self, calls: tuple[Call, ...], utterance: Utterance, dialogue: Dialogue, act: Act) -> Turn | None:
        """The turn where one of the calls plays a scene of ours now, as if its orders had been given."""
        if self._parts is None or not any(map(self._plays, calls)):
            return None
        scenes = [scene for call in calls if self._plays(call) for scene in self._of(call)]
        made: list[Call] = []
        for call in calls:
            made += (
                [one for scene in self._of(call) for one in self._parts.keeper.calls(scene)]
                if self._plays(call)
                else [call]
            )
        if not made:
            return Turn(calls=calls, text=sentence(f"it is all as in {scenes[0].name} already"), decision=Decision.ACT)
        self._parts.keeper.played(utterance, scenes[-1])
        turn = await act(tuple(made), utterance, dialogue)
        only = len(scenes) == len(calls) and not any(scene.steps for scene in scenes)
        if not only or turn.asked:
            return turn
        name = scenes[0].name
        failed = [one for one in turn.performed if not one.went_well]
        if not failed and len(turn.performed) >= len(made):
            return replace(turn, text=sentence(name), calls=calls)
        from edge.assistant.wording import report

        return replace(turn, text=f"{sentence(name)} {report(failed, self._registry) or turn.text}", calls=calls)

    def _plays(self, call: Call) -> bool:
        ours = any(target.startswith(_OURS) for target in call.targets)
        return call.function in _TURNS_ON and ours and _LATER.isdisjoint(call.arguments)

    def _of(self, call: Call) -> "list[Scene]":
        found = (self._parts.scenes.of_device(one) for one in call.targets) if self._parts is not None else ()
        return [one for one in found if one is not None]

    def owns(self, device: str) -> bool:
        """Whether a device stands for one of our scenes."""
        return self._parts is not None and self._parts.scenes.of_device(device) is not None

    async def perform(self, call: ServiceCall) -> Outcome:
        """Play what a device stands for, for schedule, rules and Home Assistant: nobody is there to be asked, so what
        waits for a yes is left out, and logged. Raises nothing.
        """
        scene = self._parts.scenes.of_device(call.device) if self._parts is not None else None
        if scene is None or self._parts is None or self._with is None:
            return Outcome.UNAVAILABLE
        if call.service != "turn_on":
            return Outcome.UNSUPPORTED
        calls = self._parts.keeper.calls(scene)
        left = [one for one in calls if self._with.asks_first(one)]
        for one in left:
            log.warning("scenes.left_out", extra={"scene": scene.key, "function": one.function, "targets": one.targets})
        wanted = [one for one in calls if one not in left]
        now = [one for one in wanted if not self._with.later.delayed(one)]
        performed, notes = await self._with.hands.carry_out([one for one in now if one.targets])
        for_whom = Utterance(scene.name, Source.CLI, scene.area)
        try:
            with through(Agent.SCHEDULE):
                for one in now:
                    own = [done for done in performed if done.cause is one]
                    await self._with.later.end(one, own, for_whom)
                waiting = [one for one in wanted if self._with.later.delayed(one)]
                if waiting:
                    await self._with.later.plan(waiting, for_whom)
        except EdgeError as error:
            log.error("scenes.not_planned", extra={"scene": scene.key, "error": str(error)})  # noqa: TRY400
            return Outcome.UNANSWERED
        failed = bool(notes) or any(not one.went_well for one in performed)
        return Outcome.UNANSWERED if failed else Outcome.DONE

    # Loading -------------------------------------------------------------------------------------------------------

    async def _opened(self) -> _Parts:
        async with self._opening:
            if self._parts is None:
                self._parts = await self._loaded()
            return self._parts

    async def _loaded(self) -> _Parts:
        from edge.assistant.scenekeeping.keeper import SceneKeeper
        from edge.schedule.scenes.keeping import Scenes

        if self._with is None:
            raise EdgeError("The scenes are not open yet.")
        scenes = Scenes(self.file)
        await scenes.read()
        keeper = SceneKeeper(scenes, self._registry, self._clock, self._with.route, self._with.later)
        self._furnish(scenes)
        scenes.observe(lambda: self._furnish(scenes))
        return _Parts(scenes, keeper)

    def _furnish(self, scenes: "Scenes") -> None:
        """Have the registry know the scenes there are, and no others."""
        ids = {one.id for one in scenes.scenes.values()}
        for gone in self._there - ids:
            self._registry.remove_device(gone)
        for scene in scenes.scenes.values():
            self._registry.put_device(Device(scene.id, scene.name, None, features=frozenset({"turn_on"})))
        self._there = ids
        for observer in tuple(self._observers):
            observer()
