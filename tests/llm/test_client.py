"""The language model with the real library: it streams, stops, dies, comes back, and never blocks the loop."""

import asyncio
import contextlib
import importlib.util
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from edge.assistant.ports import ChatModel, ChatTurn
from edge.llm import LanguageModel, LlmError, Options, Priority, State
from edge.llm.ceiling import sweep
from edge.llm.process import resident_bytes
from edge.llm.wire import Reason
from edge.models import ModelStore
from tests.gguf_maker import CHATML, make

QUICK = Options(max_tokens=24, poll_s=0.05, first_restart_s=0.05, slowest_restart_s=0.2, seed=1)
ENDLESS = replace(QUICK, max_tokens=100_000)
HELLO = [ChatTurn("user", "Hello, what is the light?")]
needs_library = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra")


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of another make: the model asks for a role and a text alone."""

    role: str
    text: str


@asynccontextmanager
async def running(store: ModelStore, options: Options = QUICK) -> AsyncIterator[LanguageModel]:
    async with LanguageModel(store, options) as model:
        assert await model.settled() is State.READY, model.unavailable
        yield model


async def become(model: LanguageModel, wanted: Callable[[LanguageModel], bool]) -> None:
    """Wait until the model is as wanted."""
    async with asyncio.timeout(60):
        while not wanted(model):  # noqa: ASYNC110 - figures have no event of their own
            await asyncio.sleep(0.01)


def replaced(source: Path, target: Path, old: bytes, new: bytes) -> Path:
    """A copy of a file with some bytes changed."""
    target.write_bytes(source.read_bytes().replace(old, new))
    return target


async def add(store: ModelStore, file: Path) -> Path:
    """Add a model beside the loop; returns where it lies."""
    return (await asyncio.to_thread(store.add, file)).path


async def whole(model: LanguageModel, turns: list[ChatTurn] = HELLO) -> str:
    return "".join([piece async for piece in model.answer(turns)])


def worker_pid(model: LanguageModel) -> int:
    assert model.worker is not None
    return model.worker.pid


async def test_without_a_model_it_says_how_to_get_one(store: ModelStore) -> None:
    async with LanguageModel(store, QUICK) as model:
        port: ChatModel = model
        assert await model.settled() is State.ABSENT
        assert "edge models add" in (port.unavailable or "")
        with pytest.raises(LlmError, match="edge models add"):
            await whole(model)


async def test_switched_off_it_says_so_and_starts_nothing(store: ModelStore, tiny: Path) -> None:
    await add(store, tiny)
    async with LanguageModel(store, replace(QUICK, enabled=False)) as model:
        assert await model.settled() is State.ABSENT
        assert "enabled = true" in (model.unavailable or "")


async def test_without_the_library_it_names_the_extra(
    store: ModelStore, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(store, tiny)
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    async with LanguageModel(store, QUICK) as model:
        assert await model.settled() is State.FAILED
        assert "edge-assistant[llm]" in (model.unavailable or "")


@needs_library
async def test_a_model_that_does_not_fit_is_refused_with_numbers(store: ModelStore, tiny: Path) -> None:
    await add(store, tiny)
    async with LanguageModel(store, replace(QUICK, memory_bytes=10 << 20)) as model:
        assert await model.settled() is State.FAILED
        assert "too little" in (model.unavailable or "")


@pytest.mark.llm
@needs_library
class TestWithTheLibrary:
    """What needs llama.cpp itself."""

    async def test_an_answer_streams_in_pieces(self, store: ModelStore, tiny: Path) -> None:
        await add(store, tiny)
        async with running(store) as model:
            pieces = [piece async for piece in model.answer([Said("user", "Hello?")], priority=Priority.VOICE)]
            assert len(pieces) > 3
            figures = model.figures
            assert figures.state is State.READY
            assert figures.tokens_per_s > 0
            assert figures.prompt_tokens_per_s > 0
            assert figures.model == "tiny"
            await become(model, lambda one: one.figures.resident_bytes > 20 << 20)
            assert model.unavailable is None

    async def test_the_same_seed_says_the_same_and_a_follow_up_reuses_the_memory(
        self, store: ModelStore, tiny: Path
    ) -> None:
        await add(store, tiny)
        async with running(store, replace(QUICK, temperature=0.0)) as model:
            first = await whole(model)
            assert model.worker is not None
            assert model.worker.last is not None
            prompt = model.worker.last.prompt_tokens
            assert await whole(model) == first
            assert model.worker.last.reused_tokens == prompt - 1
            await whole(model, [*HELLO, ChatTurn("assistant", first), ChatTurn("user", "And you?")])
            assert model.worker.last.reused_tokens >= prompt + QUICK.max_tokens - 1

    async def test_a_long_conversation_drops_its_oldest_turns(self, store: ModelStore, tiny: Path) -> None:
        await add(store, tiny)
        turns = [ChatTurn("user" if index % 2 == 0 else "assistant", "what is the light " * 8) for index in range(41)]
        async with running(store, replace(QUICK, n_ctx=1024)) as model:
            assert await whole(model, turns)
            assert model.worker is not None
            assert model.worker.last is not None
            assert model.worker.last.dropped_turns > 0
            with pytest.raises(LlmError, match="too long"):
                await whole(model, [ChatTurn("user", "what is " * 4000)])
            with pytest.raises(LlmError, match="too long"):
                await whole(model, [ChatTurn("user", "x" * 1_000_000)])
            assert await whole(model)

    async def test_closing_the_answer_cancels_the_work(self, store: ModelStore, small: Path) -> None:
        await add(store, small)
        async with running(store, ENDLESS) as model:
            async with aclosing(model.answer(HELLO)) as pieces:
                async for _ in pieces:
                    break
            assert model.worker is not None
            async with aclosing(model.answer([ChatTurn("user", "And now?")])) as pieces:
                async for _ in pieces:
                    break
            waiting = asyncio.create_task(whole(model))
            await asyncio.sleep(0)
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting
            assert model.figures.waiting == 0
            async with aclosing(model.answer(HELLO)) as pieces:
                assert await anext(pieces)

    async def test_a_listener_who_dawdles_keeps_nobody_waiting(self, store: ModelStore, tiny: Path) -> None:
        await add(store, tiny)
        async with running(store) as model:
            slow = model.answer(HELLO)
            assert await anext(slow)
            assert await whole(model)
            await slow.aclose()

    async def test_an_answer_ends_at_its_deadline(self, store: ModelStore, small: Path) -> None:
        await add(store, small)
        async with running(store, replace(ENDLESS, deadline_s=0.2, n_ctx=4096)) as model:
            with pytest.raises(LlmError, match=r"longer than 0\.2 s"):
                await whole(model)
            assert model.worker is not None
            assert model.worker.last is not None
            assert model.worker.last.reason is Reason.DEADLINE

    async def test_a_killed_worker_is_an_error_at_once_and_comes_back(self, store: ModelStore, small: Path) -> None:
        await add(store, small)
        async with running(store, ENDLESS) as model:
            pid = worker_pid(model)
            with pytest.raises(LlmError, match="SIGKILL"):
                async for _ in model.answer(HELLO):
                    os.kill(pid, signal.SIGKILL)
            await become(model, lambda one: one.state is State.READY and worker_pid(one) != pid)
            assert model.figures.restarts == 1
            async with aclosing(model.answer(HELLO)) as pieces:
                assert await anext(pieces)

    async def test_a_worker_that_keeps_dying_is_started_ever_more_slowly(self, store: ModelStore, tiny: Path) -> None:
        await add(store, tiny)
        async with running(store) as model:
            for deaths in range(1, 4):
                os.kill(worker_pid(model), signal.SIGKILL)
                await become(
                    model, lambda one, deaths=deaths: one.figures.restarts == deaths and one.state is State.FAILED
                )
                assert f"again in {0.05 * 2 ** (deaths - 1):g} s" in (model.unavailable or "")
                await become(model, lambda one: one.state is State.READY)

    async def test_a_stuck_worker_is_ended(
        self, store: ModelStore, small: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await add(store, small)
        monkeypatch.setattr("edge.llm.process.GRACE_S", 0.2)
        async with running(store, replace(ENDLESS, deadline_s=0.1)) as model:
            os.kill(worker_pid(model), signal.SIGSTOP)
            with pytest.raises(LlmError, match="hangs"):
                await whole(model)
            await become(model, lambda one: one.figures.restarts == 1 and one.state is State.READY)

    async def test_a_worker_above_its_ceiling_is_ended(
        self, store: ModelStore, tiny: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await add(store, tiny)
        monkeypatch.setattr("edge.tuning.memory.INTERPRETER_BYTES", 1 << 20)
        async with LanguageModel(store, replace(QUICK, memory_bytes=20 << 20, slowest_restart_s=60)) as model:
            await become(model, lambda one: "ceiling of 21 MB" in (one.unavailable or ""))

    async def test_a_garbage_file_fails_with_a_reason_and_the_next_model_is_taken(
        self, store: ModelStore, tiny: Path, tmp_path: Path
    ) -> None:
        wrong = replaced(tiny, tmp_path / "wrong.gguf", b"blk.0.attn_q.weight", b"blk.0.attn_x.weight")
        await add(store, wrong)
        async with LanguageModel(store, QUICK) as model:
            assert await model.settled() is State.FAILED
            assert "llama.cpp can't load" in (model.unavailable or "")
            await add(store, tiny)
            await asyncio.to_thread(store.use, "tiny")
            await become(model, lambda one: one.state is State.READY)
            assert await whole(model)

    async def test_an_altered_model_is_not_loaded(self, store: ModelStore, tiny: Path) -> None:
        model_file = await add(store, tiny)
        replaced(tiny, model_file, b"Random", b"Altered"[:6])
        os.utime(model_file, ns=(1, 1))
        async with LanguageModel(store, QUICK) as model:
            assert await model.settled() is State.FAILED
            assert "altered" in (model.unavailable or "")

    async def test_a_model_removed_while_loaded_is_let_go(self, store: ModelStore, tiny: Path) -> None:
        await add(store, tiny)
        async with running(store) as model:
            pid = worker_pid(model)
            await asyncio.to_thread(store.remove, "tiny")
            await become(model, lambda one: one.state is State.ABSENT)
            assert resident_bytes(pid) == 0
            await add(store, tiny)
            await become(model, lambda one: one.state is State.READY)

    async def test_a_hostile_template_is_left_aside(self, store: ModelStore, tmp_path: Path) -> None:
        bomb = CHATML + "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}"
        await add(store, await asyncio.to_thread(make, tmp_path / "hostile.gguf", chat_template=bomb))
        async with running(store) as model:
            assert "took more than" in model.figures.notice
            assert await whole(model)

    async def test_a_model_without_a_template_answers_all_the_same(self, store: ModelStore, tmp_path: Path) -> None:
        await add(store, await asyncio.to_thread(make, tmp_path / "plain.gguf", chat_template=None))
        async with running(store) as model:
            assert "no chat template" in model.figures.notice
            assert await whole(model)

    async def test_the_worker_is_gone_when_the_model_is_closed(self, store: ModelStore, tiny: Path) -> None:
        await add(store, tiny)
        async with running(store) as model:
            pid = worker_pid(model)
        assert resident_bytes(pid) == 0

    async def test_a_model_named_by_its_path_needs_no_store(self, store: ModelStore, tiny: Path) -> None:
        async with running(store, replace(QUICK, model=str(tiny))) as model:
            assert await whole(model)

    def test_the_worker_dies_with_a_service_that_is_killed(self, tiny: Path, tmp_path: Path) -> None:
        shutil.copy(tiny, tmp_path / "model.gguf")
        service = subprocess.Popen(
            [sys.executable, "-c", SERVICE, str(tmp_path / "model.gguf")], stdout=subprocess.PIPE, text=True
        )
        assert service.stdout is not None
        pid = int(service.stdout.readline())
        assert resident_bytes(pid) > 0
        ended = os.pidfd_open(pid)
        service.kill()
        service.wait()
        service.stdout.close()
        assert select.select([ended], [], [], 30)[0]
        os.close(ended)
        sweep()


SERVICE = """
import asyncio, sys
from pathlib import Path
from edge.llm import LanguageModel, Options
from edge.models import ModelStore

async def serve():
    async with LanguageModel(ModelStore(Path("/nonexistent")), Options(model=sys.argv[1])) as model:
        await model.settled()
        print(model.worker.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(serve())
"""
