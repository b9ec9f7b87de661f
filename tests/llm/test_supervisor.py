"""What the supervisor finds out about the library, keeps, and tells; with the real library, made to fail on purpose."""

import asyncio
import importlib.util
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.assistant.ports import ChatTurn
from edge.llm import LanguageModel, LlmError, Options, State
from edge.llm.ceiling import SLACK_BYTES
from edge.models import ModelStore
from tests.llm.sabotage import Library

QUICK = Options(max_tokens=12, poll_s=0.05, first_restart_s=0.05, slowest_restart_s=0.2, seed=1, temperature=0.0)
HELLO = [ChatTurn("user", "Hello, what is the light?")]
pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra"),
]


@asynccontextmanager
async def running(store: ModelStore, state: Path, options: Options = QUICK) -> AsyncIterator[LanguageModel]:
    async with LanguageModel(store, options, state) as model:
        assert await model.settled() is State.READY, model.unavailable
        yield model


async def whole(model: LanguageModel, turns: list[ChatTurn] = HELLO) -> str:
    return "".join([piece async for piece in model.answer(turns)])


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The log's events since the last time."""
    found = [record.message for record in caplog.records]
    caplog.clear()
    return found


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state" / "llm"


@pytest.fixture
def filled(store: ModelStore, tiny: Path) -> ModelStore:
    """A store with a model."""
    store.add(tiny)
    return store


async def test_a_fast_path_that_crashes_is_left_remembered_and_told(
    filled: ModelStore, state: Path, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    library.does(fast="crash", plain="well")
    async with running(filled, state) as model:
        assert not model.figures.fast_path
        assert "SIGSEGV" in model.figures.notice
        assert model.figures.restarts == 0
        assert await whole(model)
    assert {"llm.fast_path_crashed", "llm.fast_path_off"} <= set(events(caplog))
    async with running(filled, state) as model:
        assert not model.figures.fast_path
        assert "SIGSEGV" in model.figures.notice
    assert not {"llm.fast_path_crashed", "llm.fast_path_off"} & set(events(caplog))


async def test_a_fast_path_that_computes_nonsense_is_left_remembered_and_told(
    filled: ModelStore, state: Path, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    library.does(fast="nonsense", plain="well")
    async with running(filled, state) as model:
        assert not model.figures.fast_path
        assert "wrong values" in model.figures.notice
        assert await whole(model)
    assert "llm.fast_path_off" in events(caplog)
    async with running(filled, state) as model:
        assert "wrong values" in model.figures.notice
    assert "llm.fast_path_off" not in events(caplog)


async def test_a_fast_path_that_works_is_checked_once(
    filled: ModelStore, state: Path, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(filled, state) as model:
        assert model.figures.fast_path
        assert model.figures.notice == ""
    # Nonsense would now be found, if anybody looked: what was found out holds until machine or build change.
    library.does(fast="nonsense", plain="well")
    async with running(filled, state) as model:
        assert model.figures.fast_path
    await asyncio.to_thread((state / "fast-path.json").write_bytes, b"\0 damaged")
    async with running(filled, state) as model:
        assert not model.figures.fast_path


async def test_a_build_that_is_wrong_throughout_answers_with_a_warning(
    filled: ModelStore, state: Path, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    library.does(fast="nonsense", plain="nonsense")
    for _ in range(2):
        async with running(filled, state) as model:
            assert "answers may be nonsense" in model.figures.notice
        assert "llm.wrong_values" in events(caplog)


async def test_a_crash_that_is_not_the_fast_paths_fault_is_not_held_against_it(
    filled: ModelStore, state: Path, library: Library
) -> None:
    library.does(fast="crash", plain="crash")
    async with LanguageModel(filled, QUICK, state) as model:
        assert await model.settled() is State.FAILED
        assert "SIGSEGV" in (model.unavailable or "")
        await asyncio.to_thread(lambda: library.does(fast="well", plain="well"))
        async with asyncio.timeout(60):
            while model.state is not State.READY:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert model.figures.fast_path


async def test_a_prompts_beginning_outlives_the_service(filled: ModelStore, state: Path) -> None:
    async with running(filled, state) as model:
        first = await whole(model)
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(lambda: list((state / "prefixes").glob("*.kv"))):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    async with running(filled, state) as model:
        assert await whole(model) == first
        assert model.figures.reused_tokens > 20


async def test_turns_that_find_no_room_are_told(
    filled: ModelStore, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    turns = [ChatTurn("user" if index % 2 == 0 else "assistant", "what is the light " * 8) for index in range(41)]
    async with running(filled, state, replace(QUICK, n_ctx=1024)) as model:
        await whole(model, turns)
        figures = model.figures
        assert figures.dropped_turns > 0
        assert f"its oldest {figures.dropped_turns} turns are left out" in figures.notice
        await whole(model, turns)
        assert events(caplog).count("llm.turns_dropped") == 1
        await whole(model)
        assert model.figures.notice.count("left out") == 0


@pytest.mark.root
@pytest.mark.skipif(not os.access("/sys/fs/cgroup/memory", os.W_OK), reason="needs version 1 as root")
async def test_the_kernel_ends_a_worker_that_grows_past_its_ceiling_and_it_is_said_why(
    filled: ModelStore, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The watch sees nothing, so that the group alone is left to hold the worker.
    monkeypatch.setattr("edge.llm.process.resident_bytes", lambda _: 0)
    monkeypatch.setattr("edge.tuning.memory.INTERPRETER_BYTES", 1 << 20)
    monkeypatch.setattr("edge.llm.ceiling.SLACK_BYTES", SLACK_BYTES // 16)
    async with LanguageModel(filled, replace(QUICK, memory_bytes=16 << 20, slowest_restart_s=60), state) as model:
        assert await model.settled() is State.FAILED
        assert "the kernel ended it" in (model.unavailable or "")
        with pytest.raises(LlmError, match="ceiling of 17 MB"):
            await whole(model)
