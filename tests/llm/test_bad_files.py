"""Model files that are wrong, or go wrong while they are in use: each has its message, and the client stays up."""

import asyncio
import importlib.util
import random
import shutil
from pathlib import Path

import pytest

from edge.assistant.ports import ChatTurn
from edge.llm import LanguageModel, LlmError, Options, State
from edge.models import ModelStore

QUICK = Options(max_tokens=8, poll_s=0.05, first_restart_s=0.05, slowest_restart_s=0.2, seed=1, n_ctx=512)
HELLO = [ChatTurn("user", "Hello, what is the light?")]
HEADER_BYTES = 14_000
"""Of the tiny model, before its weights begin."""
needs_library = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra")
pytestmark = [pytest.mark.llm, needs_library]


def running(file: Path) -> LanguageModel:
    options = Options(**{name: getattr(QUICK, name) for name in QUICK.__slots__} | {"model": str(file)})
    return LanguageModel(ModelStore(file.parent / "none"), options, file.parent / "state")


async def whole(model: LanguageModel) -> str:
    return "".join([piece async for piece in model.answer(HELLO)])


async def until(model: LanguageModel, state: State) -> None:
    async with asyncio.timeout(60):
        while model.state is not state:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 something else", "no GGUF file"),
        (b"", "no GGUF file"),
        (b"GGUF\x63\x00\x00\x00" + bytes(64), "version 99"),
        (b"GGUF\x03\x00\x00\x00" + b"\xff" * 16, "can't be right|more than|short|damaged|claims"),
    ],
    ids=["another kind", "empty", "too new", "hostile counts"],
)
async def test_what_is_no_model_is_refused_by_name(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "model.gguf"
    await asyncio.to_thread(file.write_bytes, content)
    async with running(file) as model:
        assert await model.settled() is State.FAILED
        assert "model.gguf" in (model.unavailable or "")
        with pytest.raises(LlmError, match=said):
            await whole(model)


async def test_a_file_cut_short_is_refused_and_taken_once_it_is_whole(tmp_path: Path, tiny: Path) -> None:
    file = tmp_path / "model.gguf"
    content = await asyncio.to_thread(tiny.read_bytes)
    await asyncio.to_thread(file.write_bytes, content[: len(content) * 2 // 3])
    async with running(file) as model:
        assert await model.settled() is State.FAILED
        assert "model.gguf" in (model.unavailable or "")
        await asyncio.to_thread(file.write_bytes, content)
        await until(model, State.READY)
        assert await whole(model)


async def test_a_file_removed_while_it_is_loaded_costs_nothing_until_the_next_start(tmp_path: Path, tiny: Path) -> None:
    file = tmp_path / "model.gguf"
    await asyncio.to_thread(shutil.copy, tiny, file)
    async with running(file) as model:
        assert await model.settled() is State.READY
        await asyncio.to_thread(file.unlink)
        assert await whole(model)
        assert model.worker is not None
        model.worker.kill()
        await until(model, State.FAILED)
        async with asyncio.timeout(60):
            while "No such file" not in (model.unavailable or ""):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.to_thread(shutil.copy, tiny, file)
        await until(model, State.READY)


async def test_a_file_cut_short_while_it_is_loaded_is_an_error_and_no_more(tmp_path: Path, small: Path) -> None:
    file = tmp_path / "model.gguf"
    await asyncio.to_thread(shutil.copy, small, file)

    def cut() -> None:
        with file.open("r+b") as target:
            target.truncate(100_000)

    async with running(file) as model:
        assert await model.settled() is State.READY
        await asyncio.to_thread(cut)
        with pytest.raises(LlmError):
            await whole(model)
            await whole(model)
        await until(model, State.FAILED)
        assert model.unavailable


async def test_metadata_spoilt_at_will_is_refused_or_harmless(tmp_path: Path, tiny: Path) -> None:
    dice = random.Random(5)  # noqa: S311 (no secrets)
    whole_file = await asyncio.to_thread(tiny.read_bytes)
    for number in range(16):
        spoilt = bytearray(whole_file)
        for _ in range(3):
            spoilt[dice.randrange(HEADER_BYTES)] = dice.choice((0, 1, 127, 255))
        file = tmp_path / f"{number}.gguf"
        await asyncio.to_thread(file.write_bytes, spoilt)
        async with asyncio.timeout(60), running(file) as model:
            state = await model.settled()
            assert (state is State.READY) == (model.unavailable is None)
