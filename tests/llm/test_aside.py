"""The model stands aside while it is tuned, and comes back with what was measured."""

import asyncio
import importlib.util
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from edge.assistant.ports import ChatTurn
from edge.llm import LanguageModel, LlmError, Options, State
from edge.llm.quiet import WHY as WHILE_QUIET
from edge.models import ModelStore
from edge.tuning import LoadMode, Setting, probe
from edge.tuning.results import Results, Tuned, fingerprint

pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra"),
]
QUICK = Options(max_tokens=8, poll_s=0.05, memory_bytes=2 << 30, seed=1, temperature=0.0)
HELLO = [ChatTurn("user", "Hello")]
WHY = "The language model is being tuned."
MEASURED = Setting(1, 2, 32, 32, LoadMode.MMAP, False, True)


async def said(model: LanguageModel) -> str:
    return "".join([str(piece) async for piece in model.answer(HELLO)])


async def test_it_makes_room_says_why_and_comes_back_with_what_was_measured(tiny: Path, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    stored = await asyncio.to_thread(store.add, tiny, link=True)
    async with LanguageModel(store, QUICK, tmp_path) as model:
        assert await model.settled() is State.READY
        assert await said(model)
        async with model.aside(WHY):
            assert model.state is State.UNLOADED
            assert model.worker is None
            with pytest.raises(LlmError, match="being tuned"):
                await said(model)
            with pytest.raises(LlmError, match="already"):
                async with model.aside(WHY):
                    pass
            key = await asyncio.to_thread(lambda: fingerprint(probe(), stored, QUICK.memory_bytes))
            await asyncio.to_thread(Results(tmp_path).keep, key, Tuned(MEASURED, 1.0, 1.0, 512, 1, 1, "now"))
        async with model._supervisor.changed:
            await model._supervisor.changed.wait_for(lambda: model.state is State.READY)
        choice = model._supervisor.choice
        assert choice is not None
        assert choice.plan.setting == MEASURED
        assert await said(model)


async def test_without_a_model_and_switched_off_it_stands_aside_at_once(tmp_path: Path) -> None:
    for options in (QUICK, Options(enabled=False)):
        async with LanguageModel(ModelStore(tmp_path / "models"), options, tmp_path) as model, model.aside(WHY):
            assert model.worker is None


async def test_a_model_that_is_new_here_is_tuned_once_it_is_quiet(
    tiny: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store = ModelStore(tmp_path / "models")
    stored = await asyncio.to_thread(store.add, tiny, link=True)
    async with LanguageModel(store, replace(QUICK, tune_after_s=0.05, tune_s=6.0), tmp_path) as model:
        key = await asyncio.to_thread(lambda: fingerprint(probe(), stored, QUICK.memory_bytes))
        changed = model._supervisor.changed
        async with changed:
            await changed.wait_for(lambda: model.unavailable == WHILE_QUIET)
        # Whoever asks has it back at once, and it is tuned another time.
        assert await said(model)
        assert await asyncio.to_thread(Results(tmp_path).of, key) is None
        async with changed:
            await changed.wait_for(lambda: "llm.tuned" in caplog.messages and model.state is State.READY)
        choice = model._supervisor.choice
        tuned = await asyncio.to_thread(Results(tmp_path).of, key)
        assert choice is not None
        assert tuned is not None
        assert choice.plan.setting == tuned.setting
    assert caplog.messages.count("llm.tuned") == 1
