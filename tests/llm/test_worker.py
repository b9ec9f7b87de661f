"""The worker process by itself, with the real library: what it can be told, and what it keeps on disk."""

import asyncio
import importlib.util
import logging
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.llm import LlmError
from edge.llm.process import WorkerDied, WorkerProcess
from edge.llm.spawn import started_worker
from edge.llm.wire import Answer, Reason
from edge.tuning import LoadMode, Plan
from tests.gguf_maker import make

needs_library = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra")
pytestmark = [pytest.mark.llm, needs_library]

PLAN = Plan(
    n_threads=1,
    n_threads_batch=1,
    n_ctx=512,
    n_batch=64,
    n_ubatch=64,
    load_mode=LoadMode.MMAP,
    repack=False,
    predicted_bytes=80 << 20,
    ceiling_bytes=1 << 30,
)
INSTRUCTIONS = "You are the light in the kitchen. " * 8
NO_INSTRUCTIONS = ""
MUTATIONS = 200


@asynccontextmanager
async def worker_with(model: Path, plan: Plan = PLAN, cache: Path | None = None) -> AsyncIterator[WorkerProcess]:
    async with started_worker(plan.ceiling_bytes) as worker:
        await load(worker, model, plan, cache)
        yield worker


async def load(worker: WorkerProcess, model: Path, plan: Plan = PLAN, cache: Path | None = None) -> None:
    await worker.load(model, plan, identity=str(model), cache=cache, cache_bytes=64 << 20)


def asking(text: str = "what is on?", instructions: str = INSTRUCTIONS, max_tokens: int = 6) -> Answer:
    """A question; answered the same way every time."""
    number = next(_numbers)
    return Answer(number, instructions, [["user", text]], max_tokens, 0.0, 1, 60.0)


_numbers = iter(range(1, 1 << 30))


async def whole(worker: WorkerProcess, request: Answer) -> str:
    return "".join([piece async for piece in worker.answer(request)])


async def file_in(directory: Path) -> Path:
    """The one state, once it is written."""
    async with asyncio.timeout(30):
        while not (found := await asyncio.to_thread(lambda: list(directory.glob("*.kv")))):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    (file,) = found
    return file


async def test_it_waits_passively_and_goes_before_the_service_when_memory_runs_out(tiny: Path) -> None:
    def facts(pid: int) -> tuple[list[bytes], int, int]:
        proc = Path(f"/proc/{pid}")
        own = int(Path("/proc/self/oom_score_adj").read_text())
        return (proc / "environ").read_bytes().split(b"\0"), int((proc / "oom_score_adj").read_text()), own

    async with worker_with(tiny) as worker:
        environment, score, own = await asyncio.to_thread(facts, worker.pid)
        assert b"OMP_WAIT_POLICY=passive" in environment
        assert score > own


async def test_threads_change_while_it_answers(small: Path) -> None:
    async with worker_with(small) as worker:
        request = replace(asking(), max_tokens=300)
        pieces = worker.answer(request)
        assert await anext(pieces)
        await worker.set_threads(2, 3)
        measured = await worker.measure()
        assert (measured.n_threads, measured.n_threads_batch) == (2, 3)
        assert measured.cached_tokens > 0
        assert [piece async for piece in pieces]
        assert worker.last is not None
        assert worker.last.reason is Reason.LENGTH


async def test_it_lets_a_model_go_and_loads_another_in_the_same_process(tiny: Path, small: Path) -> None:
    async with worker_with(small, replace(PLAN, load_mode=LoadMode.NONE)) as worker:
        pid, full = worker.pid, await worker.measure()
        await worker.unload()
        empty = await worker.measure()
        assert empty.n_ctx == 0
        assert empty.resident_bytes < full.resident_bytes - (10 << 20)
        with pytest.raises(LlmError, match="no language model is loaded"):
            await whole(worker, asking())
        await load(worker, tiny)
        assert await whole(worker, asking())
        assert worker.pid == pid


async def test_another_context_needs_no_reading_of_the_weights(small: Path) -> None:
    async with worker_with(small) as worker:
        first = await whole(worker, asking())
        await load(worker, small, replace(PLAN, n_ctx=1024, n_threads=2, flash_attn=True, type_k="q8_0", type_v="q8_0"))
        assert worker.fraction == 0  # nothing was loaded anew
        assert (await worker.measure()).n_ctx == 1024
        await load(worker, small, PLAN)
        assert await whole(worker, asking()) == first


async def test_what_can_not_be_loaded_leaves_it_ready_for_the_next(tiny: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    whole_file = await asyncio.to_thread(tiny.read_bytes)
    await asyncio.to_thread(broken.write_bytes, whole_file[: len(whole_file) // 2])
    async with worker_with(tiny) as worker:
        with pytest.raises(LlmError, match=r"llama\.cpp can't load"):
            await load(worker, broken)
        with pytest.raises(LlmError, match="no type 'q3_k_huge'"):
            await load(worker, tiny, replace(PLAN, type_k="q3_k_huge"))
        await load(worker, tiny)
        assert await whole(worker, asking())


async def test_measuring_a_dead_worker_says_how_it_died(tiny: Path) -> None:
    async with worker_with(tiny) as worker:
        os.kill(worker.pid, signal.SIGSTOP)
        await asyncio.to_thread(os.waitid, os.P_PID, worker.pid, os.WSTOPPED | os.WNOWAIT)  # it takes a moment
        measuring = asyncio.create_task(worker.measure())
        await asyncio.sleep(0)
        worker.kill()
        with pytest.raises(WorkerDied, match="SIGKILL"):
            await measuring


async def test_the_beginning_of_a_prompt_outlives_the_process(tiny: Path, tmp_path: Path) -> None:
    async with worker_with(tiny, cache=tmp_path) as worker:
        cold = await whole(worker, asking())
        assert worker.last is not None
        assert worker.last.reused_tokens == 0
        await file_in(tmp_path)
    async with worker_with(tiny, cache=tmp_path) as worker:
        assert await whole(worker, asking()) == cold
        assert worker.last is not None
        assert worker.last.restored_tokens > 50
        assert worker.last.reused_tokens == worker.last.restored_tokens
        await whole(worker, asking("and now?"))
        assert worker.last.restored_tokens == 0  # it is still in memory
        await whole(worker, asking(instructions=NO_INSTRUCTIONS))
        await whole(worker, asking("and now?"))
        assert worker.last.restored_tokens > 50


async def test_a_primed_worker_reads_the_question_alone(tiny: Path, tmp_path: Path) -> None:
    async with worker_with(tiny, cache=tmp_path) as worker:
        await worker.prime(INSTRUCTIONS)
        await file_in(tmp_path)
        await whole(worker, asking())
        assert worker.last is not None
        assert worker.last.restored_tokens == 0
        assert worker.last.reused_tokens > 50


async def test_an_answer_interrupts_priming(small: Path, tmp_path: Path) -> None:
    async with worker_with(small, replace(PLAN, n_ctx=4096)) as worker:
        await worker.prime("what is the light " * 300)
        assert await whole(worker, asking("hello"))
        assert worker.last is not None
        assert worker.last.reason is Reason.LENGTH


async def test_a_state_that_would_not_fit_under_the_ceiling_is_not_made(tiny: Path, tmp_path: Path) -> None:
    async with worker_with(tiny, replace(PLAN, predicted_bytes=PLAN.ceiling_bytes - 1000), tmp_path) as worker:
        cold = await whole(worker, asking())
        assert await whole(worker, asking()) == cold
        assert not await asyncio.to_thread(lambda: list(tmp_path.glob("*.kv")))


async def test_another_context_has_states_of_its_own(tiny: Path, tmp_path: Path) -> None:
    async with worker_with(tiny, cache=tmp_path) as worker:
        await whole(worker, asking())
        await file_in(tmp_path)
        await load(worker, tiny, replace(PLAN, n_ctx=1024), tmp_path)
        await whole(worker, asking())
        assert worker.last is not None
        assert worker.last.restored_tokens == 0


async def test_no_spoilt_state_does_harm(tiny: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    other = await asyncio.to_thread(make, tmp_path / "other.gguf", seed=7)
    cache = tmp_path / "cache"
    async with worker_with(other, cache=cache) as worker:
        await whole(worker, asking())
        foreign = await asyncio.to_thread((await file_in(cache)).read_bytes)
    await asyncio.to_thread((await file_in(cache)).unlink)
    dice = random.Random(4)  # noqa: S311 (no secrets)
    async with worker_with(tiny, cache=cache) as worker:
        pid, right = worker.pid, await whole(worker, asking())
        file = await file_in(cache)
        state = await asyncio.to_thread(file.read_bytes)
        for number in range(MUTATIONS):
            await asyncio.to_thread(file.write_bytes, spoilt(state, foreign, number, dice))
            await load(worker, tiny, cache=cache)  # a fresh context, so that the file is looked at
            assert await whole(worker, asking()) == right
            assert worker.last is not None
            assert worker.last.restored_tokens == 0
            await file_in(cache)
        assert worker.pid == pid
        await load(worker, tiny, cache=cache)
        assert await whole(worker, asking()) == right
        assert worker.last.restored_tokens > 50
    assert sum(record.message == "llm.prefix_rejected" for record in caplog.records) == MUTATIONS


def spoilt(state: bytes, foreign: bytes, number: int, dice: random.Random) -> bytes:
    """A state with something wrong with it, in turn: a bit, a piece, the end, the whole."""
    at = dice.randrange(len(state))
    match number % 5:
        case 0:
            return state[:at] + bytes([state[at] ^ (1 << dice.randrange(8))]) + state[at + 1 :]
        case 1:
            return state[:at]
        case 2:
            return state + dice.randbytes(dice.randrange(1, 200))
        case 3:
            return state[:at] + dice.randbytes(min(64, len(state) - at)) + state[at + 64 :]
        case _:
            return foreign


async def test_a_worker_that_gives_no_sign_of_life_is_ended(tiny: Path) -> None:
    async with worker_with(tiny) as worker:
        await worker.measure()
        os.kill(worker.pid, signal.SIGSTOP)
        await worker.keep_in_touch(every_s=0.01, silent_s=0.2)
        await worker.gone.wait()
        assert "no sign of life" in str(worker.obituary())
        assert not worker.unending
