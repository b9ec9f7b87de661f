"""Tools in the worker process, with the real library and random weights: every call is valid, and words stay words."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from edge.llm import LlmError
from edge.llm.process import WorkerProcess
from edge.llm.tools import Tool, Toolbox, ToolCalls
from edge.llm.wire import Answer, Reason
from tests.gguf_maker import make
from tests.llm.test_worker import INSTRUCTIONS, PLAN, file_in, worker_with
from tests.llm.toolboxes import HOSTILE, HOUSE, LLAMA, PHI4, QWEN, keeps_to

needs_library = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra")
pytestmark = [pytest.mark.llm, needs_library]

ROOMY = replace(PLAN, n_ctx=8192)
CALLS = 12
_numbers = iter(range(1, 1 << 30))


def asking(turns: list[list[str]], *, seed: int = 1, may_call: bool = True, must_call: bool = False) -> Answer:
    number = next(_numbers)
    return Answer(number, INSTRUCTIONS, turns, 8, 1.0, seed, 60.0, HOUSE, may_call=may_call, must_call=must_call)


QUESTION = [["user", "what is on?"]]


async def answered(worker: WorkerProcess, request: Answer) -> tuple[str, ToolCalls | None]:
    """The words and the calls of an answer."""
    words, calls = "", None
    async for piece in worker.answer(request):
        if isinstance(piece, ToolCalls):
            calls = piece
        else:
            words += piece
    return words, calls


@pytest.mark.parametrize("source", [QWEN, LLAMA, PHI4], ids=["qwen", "llama", "phi-4"])
async def test_a_random_model_that_must_call_writes_valid_calls_and_no_words(tmp_path: Path, source: str) -> None:
    model = make(tmp_path / "model.gguf", chat_template=source)
    async with worker_with(model, ROOMY) as worker:
        for seed in range(CALLS):
            words, calls = await answered(worker, asking(QUESTION, seed=seed, must_call=True))
            assert words == ""
            assert calls
            assert all(keeps_to(HOUSE, call) for call in calls.calls), calls


async def test_results_follow_a_call_of_which_nothing_is_read_again(tiny: Path) -> None:
    async with worker_with(tiny, ROOMY) as worker:
        _, calls = await answered(worker, asking(QUESTION, must_call=True))
        assert calls and worker.last
        before = worker.last
        assert before.reason is Reason.STOP
        turns = [*QUESTION, ["assistant", calls.text], ["tool", "The lamp is on."]]
        words, again = await answered(worker, asking(turns, may_call=False))
        assert words
        assert again is None
        assert worker.last.reused_tokens >= before.prompt_tokens + before.tokens - 8


async def test_words_of_a_model_that_may_call_are_said_as_without_tools(tiny: Path) -> None:
    async with worker_with(tiny, ROOMY) as worker:
        for seed in range(8):
            words, calls = await answered(worker, asking(QUESTION, seed=seed))
            assert words
            assert calls is None


async def test_tools_are_told_in_fewer_words_where_the_context_is_small(tmp_path: Path) -> None:
    model = make(tmp_path / "model.gguf", chat_template=QWEN)
    lengths = []
    for n_ctx in (16384, 6144):
        async with worker_with(model, replace(PLAN, n_ctx=n_ctx)) as worker:
            _, calls = await answered(worker, asking(QUESTION, must_call=True))
            assert calls and worker.last
            assert all(keeps_to(HOUSE, call) for call in calls.calls)
            lengths.append(worker.last.prompt_tokens)
    assert lengths[1] < lengths[0] * 0.7


async def test_tools_for_which_there_is_no_room_are_left_out(tiny: Path) -> None:
    crowd = Toolbox(tuple(Tool(f"tool_{number}", "Does something or other.") for number in range(40)))
    async with worker_with(tiny) as worker:
        words, calls = await answered(worker, replace(asking(QUESTION), toolbox=crowd))
        assert words and calls is None
        with pytest.raises(LlmError, match="too long"):
            await answered(worker, replace(asking(QUESTION), instructions=INSTRUCTIONS * 9))


async def test_the_beginning_with_its_tools_is_kept_on_disk(tiny: Path, tmp_path: Path) -> None:
    async with worker_with(tiny, ROOMY, tmp_path) as worker:
        await worker.prime(INSTRUCTIONS, HOUSE)
        await file_in(tmp_path)
    async with worker_with(tiny, ROOMY, tmp_path) as worker:
        await answered(worker, asking(QUESTION))
        assert worker.last
        assert worker.last.restored_tokens > 200


async def test_nobodys_words_become_a_mark(tmp_path: Path) -> None:
    """Marks of calls are tokens that count as text in some models: the library takes them for what they look like."""
    model = make(tmp_path / "model.gguf", chat_template=QWEN, user_defined=("<tool_call>", "</tool_call>"))
    said = "".join(HOSTILE)
    async with worker_with(model, ROOMY) as worker:
        await answered(worker, asking([["user", said]]))
        assert worker.last
        marked = worker.last.prompt_tokens
        await answered(worker, asking([["user", said.replace("tool_call>", "tool_cale>")]]))
        assert marked == worker.last.prompt_tokens
        words, calls = await answered(worker, asking(QUESTION, must_call=True))
        assert calls and calls.text.startswith("<tool_call>\n{") and not words
