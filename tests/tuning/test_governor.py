"""The governor on simulated machines: it frees what is needed, never swings, and gives everything back."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edge.tuning.governor import RULES, Allowance, Cause, Governor, Kind, Limits, Reading, Rung, Step
from edge.tuning.plan import Plan
from edge.tuning.setting import LoadMode

MIB = 1 << 20
TICK_S = 2.0
PLAN = Plan(3, 4, 8192, 64, 64, LoadMode.NONE, repack=True, predicted_bytes=900 * MIB, ceiling_bytes=1000 * MIB)
LIMITS = Limits(keep_free_bytes=128 * MIB)
ALWAYS = 6 * 3600.0
# Hours of a machine's life take a while; a smaller example of them would be no easier to read.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)


def rung(model: str, n_ctx: int, mib: int, *, mapped_mib: int = 0, threads: int = 4) -> Rung:
    plan = replace(PLAN, n_ctx=n_ctx, predicted_bytes=mib * MIB, n_threads=max(1, threads - 1), n_threads_batch=threads)
    return Rung(model, plan, (mib - mapped_mib) * MIB)


LADDER = (rung("large", 8192, 900), rung("large", 4096, 800), rung("large", 2048, 750), rung("small", 2048, 300))


@dataclass
class Machine:
    """A machine with a model on it, second by second: what is allowed has its effect, and is all that has."""

    cores: int = 4
    total_mib: int = 2048
    others_mib: Callable[[float], float] = lambda _: 400.0
    others_threads: Callable[[float], float] = lambda _: 0.0
    ambient: Callable[[float], float] = lambda _: 25.0
    celsius_per_thread: float = 8.0
    cooling_s: float = 90.0
    limit_celsius: float = 80.0
    talks: Callable[[float], bool] = lambda _: True
    celsius: float = 40.0
    at_s: float = 0.0
    last_asked_s: float = 0.0
    steps: list[tuple[float, Step]] = field(default_factory=list)
    least_free_mib: float = math.inf

    def reading(self, allowed: Allowance) -> Reading:
        held = allowed.rung.held_bytes / MIB if allowed.rung else 0.0
        free = self.total_mib - self.others_mib(self.at_s) - held
        self.least_free_mib = min(self.least_free_mib, free)
        ours = float(allowed.most_threads if allowed.rung and self.talks(self.at_s) else 0)
        wanted = self.others_threads(self.at_s)
        share = min(1.0, self.cores / (wanted + ours)) if wanted + ours else 1.0
        target = self.ambient(self.at_s) + self.celsius_per_thread * (ours + wanted) * share
        self.celsius += (target - self.celsius) * (1 - math.exp(-TICK_S / self.cooling_s))
        if self.talks(self.at_s):
            self.last_asked_s = self.at_s
        return Reading(
            at_s=self.at_s,
            slows_in_celsius=self.limit_celsius - self.celsius,
            ends_in_celsius=self.limit_celsius + 20 - self.celsius,
            throttled=self.celsius >= self.limit_celsius,
            available_bytes=max(0, int(free * MIB)),
            memory_stall=min(1.0, max(0.0, (40 - free) / 40)),
            others_cpus=wanted * share,
            idle_s=self.at_s - self.last_asked_s,
        )

    def run(self, governor: Governor, seconds: float) -> None:
        for _ in range(int(seconds / TICK_S)):
            found = governor.decide(self.reading(governor.allowance))
            self.steps += [(self.at_s, step) for step in found]
            self.at_s += TICK_S

    def steps_after(self, at_s: float) -> list[tuple[float, Step]]:
        return [(when, step) for when, step in self.steps if when >= at_s]


def governor(ladder: Sequence[Rung] = LADDER, limits: Limits = LIMITS, cores: int = 4) -> Governor:
    made = Governor(limits, cores)
    made.plan(ladder)
    return made


def on_plan(one: Governor) -> bool:
    return not one.limited and one.allowance == Allowance(one.rungs[0].plan.n_threads_batch, one.rungs[0])


def between(start_s: float, end_s: float, value: float, otherwise: float) -> Callable[[float], float]:
    return lambda at_s: value if start_s <= at_s < end_s else otherwise


def ladders() -> st.SearchStrategy[tuple[Rung, ...]]:
    """Ladders of one to six rungs, with mapped weights or not."""

    def build(sizes: list[int], mapped: bool, threads: int) -> tuple[Rung, ...]:
        down = sorted(set(sizes), reverse=True)
        return tuple(
            rung(
                "large" if index < 2 else f"model{index}",
                8192 >> index if index < 2 else 2048,
                mib,
                mapped_mib=mib // 2 if mapped else 0,
                threads=threads,
            )
            for index, mib in enumerate(down)
        )

    sizes = st.lists(st.integers(60, 900), min_size=1, max_size=6)
    return st.builds(build, sizes, st.booleans(), st.integers(1, 8))


# What anybody can read off the table ---------------------------------------------------------------------------------


def test_a_quiet_machine_runs_the_plan() -> None:
    machine, ours = Machine(celsius_per_thread=2), governor()
    machine.run(ours, 3600)
    assert machine.steps == []
    assert on_plan(ours)


def test_heat_takes_threads_one_by_one_and_gives_them_back() -> None:
    machine, ours = Machine(ambient=between(600, 3000, 55.0, 25.0)), governor()
    machine.run(ours, 12_000)
    kinds = [step.kind for _, step in machine.steps]
    assert kinds[0] is Kind.FEWER_THREADS
    assert set(kinds) == {Kind.FEWER_THREADS, Kind.MORE_THREADS}
    assert {step.cause for _, step in machine.steps} == {Cause.HEAT}
    assert all(abs(step.after.most_threads - step.before.most_threads) == 1 for _, step in machine.steps)
    assert on_plan(ours)


def test_near_the_end_nothing_is_left_running() -> None:
    ours = governor()
    (step,) = ours.decide(Reading(0.0, slows_in_celsius=-15.0, ends_in_celsius=2.0, throttled=True))
    assert (step.kind, step.cause, step.after.rung) == (Kind.UNLOAD, Cause.HEAT, None)
    assert "2 °C from switching itself off" in step.why


def test_a_clock_limit_of_a_persons_making_is_no_heat() -> None:
    ours = governor()
    assert ours.decide(Reading(0.0, slows_in_celsius=30.0)) == ()


def test_busy_processors_leave_us_those_that_are_free() -> None:
    machine, ours = Machine(others_threads=between(60, 600, 2.0, 0.0), celsius_per_thread=2), governor()
    machine.run(ours, 300)
    assert ours.allowance.most_threads == 2
    machine.run(ours, 900)
    assert on_plan(ours)
    assert {step.cause for _, step in machine.steps} == {Cause.LOAD}


def test_everything_busy_leaves_one_thread() -> None:
    machine, ours = Machine(others_threads=lambda _: 8.0, celsius_per_thread=1), governor()
    machine.run(ours, 300)
    assert ours.allowance.most_threads == 1


@pytest.mark.parametrize(
    ("others_mib", "expected"),
    [(1000, ("large", 8192)), (1050, ("large", 4096)), (1100, ("large", 2048)), (1300, ("small", 2048)), (1700, None)],
)
def test_memory_goes_down_the_ladder_as_far_as_it_must(others_mib: int, expected: tuple[str, int] | None) -> None:
    machine, ours = Machine(others_mib=between(60, 3000, others_mib, 400), celsius_per_thread=1), governor()
    machine.run(ours, 600)
    left = ours.allowance.rung
    assert (left and (left.model, left.plan.n_ctx)) == expected
    machine.run(ours, 9000)
    assert on_plan(ours)


def test_a_machine_that_waits_for_memory_gets_some_though_nobody_knows_how_much() -> None:
    ours = governor()
    calm = Reading(0.0, available_bytes=500 * MIB)
    assert ours.decide(replace(calm, at_s=1.0, memory_stall=0.4)) == ()
    (step,) = ours.decide(replace(calm, at_s=9.0, memory_stall=0.4))
    assert (step.kind, step.after.rung) == (Kind.SHORTER_CONTEXT, LADDER[1])
    assert "40% of the time" in step.why
    (step,) = ours.decide(replace(calm, at_s=17.0, swapped_in_bytes_per_s=9e6)) or ours.decide(
        replace(calm, at_s=25.0, swapped_in_bytes_per_s=9e6)
    )
    assert "9 MB a second come back from swap" in step.why


def test_idleness_unloads_and_a_question_loads_at_once() -> None:
    ours = governor(limits=replace(LIMITS, idle_s=1800))
    calm = Reading(0.0, available_bytes=1000 * MIB)
    assert ours.decide(replace(calm, at_s=1799, idle_s=1799)) == ()
    (step,) = ours.decide(replace(calm, at_s=1801, idle_s=1801))
    assert (step.kind, step.cause, step.after.unloaded_for) == (Kind.UNLOAD, Cause.IDLE, Cause.IDLE)
    assert step.why == "nobody has asked for 30 min"
    (step,) = ours.decide(replace(calm, at_s=2000, idle_s=0.0, available_bytes=1900 * MIB))
    assert (step.kind, step.after.rung) == (Kind.LOAD, LADDER[0])


def test_what_is_loaded_after_idleness_fits_what_is_free_by_then() -> None:
    ours = governor(limits=replace(LIMITS, idle_s=60))
    ours.decide(Reading(61, available_bytes=1000 * MIB, idle_s=61))
    ours.decide(Reading(70, available_bytes=600 * MIB, idle_s=70))
    (step,) = ours.decide(Reading(72, available_bytes=600 * MIB, idle_s=0))
    assert (step.kind, step.after.rung) == (Kind.LOAD, LADDER[3])
    ours.decide(Reading(73, available_bytes=300 * MIB, idle_s=0))
    ours.decide(Reading(200, available_bytes=300 * MIB, idle_s=100))
    ours.decide(Reading(202, available_bytes=100 * MIB, idle_s=102))
    assert ours.decide(Reading(204, available_bytes=100 * MIB, idle_s=0)) == ()
    assert ours.allowance.unloaded_for is Cause.MEMORY


def test_nothing_is_decided_while_a_change_has_yet_to_show() -> None:
    ours = governor()
    short = Reading(0.0, available_bytes=10 * MIB)
    assert ours.decide(replace(short, changing=True)) == ()
    assert len(ours.decide(short)) == 1


def test_without_a_plan_nothing_is_decided() -> None:
    ours = Governor(LIMITS, 4)
    assert ours.decide(Reading(0.0, available_bytes=0, throttled=True)) == ()


def test_another_plan_begins_anew_but_for_heat_and_load() -> None:
    ours = governor()
    for at_s in (0, 20, 40):
        ours.decide(Reading(at_s, slows_in_celsius=0.0, available_bytes=10 * MIB))
    assert ours.allowance.rung is None
    ours.plan((rung("other", 4096, 200, threads=2),))
    assert ours.allowance == Allowance(1, ours.rungs[0])


def test_a_rung_that_is_gone_gives_way_to_the_next() -> None:
    ours = governor()
    ours.decide(Reading(0.0, available_bytes=70 * MIB))
    assert ours.allowance.rung == LADDER[2]
    ours.drop(LADDER[2])
    assert ours.allowance.rung == LADDER[3]
    ours.drop(LADDER[0])
    assert ours.rungs[0] == LADDER[0]


def test_steps_say_what_and_why_in_plain_facts() -> None:
    ours = governor()
    (step,) = ours.decide(Reading(0.0, available_bytes=70 * MIB))
    assert step.facts() == {
        "step": "shorter_context",
        "cause": "memory",
        "why": "73 MB of memory are free, 134 MB of which must stay free",
        "most_threads": 4,
        "model": "large",
        "n_ctx": 2048,
        "unloaded_for": None,
    }


# What holds on every machine -----------------------------------------------------------------------------------------


@given(
    ambient=st.floats(0, 70),
    per_thread=st.floats(1, 25),
    cooling_s=st.floats(20, 300),
    demand=st.floats(0, 8),
    others=st.integers(100, 2000),
    ladder=ladders(),
)
@settings(max_examples=15, phases=UNSHRUNK)
def test_under_steady_conditions_it_comes_to_rest(
    ambient: float, per_thread: float, cooling_s: float, demand: float, others: int, ladder: tuple[Rung, ...]
) -> None:
    machine = Machine(
        others_mib=lambda _: float(others),
        others_threads=lambda _: demand,
        ambient=lambda _: ambient,
        celsius_per_thread=per_thread,
        cooling_s=cooling_s,
    )
    machine.run(governor(ladder), ALWAYS)
    late = machine.steps_after(ALWAYS / 2)
    # What follows from no step of ours never moves again; heat, which does, is tried again seldom and seldomer.
    assert [step for _, step in late if step.cause is not Cause.HEAT] == []
    tries = (ALWAYS / 2) / RULES[Cause.HEAT].longest_hold_s
    assert len(late) <= 2 * tries + 2


@given(
    heat=st.tuples(st.floats(40, 75), st.floats(100, 3000)),
    load=st.tuples(st.floats(0, 8), st.floats(100, 3000)),
    memory=st.tuples(st.integers(400, 2040), st.floats(100, 3000)),
    ladder=ladders(),
)
@settings(max_examples=15, phases=UNSHRUNK)
def test_once_the_causes_are_gone_it_returns_to_the_plan_and_stays(
    heat: tuple[float, float], load: tuple[float, float], memory: tuple[int, float], ladder: tuple[Rung, ...]
) -> None:
    machine = Machine(
        ambient=between(100, 100 + heat[1], heat[0], 20.0),
        others_threads=between(50, 50 + load[1], load[0], 0.0),
        others_mib=between(80, 80 + memory[1], memory[0], 400),
        celsius_per_thread=5.0,
    )
    ours = governor(ladder)
    machine.run(ours, 4000)
    deepest = max(len(ladder), ladder[0].plan.n_threads_batch)
    machine.run(ours, deepest * max(rule.longest_hold_s for rule in RULES.values()) + 600)
    assert on_plan(ours)
    returned = machine.at_s
    machine.run(ours, 3600)
    assert machine.steps_after(returned) == []


@given(
    total=st.integers(512, 4096),
    moments=st.lists(st.tuples(st.integers(0, 4096), st.floats(2, 200)), min_size=1, max_size=12),
    ladder=ladders(),
)
def test_it_never_frees_less_than_is_short(
    total: int, moments: list[tuple[int, float]], ladder: tuple[Rung, ...]
) -> None:
    ours = governor(ladder)
    at_s = 0.0
    for others, seconds in moments:
        for _ in range(int(seconds / TICK_S)):
            at_s += TICK_S
            held = ours.allowance.rung.held_bytes if ours.allowance.rung else 0
            free = max(0, (total - others) * MIB - held)
            before = ours.allowance.rung
            ours.decide(Reading(at_s, available_bytes=free))
            after = ours.allowance.rung
            if free < LIMITS.keep_free_bytes and after is not None:
                assert before is not None
                assert free + before.held_bytes - after.held_bytes >= LIMITS.comfortable_bytes
            if before is not None and after is not None and after.held_bytes > before.held_bytes:
                assert free - after.rise_from(before) >= LIMITS.comfortable_bytes


readings = st.builds(
    Reading,
    at_s=st.floats(0.1, 400),
    slows_in_celsius=st.none() | st.floats(-40, 60),
    ends_in_celsius=st.none() | st.floats(-20, 80),
    throttled=st.booleans(),
    available_bytes=st.none() | st.integers(0, 4096 * MIB),
    memory_stall=st.floats(0, 1),
    swapped_in_bytes_per_s=st.floats(0, 1e9),
    others_cpus=st.floats(0, 64),
    idle_s=st.floats(0, 4000),
    changing=st.booleans(),
)


@given(seen=st.lists(readings, max_size=60), ladder=ladders(), idle=st.none() | st.just(1800.0))
def test_whatever_is_read_steps_are_in_order_and_within_the_plan(
    seen: list[Reading], ladder: tuple[Rung, ...], idle: float | None
) -> None:
    ours = governor(ladder, replace(LIMITS, idle_s=idle))
    last: dict[Cause, float] = {}
    allowed = ours.allowance
    for at_s, reading in zip(itertools.accumulate(one.at_s for one in seen), seen, strict=True):
        for step in ours.decide(replace(reading, at_s=at_s)):
            assert allowed.rung is None or step.before.most_threads == allowed.most_threads
            assert step.before.rung == allowed.rung
            allowed = step.after
            assert 1 <= allowed.most_threads <= ladder[0].plan.n_threads_batch
            assert allowed.rung is None or allowed.rung in ladder
            assert (allowed.rung is None) == (allowed.unloaded_for is not None)
            assert step.why
            if step.cause is Cause.LOAD:
                assert step.kind in (Kind.FEWER_THREADS, Kind.MORE_THREADS)
            if step.cause is Cause.IDLE:
                assert step.kind in (Kind.UNLOAD, Kind.LOAD)
            elif step.kind.takes_back:
                assert at_s - last.get(step.cause, -math.inf) >= RULES[step.cause].hold_s
            last[step.cause] = at_s
        assert allowed.rung is None or ours.allowance.most_threads == allowed.most_threads
        assert ours.allowance.rung == allowed.rung
