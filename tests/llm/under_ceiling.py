"""A language model in a control group that another process fills, empties and fills; prints what became of it.

`python -m tests.llm.under_ceiling GROUP STORE`: goes into the group itself, as do the worker and the other process.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from edge.assistant.ports import ChatTurn
from edge.llm import LanguageModel, Options, State
from edge.llm.options import Governing
from edge.models import ModelStore
from edge.tuning import probe
from edge.tuning.governor import RULES, Rule

MIB = 1 << 20
KEEP = 48 * MIB
TAKE = "import sys; held = b'x' * int(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - figures have no event of their own
            await asyncio.sleep(0.02)


async def live(store: ModelStore) -> dict[str, object]:
    governing = Governing(keep_free_bytes=KEEP, idle_s=0, every_s=0.1)
    options = Options(n_ctx=2048, n_threads=2, max_tokens=32, poll_s=0.1, governing=governing, memory_bytes=400 * MIB)
    least = 512 * MIB

    async def ask() -> float:
        """The pace of an answer: the words of a random model may well be none."""
        _ = [piece async for piece in model.answer([ChatTurn("user", "Hello?")])]
        return model.figures.tokens_per_s

    def now() -> list[object]:
        return [model.figures.model, model.figures.n_ctx]

    async with LanguageModel(store, options) as model:
        if await model.settled() is not State.READY:
            raise SystemExit(model.unavailable)
        await until(lambda: "most_threads" in model.governed.facts())
        answers = [await ask()]
        before = now()
        # So much that neither the plan nor its shorter contexts leave enough.
        free = (await asyncio.to_thread(probe)).memory_available_bytes
        other = await asyncio.to_thread(
            lambda: subprocess.Popen(
                [sys.executable, "-c", TAKE, str(free - KEEP // 2)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        )
        assert other.stdout is not None
        await asyncio.to_thread(other.stdout.readline)
        await until(lambda: model.figures.model == "tiny" and model.state is State.READY)
        least = min(least, (await asyncio.to_thread(probe)).memory_available_bytes)
        answers.append(await ask())
        squeezed = now()
        await asyncio.to_thread(other.communicate)
        await until(lambda: now() == before and model.state is State.READY)
        answers.append(await ask())
        return {
            "before": before,
            "squeezed": squeezed,
            "after": now(),
            "answers": answers,
            "restarts": model.figures.restarts,
            "least_free": least,
        }


if __name__ == "__main__":
    Path(sys.argv[1], "cgroup.procs").write_text(str(os.getpid()))
    for cause in RULES:
        RULES[cause] = Rule(after_s=0.0, hold_s=0.3, longest_hold_s=0.3)
    print(json.dumps(asyncio.run(live(ModelStore(Path(sys.argv[2]))))))
