"""The governor at work: reads the machine every other second and carries out what `edge.tuning.governor` decides."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from edge.errors import EdgeError
from edge.llm.errors import LlmError
from edge.llm.gate import Gate, Priority
from edge.llm.options import Governing, State
from edge.llm.supervisor import Choice, Supervisor, Target
from edge.models import ModelStore
from edge.models.index import StoredModel
from edge.models.kinds import Kind as ModelKind
from edge.tuning import Hardware, Throttle, probe, read_heat, settle
from edge.tuning.governor import Allowance, Cause, Governor, Limits, Reading, Rung, Step
from edge.tuning.ladder import Installed, ladder
from edge.tuning.pressure import Pressure, PressureGauge

log = logging.getLogger(__name__)

REMEMBERED: Final = 8
IDLE_S: Final = 1800.0
SMALL_BYTES: Final = 2 << 30
"""A machine with no more memory than this lets an idle model go after `IDLE_S`, unless it is told otherwise."""
MOST_KEPT_FREE: Final = 512 << 20
HOLDING_BACK: Final = (
    Throttle.UNDER_VOLTAGE | Throttle.FREQUENCY_CAPPED | Throttle.THROTTLED | Throttle.SOFT_TEMPERATURE_LIMIT
)
"""What fewer threads help against; a clock that a person or the kernel limits is none of it."""
WHY_NOT: Final = {
    Cause.MEMORY: "The language model rests until more memory is free.",
    Cause.HEAT: "The language model rests until the machine has cooled down.",
}


class Governed:
    """Watches over one supervisor's model. `run` is its task; without it, or switched off, it does nothing."""

    def __init__(self, supervisor: Supervisor, gate: Gate, store: ModelStore, options: Governing | None) -> None:
        self.listeners: list[Callable[[Step], None]] = []
        """Called with every step that is taken."""
        self._supervisor = supervisor
        self._gate = gate
        self._store = store
        self._options = options or Governing()
        self._on = options is not None
        self._gauge = PressureGauge(self._options.root)
        self._governor: Governor | None = None
        self._base: Choice | None = None
        self._installed: dict[str, StoredModel] = {}
        self._pressure = Pressure()
        self._reading: Reading | None = None
        self._steps: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
        self._nudged = asyncio.Event()
        self._change: asyncio.Task[None] | None = None
        self._users = 0
        self._last_used_s = time.monotonic()

    @asynccontextmanager
    async def used(self) -> AsyncIterator[None]:
        """Somebody wants an answer, for the length of the block; what was let go for idleness is loaded before."""
        self._users += 1
        try:
            changed = self._supervisor.changed
            async with changed:
                while self._on and (self._supervisor.adjusting or self._resting()):
                    self._nudged.set()
                    await changed.wait()
            yield
        finally:
            self._users -= 1
            self._last_used_s = time.monotonic()

    async def run(self) -> None:
        """Watch until cancelled; a fault of ours is logged, and the model goes on as it is."""
        faulty = False
        while self._on:
            self._nudged.clear()
            try:
                await self._look()
                faulty = False
            except Exception:
                if not faulty:
                    log.exception("governor.fault")
                faulty = True
            try:
                async with asyncio.timeout(self._options.every_s):
                    await self._nudged.wait()
            except TimeoutError:
                continue

    async def close(self) -> None:
        """Leave what is being changed; the supervisor must still run, or be gone."""
        if self._change is not None:
            self._change.cancel()
            await asyncio.wait((self._change,))

    def facts(self) -> dict[str, Any]:
        """For health: what is allowed now, the last steps, and what was read."""
        governor, reading = self._governor, self._reading
        if governor is None or reading is None:
            return {"on": self._on}
        return {
            "on": self._on,
            **governor.allowance.facts(),
            "limited": governor.limited,
            "steps": list(self._steps),
            "keep_free_bytes": governor.limits.keep_free_bytes,
            "available_bytes": reading.available_bytes,
            "memory_stall": round(reading.memory_stall, 3),
            "cpu_stall": round(self._pressure.cpu_stall, 3),
            "others_cpus": round(reading.others_cpus, 2),
            "slows_in_celsius": reading.slows_in_celsius and round(reading.slows_in_celsius, 1),
            "throttled": reading.throttled,
            "idle_s": round(reading.idle_s),
        }

    def _resting(self) -> bool:
        """Whether asking is enough to have the model loaded."""
        return self._supervisor.state is State.UNLOADED and self._supervisor.reason is None

    async def _look(self) -> None:
        """Read, decide, act."""
        if self._supervisor.base is not self._base:
            await self._plan(self._supervisor.base)
        governor = self._governor
        if governor is None or self._base is None:
            return
        worker = self._supervisor.worker
        reading = await asyncio.to_thread(self._read, [worker.pid] if worker else [])
        self._reading = reading = replace(reading, idle_s=self._idle_s(), changing=self._changing())
        for step in governor.decide(reading):
            self._tell(step)
        await self._carry_out(governor.allowance)

    async def _plan(self, base: Choice | None) -> None:
        """Make the ladder for another plan, which was made for the memory there is now."""
        self._base = None
        if base is None:
            return
        hardware, rungs = await asyncio.to_thread(self._ladder, base)
        if self._governor is None:
            cpus = min(float(hardware.logical_cpus), hardware.cpu_quota or float("inf"))
            self._governor = Governor(_limits(self._options, hardware), cpus)
        self._governor.plan(rungs)
        self._base = base
        log.info("governor.ladder", extra={"rungs": [f"{rung.model} {rung.plan.n_ctx}" for rung in rungs]})

    def _ladder(self, base: Choice) -> tuple[Hardware, tuple[Rung, ...]]:
        hardware = probe(self._options.root)
        others = []
        self._installed = {base.model.name: base.model}
        for model in self._store.models():
            if model.kind is not ModelKind.LANGUAGE or model.name == base.model.name:
                continue
            try:
                others.append(Installed(model.name, self._store.header(model)))
            except EdgeError as error:
                log.warning("governor.unusable_model", extra={"model": model.name, "why": str(error)})
            self._installed[model.name] = model
        return hardware, ladder(Installed(base.model.name, base.header), base.plan, others, hardware)

    def _read(self, own: list[int]) -> Reading:
        """What the machine says; blocks for milliseconds."""
        heat = read_heat(self._options.root)
        now = time.monotonic()
        self._pressure = pressure = self._gauge.read(now, own)
        ends = [zone.critical_celsius - zone.celsius for zone in heat.zones if zone.critical_celsius is not None]
        return Reading(
            at_s=now,
            slows_in_celsius=heat.margin_celsius,
            ends_in_celsius=min(ends, default=None),
            throttled=bool(heat.now & HOLDING_BACK),
            available_bytes=pressure.available_bytes,
            memory_stall=pressure.memory_stall,
            swapped_in_bytes_per_s=pressure.swapped_in_bytes_per_s,
            others_cpus=pressure.others_cpus,
        )

    def _idle_s(self) -> float:
        return 0.0 if self._users else time.monotonic() - self._last_used_s

    def _changing(self) -> bool:
        """Whether what is loaded is about to be something else, or the model stands aside for another."""
        if self._change is not None and not self._change.done():
            return True
        supervisor = self._supervisor
        return supervisor.state not in (State.READY, State.UNLOADED) or (
            supervisor.state is State.UNLOADED and supervisor.target.loaded
        )

    def _tell(self, step: Step) -> None:
        facts = step.facts()
        self._steps.append({"time": round(time.time(), 3), **facts})
        log.log(logging.INFO if step.kind.takes_back else logging.WARNING, "governor.step", extra=facts)
        for listener in self.listeners:
            listener(step)

    async def _carry_out(self, allowance: Allowance) -> None:
        base = self._base
        if base is None or base is not self._supervisor.base:
            return
        planned = max(base.plan.n_threads, base.plan.n_threads_batch)
        most = allowance.most_threads if allowance.most_threads < planned else None
        if most != self._supervisor.most_threads:
            await self._supervisor.limit_threads(most)
        target = self._target(allowance)
        if target != self._supervisor.target and (self._change is None or self._change.done()):
            self._change = asyncio.create_task(self._bring_about(target, self._urgent(allowance)), name="llm.governor")

    def _target(self, allowance: Allowance) -> Target:
        """What the supervisor is to be told; that it is to go on as it is, where that is the plan."""
        rung = allowance.rung or (self._governor.rungs[0] if self._governor else None)
        now = self._supervisor.target
        if rung is None or (now.plan is None and now.loaded and self._is_plan(allowance.rung)):
            return now
        why_not = WHY_NOT.get(allowance.unloaded_for) if allowance.unloaded_for else None
        return Target(self._installed[rung.model], rung.plan, allowance.rung is not None, why_not)

    def _is_plan(self, rung: Rung | None) -> bool:
        return self._governor is not None and rung == self._governor.rungs[0]

    def _urgent(self, allowance: Allowance) -> bool:
        """Whether somebody suffers while it has not been done."""
        now = self._supervisor.choice
        if now is None or allowance.unloaded_for is Cause.IDLE:
            return False
        return allowance.rung is None or allowance.rung.plan.predicted_bytes < now.plan.predicted_bytes

    async def _bring_about(self, target: Target, urgent: bool) -> None:
        """Wait for the answer under way, then change; what is urgent does not wait for long."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._options.patience_s, self._interrupt) if urgent else None
        idle = not target.loaded and target.why_not is None
        try:
            async with self._gate.turn(Priority.BACKGROUND if idle else Priority.UPKEEP):
                if timer is not None:
                    timer.cancel()
                if (idle and self._users) or self._supervisor.base is not self._base:
                    return
                await self._supervisor.aim(target)
        except LlmError as error:
            log.info("governor.postponed", extra={"why": str(error)})
            return
        finally:
            if timer is not None:
                timer.cancel()
        self._nudged.set()
        self._judge(target)

    def _interrupt(self) -> None:
        if (worker := self._supervisor.worker) is not None:
            self._supervisor.making_way = True
            worker.end("the machine could not wait for the answer's end: it is short of memory, or too hot")

    def _judge(self, target: Target) -> None:
        """A smaller model that can't be loaded is no rung."""
        supervisor, governor = self._supervisor, self._governor
        if governor is None or supervisor.state is not State.FAILED or supervisor.target is not target:
            return
        for rung in governor.rungs[1:]:
            if rung.plan == target.plan:
                log.warning("governor.rung_dropped", extra={"model": rung.model, "why": supervisor.reason})
                governor.drop(rung)


def _limits(options: Governing, hardware: Hardware) -> Limits:
    """What a person set, and what the machine's profile says where none did."""
    system = settle(hardware).system_bytes or 0
    keep = options.keep_free_bytes
    idle_s = options.idle_s
    if idle_s is None and hardware.memory_total_bytes <= SMALL_BYTES:
        idle_s = IDLE_S
    return Limits(
        keep_free_bytes=min(system // 2, MOST_KEPT_FREE) if keep is None else keep,
        idle_s=idle_s or None,
        near_celsius=options.near_celsius,
        far_celsius=options.near_celsius + 5,
    )
