"""One dialogue's house: the assistant wired as the service wires it, over devices that obey and a clock that is moved.

What another part of the service keeps (scenes, facts, guest mode) is opened in `parts.py`, as `edge/service` opens it,
and entered there into `Stage.kept`; a kind that is not entered can't be read, and counts as wrong.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge.assistant.assistant import Assistant
from edge.assistant.confirmation import configured_confirmation
from edge.assistant.model import Announcement, Reply, Source, Utterance
from edge.assistant.ports import ChatTurn
from edge.devices.home import load_home
from edge.devices.model import DeviceState
from edge.devices.registry import Registry
from edge.llm.errors import LlmError
from edge.llm.tools import Toolbox, ToolCalls
from edge.router.router import Router
from edge.schedule import Schedule
from edge.schedule.rules.running import Rules
from edge.service.alarmkeeping import open_alarmkeeping
from edge.service.alarms import Alarms, open_alarms
from edge.service.recollection import Recollection
from edge.service.routing import Routes, place_of
from edge.service.rules import open_rules
from edge.service.sensors import open_sensors
from edge.settings import Loaded, Places, load
from tests.bench.dialogue_exam.moving_clock import MovingClock
from tests.bench.dialogue_exam.obedient import Done, Obedient

DATA = Path(__file__).parents[1] / "data"
ZONE = "Europe/London"
SETTLED_ROUNDS = 3
SETTLED_WITHIN = 2000
MOST_STEPS = 5000


class Now:
    """The time for a router that outlives the dialogues."""

    clock: MovingClock | None = None

    def __call__(self) -> datetime:
        return self.clock.now() if self.clock is not None else datetime.now(ZoneInfo(ZONE))


class NoModel:
    """The language model of a house that has none."""

    unavailable = "There is no language model here: `edge models pull` fetches one."

    async def prepare(self, toolbox: Toolbox | None) -> None: ...

    async def answer(self, turns: Sequence[ChatTurn], **how: object) -> AsyncIterator[str | ToolCalls]:  # noqa: ARG002
        raise LlmError(self.unavailable)
        yield ""


@dataclass
class Stage:
    """What a dialogue is played on, and what is looked at afterwards."""

    loaded: Loaded
    registry: Registry
    clock: MovingClock
    schedule: Schedule
    rules: Rules
    house: Obedient
    assistant: Assistant
    stack: AsyncExitStack
    as_found: Registry
    """The home as the file has it."""
    watched: Alarms | None = None
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    announced: list[Announcement] = field(default_factory=list)
    kept: dict[str, Callable[[], Any]] = field(default_factory=dict)
    """What can be read besides: `scenes`, `facts`, `notes`, `guest_mode`, `aliases` (`parts.py` says their shapes)."""
    aloud: Callable[[Announcement], bool] = lambda one: bool(one.text)
    """Whether a room's loudspeaker says it, at this hour."""

    async def say(self, text: str, room: str | None, source: str = "voice") -> Reply:
        """By voice, or by one of the dialogue's own sources."""
        known = self.sources.get(source, {})
        kind = Source(source) if source in list(Source) else Source.HTTP
        origin = "" if source in list(Source) else source
        utterance = Utterance(
            text, kind, room, origin=origin, authenticated=bool(known.get("authenticated", kind is Source.HTTP))
        )
        reply = await self.assistant.ask(utterance)
        await self.settle()
        return reply

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, from one moment that somebody waits for to the next."""
        left = seconds
        for _ in range(MOST_STEPS):
            await self.settle()
            step = min(left, max(0.0, self.clock.next_in_s()))
            self.clock.advance(step)
            left -= step
            if left <= 0:
                break
        await self.settle()

    def happen(self, entity: str, state: str) -> None:
        """A device says something by itself."""
        attributes = dict(self.registry.state(entity).attributes)
        self.registry.set_state(entity, DeviceState(state, attributes))

    async def settle(self) -> None:
        """Until everybody waits and nobody is at work."""
        quiet = 0
        for _ in range(SETTLED_WITHIN):
            await asyncio.sleep(0.0005)
            busy = self.schedule._telling or self.rules._telling or self.schedule._writing.locked()
            quiet = 0 if busy or self.clock.waiting < 2 else quiet + 1
            if quiet == SETTLED_ROUNDS:
                return

    def calls_since(self, mark: int) -> list[Done]:
        return self.house.done[mark:]


@asynccontextmanager
async def staged(dialogue: Mapping[str, Any], router: Router, now: Now, state: Path) -> AsyncIterator[Stage]:
    """The house of one dialogue; `now`: the router's; `state`: an empty directory."""
    from tests.bench.dialogue_exam.parts import open_parts, settings_of

    places = Places(state / "config.toml", state, state / "run")
    places.config.write_text(settings_of(dialogue), encoding="utf-8")
    loaded = load(places, {})
    registry, as_found = load_home(DATA / "dialogue_home.json"), load_home(DATA / "dialogue_home.json")
    for entity, told in (dialogue.get("states") or {}).items():
        registry.set_state(entity, _state(registry.state(entity), told))
    clock = MovingClock(datetime.fromisoformat(dialogue["now"]), ZoneInfo(ZONE))
    now.clock = clock
    house = Obedient(registry)
    async with AsyncExitStack() as stack:
        schedule = await stack.enter_async_context(
            Schedule(places.state / "schedule.sqlite", clock, boot_id="exam", place=place_of(loaded.settings))
        )
        history = await open_sensors(loaded, registry, clock, stack)  # type: ignore[arg-type]
        watched = await open_alarms(loaded, registry, clock, history, stack)  # type: ignore[arg-type]
        assistant = Assistant(
            route=lambda text, area: router.route(text, registry, area),
            registry=registry,
            actuator=house,
            chat=NoModel(),
            schedule=schedule,
            clock=clock,
            confirmation=configured_confirmation(loaded.settings, []),
        )
        assistant.recalling.through(Recollection(history, "°C") if history else None, "°C")
        routes = Routes(lambda text, area: router.route(text, registry, area), None, _context_of(router))
        await open_alarmkeeping(loaded, registry, assistant, routes, history, watched, clock)
        rules = await open_rules(loaded, registry, clock, schedule, assistant, stack)  # type: ignore[arg-type]
        stage = Stage(loaded, registry, clock, schedule, rules, house, assistant, stack, as_found, watched)
        stage.sources = (dialogue.get("settings") or {}).get("sources", {})

        async def announced(announcement: Announcement) -> None:
            heard = {**announcement.event, "heard_s": clock.now().timestamp()}
            stage.announced.append(replace(announcement, event=heard))

        assistant.announce_to(announced)
        await open_parts(stage, dialogue)
        schedule.start()
        rules.start()
        yield stage


def _context_of(router: Router) -> Callable[[Callable[[], tuple[str, ...]]], None]:
    def tell(context: Callable[[], tuple[str, ...]]) -> None:
        router.context = context

    return tell


def _state(before: DeviceState, told: Mapping[str, Any]) -> DeviceState:
    attributes = {**before.attributes, **{key: value for key, value in told.items() if key != "state"}}
    if "brightness_pct" in attributes:
        attributes["brightness"] = round(attributes.pop("brightness_pct") * 2.55)
    return DeviceState(told.get("state", before.state), attributes)
