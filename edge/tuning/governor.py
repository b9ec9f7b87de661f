"""The governor's decisions: what of the language model's plan is given up while something is short, and taken back.

Pure and synchronous: readings in, steps out. Each cause has a lever of its own, which goes down while the cause shows
and back up, one step at a time, when it has gone; the strictest lever counts. The whole table (`RULES`, `Limits`):

| cause  | shows when                                     | then                            | gone when              |
| ------ | ---------------------------------------------- | ------------------------------- | ---------------------- |
| heat   | throttled, or near the point where it would be | one thread fewer                | far from that point    |
| ------ | near the point where the machine switches off  | nothing loaded                  | the same               |
| load   | others keep busy what our threads would need   | threads for the processors left | room for one more      |
| memory | less is free than must stay free               | down the ladder till enough is  | the next rung up fits  |
| ------ | something waits for memory, or swap comes back | one rung down the ladder        | nothing does, and fits |
| idle   | nobody has asked for a while                   | nothing loaded                  | somebody asks          |

The ladder: the plan, shorter contexts, smaller installed models, nothing. A step that is needed again soon after it was
taken back is held twice as long the next time, so that a cause that follows from taking it back does not swing.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from edge.tuning.plan import Plan


class Cause(StrEnum):
    """What is short."""

    HEAT = "heat"
    LOAD = "load"
    MEMORY = "memory"
    IDLE = "idle"


class Kind(StrEnum):
    """What a step does; each has its opposite."""

    FEWER_THREADS = "fewer_threads"
    MORE_THREADS = "more_threads"
    SHORTER_CONTEXT = "shorter_context"
    LONGER_CONTEXT = "longer_context"
    SMALLER_MODEL = "smaller_model"
    LARGER_MODEL = "larger_model"
    UNLOAD = "unload"
    LOAD = "load"

    @property
    def takes_back(self) -> bool:
        """Whether it gives back what was given up."""
        return self in (Kind.MORE_THREADS, Kind.LONGER_CONTEXT, Kind.LARGER_MODEL, Kind.LOAD)


@dataclass(frozen=True, slots=True)
class Rule:
    """When a lever moves."""

    after_s: float
    """How long the cause must show before a step, and before the next."""
    hold_s: float
    """How long it must be gone before a step is taken back, and before the next."""
    longest_hold_s: float
    """What that doubles up to where the cause keeps returning."""


RULES: Final = {
    Cause.HEAT: Rule(after_s=10, hold_s=60, longest_hold_s=960),
    Cause.LOAD: Rule(after_s=4, hold_s=20, longest_hold_s=160),
    Cause.MEMORY: Rule(after_s=6, hold_s=60, longest_hold_s=960),
}
RELAPSE_S: Final = 900.0
"""A cause that returns within this time of a step taken back has returned because of it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where causes show, and where they are gone."""

    keep_free_bytes: int
    """Memory that must stay free; below it the model gives some up."""
    idle_s: float | None = None
    """How long nobody must have asked before the model is unloaded; None for never."""
    near_celsius: float = 3.0
    far_celsius: float = 8.0
    """Degrees left before something slows the processor down."""
    critical_celsius: float = 4.0
    """Degrees left before the machine switches itself off, at which not even one thread may go on."""
    stalled: float = 0.1
    flowing: float = 0.02
    """Share of time that something waits for memory."""
    swapping_bytes_per_s: float = 4 << 20
    """What comes back from swap; a quarter of it is calm."""
    room_cpus: float = 0.25
    """How little more of a processor than it needs may be in use by others for one thread more."""

    @property
    def comfortable_bytes(self) -> int:
        """What a step frees up to, and what must be left after taking one back."""
        return self.keep_free_bytes * 3 // 2


@dataclass(frozen=True, slots=True)
class Reading:
    """How things are at one moment; None is what nobody knows here."""

    at_s: float
    """Of a clock that never jumps."""
    slows_in_celsius: float | None = None
    """Degrees left before something slows the processor down; negative past it."""
    ends_in_celsius: float | None = None
    """Degrees left before the machine switches itself off."""
    throttled: bool = False
    available_bytes: int | None = None
    memory_stall: float = 0.0
    """Share of time, 0 to 1, that something waited for memory."""
    swapped_in_bytes_per_s: float = 0.0
    others_cpus: float = 0.0
    """Processors kept busy by everything but the model: 1.5 is one and a half."""
    idle_s: float = 0.0
    """Since somebody last wanted an answer; 0 while somebody does."""
    changing: bool = False
    """Whether a step is being carried out whose effect can't be seen yet."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A model and how it would be run."""

    model: str
    plan: Plan
    held_bytes: int
    """What it keeps from others: all it has in memory but mapped weights, which the kernel may drop."""

    def rise_from(self, below: "Rung | None") -> int:
        """What going up to it takes: new weights have to come into memory even where they are mapped."""
        if below is None or below.model != self.model:
            return self.plan.predicted_bytes - (below.held_bytes if below else 0)
        return self.held_bytes - below.held_bytes


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the governor allows now."""

    most_threads: int
    rung: Rung | None
    """None: nothing is to be loaded."""
    unloaded_for: Cause | None = None
    """Why nothing is; a question ends `IDLE`, the others end by themselves."""

    def facts(self) -> dict[str, Any]:
        """For people and programs."""
        rung = self.rung
        return {
            "most_threads": self.most_threads,
            "model": rung.model if rung else None,
            "n_ctx": rung.plan.n_ctx if rung else 0,
            "unloaded_for": self.unloaded_for and self.unloaded_for.value,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One change, and why."""

    kind: Kind
    cause: Cause
    why: str
    before: Allowance
    after: Allowance

    def facts(self) -> dict[str, Any]:
        """For the log, health and MQTT."""
        return {"step": self.kind.value, "cause": self.cause.value, "why": self.why, **self.after.facts()}


class _Lever:
    """How far one cause has pushed: level 0 is the plan."""

    def __init__(self, rule: Rule) -> None:
        self.level = 0
        self.hold_s = rule.hold_s
        self._rule = rule
        self._shows_since: float | None = None
        self._gone_since: float | None = None
        self._moved_at = -math.inf
        self._taken_back_at = -math.inf

    def move(self, at_s: float, wanted: int, *, gone: bool, at_once: bool = False) -> None:
        """Go to the level that the cause wants if that is further; back by one where it is gone; in their time."""
        if wanted > self.level:
            self._gone_since = None
            self._shows_since = at_s if self._shows_since is None else self._shows_since
            if at_once or at_s - max(self._shows_since, self._moved_at) >= self._rule.after_s:
                if at_s - self._taken_back_at < RELAPSE_S:
                    self.hold_s = min(2 * self.hold_s, self._rule.longest_hold_s)
                self.level, self._moved_at, self._shows_since = wanted, at_s, None
            return
        self._shows_since = None
        if self.level == 0:
            if at_s - self._moved_at >= RELAPSE_S:
                self.hold_s = self._rule.hold_s
            return
        if not gone:
            self._gone_since = None
            return
        self._gone_since = at_s if self._gone_since is None else self._gone_since
        if at_s - max(self._gone_since, self._moved_at) >= self.hold_s:
            self.level, self._moved_at, self._taken_back_at = self.level - 1, at_s, at_s


class Governor:
    """Decides for one model plan at a time; `plan` tells it of another."""

    def __init__(self, limits: Limits, cpus: float) -> None:
        """`cpus` is how much processor time a second the whole machine, or our part of it, has."""
        self.limits = limits
        self._cpus = cpus
        self._rungs: tuple[Rung, ...] = ()
        self._threads = 1
        self._heat, self._load, self._memory = (_Lever(RULES[cause]) for cause in RULES)
        self._idle = False
        self._most = 1

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The ladder, the plan first."""
        return self._rungs

    def plan(self, rungs: Sequence[Rung]) -> None:
        """Begin anew with this ladder, largest first: it was made for the memory that there is now.

        Heat and others' load are still what they were.
        """
        self._rungs = tuple(rungs)
        self._memory = _Lever(RULES[Cause.MEMORY])
        plan = rungs[0].plan if rungs else None
        threads = max(plan.n_threads, plan.n_threads_batch) if plan else 1
        too_hot = self._heat.level >= self._threads
        self._heat.level = threads if too_hot else min(self._heat.level, threads - 1)
        self._load.level = min(self._load.level, threads - 1)
        self._threads = threads

    def drop(self, rung: Rung) -> None:
        """A rung can't be stood on (its file is gone, say): the next one down takes its place. The plan stays."""
        if rung in self._rungs[1:]:
            self._rungs = tuple(one for one in self._rungs if one != rung)

    @property
    def allowance(self) -> Allowance:
        """What holds after the steps so far."""
        limited = self._threads - max(min(self._heat.level, self._threads - 1), self._load.level)
        cause = None
        if self._memory.level >= self._nothing:
            cause = Cause.MEMORY
        elif self._heat.level >= self._threads:
            cause = Cause.HEAT
        elif self._idle:
            cause = Cause.IDLE
        return Allowance(limited, None if cause else self._rungs[self._memory.level], cause)

    @property
    def limited(self) -> bool:
        """Whether anything of the plan is given up now."""
        return bool(self._heat.level or self._load.level or self._memory.level or self._idle)

    def decide(self, reading: Reading) -> tuple[Step, ...]:
        """The steps that a reading asks for, in order; none without a plan."""
        if not self._rungs:
            return ()
        moves: tuple[tuple[Cause, Callable[[Reading], None]], ...] = (
            (Cause.HEAT, self._move_for_heat),
            (Cause.LOAD, self._move_for_load),
            (Cause.MEMORY, self._move_for_memory),
            (Cause.IDLE, self._move_for_idleness),
        )
        steps = []
        for cause, move in moves:
            before = self.allowance
            move(reading)
            after = self.allowance
            kind = _kind(before, after)
            if kind is not None:
                steps.append(Step(kind, cause, self._why(cause, kind, reading), before, after))
        return tuple(steps)

    def _move_for_heat(self, reading: Reading) -> None:
        limits, left, end = self.limits, reading.slows_in_celsius, reading.ends_in_celsius
        ending = end is not None and end <= limits.critical_celsius
        hot = reading.throttled or (left is not None and left <= limits.near_celsius)
        cool = not reading.throttled and (left is None or left >= limits.far_celsius) and not ending
        fewest = max(self._heat.level, min(self._heat.level + 1, self._threads - 1))
        wanted = self._threads if ending else fewest if hot else 0
        self._heat.move(reading.at_s, wanted, gone=cool and not reading.changing, at_once=ending)

    def _move_for_load(self, reading: Reading) -> None:
        """A half-used processor is left to us; for one more, nearly all of it must be free."""
        left = max(self._cpus, self._threads) - reading.others_cpus
        threads = self._threads - self._load.level
        fitting = max(1, math.floor(left + 0.5))
        wanted = self._threads - min(fitting, self._threads)
        self._load.move(reading.at_s, wanted, gone=threads + 1 <= left + self.limits.room_cpus)

    def _move_for_memory(self, reading: Reading) -> None:
        free = reading.available_bytes
        if reading.changing or free is None:
            return
        limits, lever = self.limits, self._memory
        flows = (
            reading.memory_stall <= limits.flowing and reading.swapped_in_bytes_per_s <= limits.swapping_bytes_per_s / 4
        )
        if self.allowance.unloaded_for in (Cause.IDLE, Cause.HEAT):
            # Nothing can be freed; but what is loaded next must fit.
            room = free - limits.comfortable_bytes
            fitting = next((at for at, rung in enumerate(self._rungs) if rung.rise_from(None) <= room), self._nothing)
            if fitting > lever.level or flows:
                lever.level = fitting
            return
        if free < limits.keep_free_bytes:
            lever.move(reading.at_s, self._level_freeing(limits.comfortable_bytes - free), gone=False, at_once=True)
        elif reading.memory_stall >= limits.stalled or reading.swapped_in_bytes_per_s >= limits.swapping_bytes_per_s:
            lever.move(reading.at_s, min(lever.level + 1, self._nothing), gone=False)
        else:
            rise = self._rungs[lever.level - 1].rise_from(self._rung(lever.level)) if lever.level else 0
            lever.move(reading.at_s, 0, gone=flows and free - rise >= limits.comfortable_bytes)

    def _move_for_idleness(self, reading: Reading) -> None:
        limit = self.limits.idle_s
        if not reading.changing:
            self._idle = limit is not None and reading.idle_s >= limit

    @property
    def _nothing(self) -> int:
        """The level below the last rung."""
        return len(self._rungs)

    def _rung(self, level: int) -> Rung | None:
        return self._rungs[level] if level < self._nothing else None

    def _level_freeing(self, wanted_bytes: int) -> int:
        """The highest level that frees so much."""
        now = self._rung(self._memory.level)
        most = (now.held_bytes if now else 0) - wanted_bytes
        below = range(self._memory.level, self._nothing)
        return next((level for level in below if self._rungs[level].held_bytes <= most), self._nothing)

    def _why(self, cause: Cause, kind: Kind, reading: Reading) -> str:
        taken_back = kind.takes_back
        match cause:
            case Cause.HEAT if taken_back:
                return f"the processor has been cool for {self._heat.hold_s:.0f} s"
            case Cause.HEAT if kind is Kind.UNLOAD:
                return f"the machine is {reading.ends_in_celsius:.0f} °C from switching itself off"
            case Cause.HEAT if reading.throttled:
                return "the processor is being slowed down, for heat or for want of voltage"
            case Cause.HEAT:
                return f"the processor is {reading.slows_in_celsius:.0f} °C from being slowed down"
            case Cause.LOAD:
                return f"others keep {reading.others_cpus:.1f} of {self._cpus:g} processors busy"
            case Cause.MEMORY if taken_back or (reading.available_bytes or 0) < self.limits.keep_free_bytes:
                return f"{_mb(reading.available_bytes or 0)} of memory are free, {self._kept()}"
            case Cause.MEMORY if reading.memory_stall >= self.limits.stalled:
                return f"something waits for memory {reading.memory_stall:.0%} of the time"
            case Cause.MEMORY:
                return f"{_mb(int(reading.swapped_in_bytes_per_s))} a second come back from swap"
            case Cause.IDLE if taken_back:
                return "somebody asks"
            case Cause.IDLE:
                minutes = reading.idle_s >= 120
                span = f"{reading.idle_s / 60:.0f} min" if minutes else f"{reading.idle_s:.0f} s"
                return f"nobody has asked for {span}"

    def _kept(self) -> str:
        return f"{_mb(self.limits.keep_free_bytes)} of which must stay free"


def _kind(before: Allowance, after: Allowance) -> Kind | None:
    if before.rung == after.rung:
        if before.most_threads == after.most_threads or after.rung is None:
            return None
        return Kind.FEWER_THREADS if after.most_threads < before.most_threads else Kind.MORE_THREADS
    if after.rung is None:
        return Kind.UNLOAD
    if before.rung is None:
        return Kind.LOAD
    less = after.rung.plan.predicted_bytes < before.rung.plan.predicted_bytes
    if before.rung.model == after.rung.model:
        return Kind.SHORTER_CONTEXT if less else Kind.LONGER_CONTEXT
    return Kind.SMALLER_MODEL if less else Kind.LARGER_MODEL


def _mb(count: int) -> str:
    return f"{count / 1e6:.0f} MB"
