"""The governor with real workers: on a made-up machine whose heat and memory change, and under a real ceiling."""

import asyncio
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.assistant.ports import ChatTurn
from edge.llm import LanguageModel, LlmError, Options, State
from edge.llm.options import Governing
from edge.llm.process import resident_bytes
from edge.models import ModelStore
from edge.tuning.governor import RULES, Cause, Kind, Rule, Step
from tests.gguf_maker import make
from tests.tuning.machine import machine, write

MIB = 1 << 20
GIB = 1 << 30
HELLO = [ChatTurn("user", "Hello, what is the light?")]
V1 = Path("/sys/fs/cgroup/memory")
pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra"),
]


class World:
    """A machine of four cores and 4 GiB, as its files tell it; what a model gives up is free there at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        zone = "sys/class/thermal/thermal_zone0/"
        trips = {"trip_point_0_type": "passive", "trip_point_0_temp": "80000"}
        trips |= {"trip_point_1_type": "critical", "trip_point_1_temp": "110000"}
        write(machine(root), {zone + name: text for name, text in {"type": "cpu-thermal", **trips}.items()})
        write(root, {"proc/self/status": "Cpus_allowed_list:\t0-3\n"})
        self._zone = root / zone / "temp"
        self._put(self._zone, "50000\n")
        self._left_mib = 3000.0
        self._given_up_mib = 0.0
        self._changed = threading.Event()
        self._ended = False
        self._writer = threading.Thread(target=self._keep_up)
        self._writer.start()

    async def be(self, *, celsius: int | None = None, left_mib: int | None = None) -> None:
        """Change the weather: `left_mib` is what others leave free beside the whole plan."""
        if celsius is not None:
            await asyncio.to_thread(self._put, self._zone, f"{celsius}000\n")
        if left_mib is not None:
            self._left_mib = left_mib
            self._changed.set()

    def take(self, step: Step) -> None:
        """A step of the governor."""
        before, after = (one.rung.held_bytes if one.rung else 0 for one in (step.before, step.after))
        self._given_up_mib += (before - after) / MIB
        self._changed.set()

    def end(self) -> None:
        self._ended = True
        self._changed.set()
        self._writer.join()

    def _keep_up(self) -> None:
        while not self._ended:
            free = int((self._left_mib + self._given_up_mib) * 1024)
            self._put(self.root / "proc/meminfo", f"MemTotal: {4 << 20} kB\nMemAvailable: {free} kB\n")
            self._changed.wait()
            self._changed.clear()

    def _put(self, file: Path, text: str) -> None:
        fresh = file.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(file)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "root")
    yield made
    made.end()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Levers that move within moments; how long they take otherwise is the simulations' matter."""
    for cause in RULES:
        monkeypatch.setitem(RULES, cause, Rule(after_s=0.0, hold_s=0.05, longest_hold_s=0.05))


@pytest.fixture
def options(world: World) -> Options:
    governing = Governing(keep_free_bytes=20 * MIB, idle_s=0, every_s=0.02, patience_s=60, root=world.root)
    return Options(
        max_tokens=24,
        poll_s=0.05,
        first_restart_s=0.05,
        slowest_restart_s=0.2,
        seed=1,
        n_ctx=4096,
        n_threads=2,
        memory_bytes=1 * GIB,
        governing=governing,
    )


class Steps:
    """What the governor of a model has done, as it does it."""

    def __init__(self, model: LanguageModel) -> None:
        self.taken: list[Step] = []
        self._came = asyncio.Event()
        model.governed.listeners.append(self._take)

    def _take(self, step: Step) -> None:
        self.taken.append(step)
        self._came.set()

    async def until(self, *kinds: Kind) -> Step:
        """The last of these steps, once they were taken in this order since the last time."""
        async with asyncio.timeout(60):
            while [step.kind for step in self.taken[: len(kinds)]] != list(kinds):
                self._came.clear()
                await self._came.wait()
        found = self.taken[len(kinds) - 1]
        del self.taken[: len(kinds)]
        return found


@asynccontextmanager
async def running(store: ModelStore, options: Options, world: World) -> AsyncIterator[tuple[LanguageModel, Steps]]:
    async with LanguageModel(store, options) as model:
        steps = Steps(model)
        model.governed.listeners.append(world.take)
        assert await model.settled() is State.READY, model.unavailable
        await eventually(lambda: "most_threads" in model.governed.facts())
        yield model, steps


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - figures have no event of their own
            await asyncio.sleep(0.01)


async def whole(model: LanguageModel) -> str:
    return "".join([str(piece) async for piece in model.answer(HELLO)])


async def add(store: ModelStore, file: Path) -> None:
    await asyncio.to_thread(store.add, file)


def pid_of(model: LanguageModel) -> int | None:
    return model.worker.pid if model.worker else None


def without_shorter_contexts(options: Options) -> Options:
    """Room that only a smaller model, were it ever so little smaller, has to give."""
    assert options.governing is not None
    return replace(options, n_ctx=1024, governing=replace(options.governing, keep_free_bytes=8 * MIB))


async def test_heat_takes_a_thread_in_the_middle_of_an_answer_and_gives_it_back(
    store: ModelStore, small: Path, world: World, options: Options
) -> None:
    await add(store, small)
    async with (
        running(store, replace(options, max_tokens=2000), world) as (model, steps),
        aclosing(model.answer(HELLO)) as said,
    ):
        assert await anext(said)
        await world.be(celsius=78)
        step = await steps.until(Kind.FEWER_THREADS)
        assert (step.cause, step.after.most_threads) == (Cause.HEAT, 1)
        assert step.why == "the processor is 2 °C from being slowed down"
        assert await anext(said)
        worker = model.worker
        assert worker is not None
        await eventually(lambda: model.figures.n_threads == 1)
        assert (await worker.measure()).n_threads == 1
        assert model.governed.facts()["limited"]
        await world.be(celsius=50)
        await steps.until(Kind.MORE_THREADS)
        await eventually(lambda: model.figures.n_threads == 2)
        assert (await worker.measure()).n_threads == 2
        assert await anext(said)
        assert not model.governed.facts()["limited"]


async def test_a_context_shrinks_and_grows_in_the_same_worker_while_questions_wait(
    store: ModelStore, small: Path, world: World, options: Options
) -> None:
    await add(store, small)
    async with running(store, options, world) as (model, steps):
        pid, before = pid_of(model), await whole(model)
        await world.be(left_mib=19)
        asked = [asyncio.create_task(whole(model)) for _ in range(4)]
        step = await steps.until(Kind.SHORTER_CONTEXT)
        assert step.cause is Cause.MEMORY
        assert all(await asyncio.gather(*asked))
        await eventually(lambda: model.figures.n_ctx < 4096 and model.state is State.READY)
        worker = model.worker
        assert worker is not None
        assert (await worker.measure()).n_ctx == model.figures.n_ctx
        assert pid_of(model) == pid
        assert await whole(model)
        await world.be(left_mib=3000)
        await eventually(lambda: model.figures.n_ctx == 4096)
        assert not [step for step in steps.taken if not step.kind.takes_back]
        assert pid_of(model) == pid
        assert await whole(model) == before
        assert model.figures.restarts == 0


async def test_a_smaller_context_takes_less_memory(
    store: ModelStore, small: Path, world: World, options: Options
) -> None:
    await add(store, small)
    async with running(store, options, world) as (model, steps):
        assert model.worker is not None
        before = await model.worker.measure()
        held = model.figures.predicted_bytes
        await world.be(left_mib=19)
        await steps.until(Kind.SHORTER_CONTEXT)
        await eventually(lambda: model.figures.n_ctx < 4096)
        await eventually(lambda: model.figures.predicted_bytes < held)
        freed = before.anonymous_bytes - (await model.worker.measure()).anonymous_bytes
        assert freed >= (held - model.figures.predicted_bytes) * 0.9


async def test_an_idle_model_is_let_go_and_the_first_question_brings_it_back(
    store: ModelStore, tiny: Path, world: World, options: Options
) -> None:
    await add(store, tiny)
    assert options.governing is not None
    idle = replace(options, governing=replace(options.governing, idle_s=0.3))
    async with running(store, idle, world) as (model, steps):
        pid = pid_of(model)
        assert await whole(model)
        step = await steps.until(Kind.UNLOAD)
        assert step.cause is Cause.IDLE
        await eventually(lambda: model.state is State.UNLOADED)
        assert pid_of(model) is None
        assert pid is not None
        assert resident_bytes(pid) == 0
        assert model.unavailable is None
        assert all(await asyncio.gather(whole(model), whole(model), whole(model)))
        assert (await steps.until(Kind.LOAD)).why == "somebody asks"


async def test_without_memory_for_any_it_rests_says_so_and_comes_back(
    store: ModelStore, tiny: Path, world: World, options: Options
) -> None:
    await add(store, tiny)
    async with running(store, options, world) as (model, steps):
        await world.be(left_mib=1)
        await eventually(lambda: model.state is State.UNLOADED)
        assert steps.taken[-1].kind is Kind.UNLOAD
        assert model.unavailable == "The language model rests until more memory is free."
        with pytest.raises(LlmError, match="rests until more memory is free"):
            await whole(model)
        await world.be(left_mib=3000)
        await eventually(lambda: model.state is State.READY and not model.governed.facts()["limited"])
        assert await whole(model)


async def test_a_smaller_model_stands_in_and_the_larger_one_returns(
    store: ModelStore, small: Path, tiny: Path, world: World, options: Options
) -> None:
    await add(store, small)
    await add(store, tiny)
    async with running(store, without_shorter_contexts(options), world) as (model, steps):
        await world.be(left_mib=7)
        step = await steps.until(Kind.SMALLER_MODEL)
        assert step.after.rung is not None
        assert step.after.rung.model == "tiny"
        assert await whole(model)
        await eventually(lambda: model.figures.model == "tiny")
        await world.be(left_mib=3000)
        assert (await steps.until(Kind.LARGER_MODEL)).cause is Cause.MEMORY
        assert await whole(model)
        await eventually(lambda: model.figures.model == "small")
        assert model.figures.restarts == 0


async def test_a_smaller_model_that_is_gone_is_passed_over(
    store: ModelStore, small: Path, tiny: Path, world: World, options: Options, caplog: pytest.LogCaptureFixture
) -> None:
    await add(store, small)
    await add(store, tiny)
    async with running(store, without_shorter_contexts(options), world) as (model, _):
        await asyncio.to_thread((store.directory / "tiny.gguf").unlink)
        await world.be(left_mib=7)
        await eventually(lambda: model.state is State.UNLOADED)
        assert "governor.rung_dropped" in [record.message for record in caplog.records]
        await world.be(left_mib=3000)
        await eventually(lambda: model.state is State.READY and model.figures.model == "small")
        assert await whole(model)


async def test_an_answer_without_end_does_not_keep_memory_from_others(
    store: ModelStore, small: Path, world: World, options: Options
) -> None:
    await add(store, small)
    assert options.governing is not None
    hurried = replace(options, max_tokens=100_000, governing=replace(options.governing, patience_s=0.3))
    async with running(store, hurried, world) as (model, _):
        said = model.answer(HELLO)
        assert await anext(said)
        await world.be(left_mib=1)
        with pytest.raises(LlmError, match="short of memory, or too hot"):
            while await anext(said):
                pass
        await eventually(lambda: model.state is State.UNLOADED)
        await said.aclose()


async def test_another_model_in_use_begins_with_its_own_plan(
    store: ModelStore, small: Path, tiny: Path, world: World, options: Options
) -> None:
    await add(store, small)
    await add(store, tiny)
    async with running(store, options, world) as (model, steps):
        await world.be(left_mib=19)
        await steps.until(Kind.SHORTER_CONTEXT)
        await eventually(lambda: model.figures.n_ctx < 4096)
        await asyncio.to_thread(store.use, "tiny")
        await eventually(lambda: model.figures.model == "tiny" and model.state is State.READY)
        assert model.figures.n_ctx == 4096
        assert await whole(model)


async def test_switched_off_the_plan_holds(store: ModelStore, tiny: Path, world: World, options: Options) -> None:
    await add(store, tiny)
    async with LanguageModel(store, replace(options, governing=None)) as model:
        assert await model.settled() is State.READY
        await world.be(left_mib=1, celsius=120)
        assert await whole(model)
        assert model.governed.facts() == {"on": False}


# Under a real ceiling ------------------------------------------------------------------------------------------------


@pytest.fixture
def ceiling() -> Iterator[Path]:
    """A control group of version 1 with 512 MiB, and no swap to go to."""
    group = V1 / f"edge-test-{os.getpid()}"
    group.mkdir()
    (group / "memory.limit_in_bytes").write_text(str(512 * MIB))
    try:
        yield group
    finally:
        for pid in (group / "cgroup.procs").read_text().split():
            with contextlib.suppress(OSError):
                os.kill(int(pid), 9)
        with contextlib.suppress(OSError):
            group.rmdir()


@pytest.mark.root
@pytest.mark.skipif(not os.access(V1 / "memory.limit_in_bytes", os.R_OK | os.W_OK), reason="needs version 1 as root")
def test_under_a_ceiling_it_makes_room_for_others_and_takes_it_back(
    ceiling: Path, tmp_path: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    large = make(tmp_path_factory.mktemp("large") / "large.gguf", "smollm2-135m", type_="Q8_0")
    store = ModelStore(tmp_path / "models")
    store.add(large)
    store.add(tiny)
    finished = subprocess.run(
        [sys.executable, "-m", "tests.llm.under_ceiling", str(ceiling), str(store.directory)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    told = json.loads(finished.stdout)
    assert told["before"] == ["large", 2048]
    assert told["squeezed"][0] == "tiny"
    assert told["after"] == ["large", 2048]
    assert all(told["answers"])
    assert told["restarts"] == 0
    assert told["least_free"] > 0
