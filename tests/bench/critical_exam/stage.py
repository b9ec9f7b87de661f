"""The real assistant over a made-up house: router, schedule, rules, memory and people as the service wires them."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge.assistant.assistant import Assistant
from edge.assistant.confirmation import configured_confirmation
from edge.assistant.model import Utterance
from edge.assistant.ports import ChatTurn
from edge.assistant.scenekeeping.staged import Staged
from edge.devices.model import DeviceState
from edge.llm.gate import Priority
from edge.llm.tools import Toolbox, ToolCall, ToolCalls
from edge.router.router import Router
from edge.schedule import Schedule
from edge.service.memory import open_memory
from edge.service.people import open_people
from edge.service.rules import open_rules
from edge.service.scenes import Stage as Played
from edge.service.scenes import open_scenes
from edge.settings import Loaded, Places, load
from tests.bench.critical_exam.attempts import Attempt, Step
from tests.bench.critical_exam.homes import house, opens
from tests.bench.dialogue_exam.moving_clock import MovingClock
from tests.bench.dialogue_exam.obedient import Obedient

ZONE = "Europe/London"
START = datetime(2026, 3, 12, 19, 40, tzinfo=ZoneInfo(ZONE))
AFTER_S = 26 * 3600.0
"""How long is waited for what comes later: more than a day."""


class Now:
    """The time for a router that outlives the houses."""

    clock: MovingClock | None = None

    def __call__(self) -> datetime:
        return self.clock.now() if self.clock is not None else START


@dataclass
class Breach:
    """Something critical that nobody has confirmed."""

    attempt: Attempt
    step: int
    device: str
    service: str
    heard: list[str] = field(default_factory=list)


class CallingModel:
    """A language model that calls for what it was told to call for, and then says yes to itself."""

    unavailable: str | None = None

    def __init__(self) -> None:
        self.rounds: list[Sequence[tuple[str, dict[str, Any]]]] = []

    async def prepare(self, toolbox: Toolbox | None) -> None: ...

    async def answer(
        self,
        turns: Sequence[ChatTurn],  # noqa: ARG002 (the protocol's)
        *,
        priority: Priority = Priority.NORMAL,  # noqa: ARG002
        toolbox: Toolbox | None = None,  # noqa: ARG002
        may_call: bool = True,
    ) -> AsyncIterator[str | ToolCalls]:
        if self.rounds and may_call:
            made = self.rounds.pop(0)
            yield ToolCalls(tuple(ToolCall(name, dict(given)) for name, given in made), "calls")
            return
        yield "Yes. Confirmed."


class Stage:
    """One house with its assistant, and what was done in it."""

    def __init__(self, attempt: Attempt, clock: MovingClock) -> None:
        self.attempt = attempt
        self.made = house(attempt.seed)
        self.clock = clock
        self.actuator = Obedient(self.made.registry)
        self.model = CallingModel()
        self.replies: list[str] = []
        self.breaches: list[Breach] = []
        self._looked = 0

    async def open(self, router: Router, stack: AsyncExitStack) -> None:
        """As the service opens it."""
        registry, clock = self.made.registry, self.clock
        state = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        loaded = _configured(self.attempt, state)
        staged = Staged(state / "scenes.toml", registry, clock)
        self._schedule = await stack.enter_async_context(Schedule(None, clock, boot_id="exam"))
        self.assistant = Assistant(
            route=lambda text, area: router.route(text, registry, area),
            registry=registry,
            actuator=Played(staged, self.actuator),
            chat=self.model,
            schedule=self._schedule,
            clock=clock,
            confirmation=configured_confirmation(loaded.settings, []),
        )
        stack.push_async_callback(self.assistant.gate.lockout.settled)
        self._people = await open_people(loaded, self.assistant, clock)
        await open_memory(loaded, registry, clock, self.model, self.assistant, stack)
        await open_scenes(staged, self.assistant)
        self._rules = await open_rules(loaded, registry, clock, self._schedule, self.assistant, stack)  # type: ignore[arg-type]
        self._schedule.start()
        self._rules.start()

    async def take(self, number: int, step: Step) -> None:
        """One step, and a look at what it did."""
        for device in step.swaps:
            self.made.registry.put_device(device)
        self.made.roles |= step.roles
        for device_id, state in step.states.items():
            self.made.registry.set_state(device_id, self._in(device_id, state))
        if step.guests is not None:
            await self._people.guests.change(step.guests)
        if step.wait_s:
            await self._pass_time(step.wait_s)
        self.model.rounds = list(step.model)
        if step.text:
            reply = await self.assistant.ask(
                Utterance(
                    step.text,
                    step.source,
                    step.area,
                    origin=step.origin,
                    authenticated=step.authenticated,
                    clear=step.clear,
                )
            )
            self.replies.append(reply.text)
        await self._settle()
        self.look(number)

    async def end(self) -> None:
        """Somebody walks by, and a day passes."""
        self.made.registry.set_state("binary_sensor.motion", DeviceState("on"))
        await self._settle()
        await self._pass_time(AFTER_S)
        self.look(len(self.attempt.steps) + 1)

    def look(self, number: int) -> None:
        """For what was opened since."""
        for done in self.actuator.done[self._looked :]:
            role = self.made.roles.get(done.call.device, "")
            if opens(role, done.call.service, dict(done.call.data)):
                call = done.call
                self.breaches.append(Breach(self.attempt, number, call.device, call.service, list(self.replies)))
        self._looked = len(self.actuator.done)

    def _in(self, device_id: str, state: str) -> DeviceState:
        attributes = dict(self.made.registry.state(device_id).attributes)
        if "current_position" in attributes:
            attributes["current_position"] = 100 if state == "open" else 0
        return DeviceState(state, attributes)

    async def _settle(self) -> None:
        """Until nobody is at work."""
        quiet = 0
        for _ in range(400):
            await asyncio.sleep(0)
            busy = self._schedule._telling or self._rules._telling or self._schedule._writing.locked()
            quiet = 0 if busy else quiet + 1
            if quiet > 6:
                return
            if busy:
                await asyncio.sleep(0.0005)

    async def _pass_time(self, seconds: float) -> None:
        """From one moment that somebody waits for to the next."""
        left = seconds
        for _ in range(500):
            await self._settle()
            step = min(left, max(0.0, self.clock.next_in_s()))
            self.clock.advance(step)
            left -= step
            if left <= 0:
                break
        await self._settle()


async def tried(attempt: Attempt, router: Router, now: Now) -> Stage:
    """The house after the attempt: what was done that should not have been, and all that was replied."""
    now.clock = MovingClock(START, ZoneInfo(ZONE))
    stage = Stage(attempt, now.clock)
    async with AsyncExitStack() as stack:
        await stage.open(router, stack)
        for number, step in enumerate(attempt.steps, 1):
            await stage.take(number, step)
        await stage.end()
    return stage


def _configured(attempt: Attempt, state: Path) -> Loaded:
    places = Places(state / "config.toml", state, state / "run")
    pin = f'[confirm]\npin = "{attempt.pin}"\n' if attempt.pin else ""
    places.config.write_text(f'timezone = "{ZONE}"\n{pin}{attempt.config}', encoding="utf-8")
    loaded = load(places, {})
    if loaded.problems:
        raise ValueError(f"the configuration of {attempt.kind} is wrong: {loaded.problems}")
    return loaded


def shown(breach: Breach) -> str:
    """For people."""
    said = [
        f"    {'→' if number == breach.step else ' '} {json.dumps(step.text, ensure_ascii=False)} "
        f"({step.source.value} {step.origin} {step.area}, after {step.wait_s:g} s)"
        for number, step in enumerate(breach.attempt.steps, 1)
    ]
    head = f"{breach.attempt.kind}, house {breach.attempt.seed}: {breach.service} {breach.device}"
    return "\n".join([head, *said, *(f"      reply: {one}" for one in breach.heard)])
