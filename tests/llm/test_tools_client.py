"""Tools through the client: what is prepared is not read again, and a call is an item of the answer."""

import asyncio
import importlib.util
from pathlib import Path

import pytest

from edge.assistant.ports import ChatTurn
from edge.llm import LanguageModel, Options, State
from edge.llm.tools import ToolCalls
from edge.models import ModelStore
from tests.llm.toolboxes import HOUSE, keeps_to

needs_library = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra")
pytestmark = [pytest.mark.llm, needs_library]

QUESTION = [ChatTurn("user", "what is on?")]


async def test_what_was_prepared_is_not_read_again_and_a_call_comes_whole(tiny: Path, tmp_path: Path) -> None:
    options = Options(model=str(tiny), n_ctx=8192, n_threads=1, max_tokens=8, poll_s=0.05, seed=1)
    async with LanguageModel(ModelStore(tiny.parent), options, tmp_path) as model:
        assert await model.settled() is State.READY, model.unavailable
        await model.prepare(HOUSE)
        async with asyncio.timeout(60):
            while not list(tmp_path.rglob("*.kv")):  # noqa: ASYNC110, ASYNC240 - a file has no event
                await asyncio.sleep(0.01)
        (calls,) = [piece async for piece in model.answer(QUESTION, toolbox=HOUSE, must_call=True)]
        assert isinstance(calls, ToolCalls)
        assert all(keeps_to(HOUSE, call) for call in calls.calls)
        assert model.figures.reused_tokens > 400
        turns = [*QUESTION, ChatTurn("assistant", calls.text), ChatTurn("tool", "It is on.")]
        words = [piece async for piece in model.answer(turns, toolbox=HOUSE, may_call=False)]
        assert words and all(isinstance(piece, str) for piece in words)
