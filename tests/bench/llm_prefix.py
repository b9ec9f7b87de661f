"""What keeping a prompt's beginning on disk saves, and that no spoilt file does harm."""

import asyncio
import math
import random
import statistics
import tempfile
import time
from pathlib import Path

from edge.llm import LanguageModel, Options, State
from edge.llm.options import INSTRUCTIONS
from edge.llm.spawn import started_worker
from edge.llm.supervisor import Choice
from edge.llm.wire import Answer
from edge.models import ModelStore
from tests.bench.figures import Figure
from tests.bench.llm_talk import Said, ask

PREFIX_TOKENS = 600
QUESTION = [Said("user", "What could we cook tonight with leeks?")]


async def restored_against_cold(file: Path, repetitions: int = 3) -> list[Figure]:
    """Time to the first token in a worker that has just loaded: nothing on disk, then the beginning on disk."""
    cold: list[float] = []
    warm: list[float] = []
    choice, text = await _chosen(file)
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory() as directory:
            first_s, restored = await _first(choice, text, Path(directory))
            assert restored == 0
            cold.append(first_s)
            first_s, restored = await _first(choice, text, Path(directory))
            warm.append(first_s)
    ratio = statistics.median(w / c for w, c in zip(warm, cold, strict=True))
    was, now = statistics.median(cold) * 1e3, statistics.median(warm) * 1e3
    return [
        Figure(f"first token, beginning of {restored} tokens from disk / cold", f"{ratio:.3f}", asked="<= 0.15"),
        Figure("  cold, from disk", f"{was:.0f} ms, {now:.0f} ms"),
    ]


async def _chosen(file: Path) -> tuple[Choice, str]:
    """How the service would run the model, and instructions of a few more tokens than asked for."""
    lengths = []
    for times in (1, 2):
        options = Options(model=str(file), n_ctx=2048, max_tokens=4, instructions=f"{INSTRUCTIONS} " * times)
        async with LanguageModel(ModelStore(file.parent), options) as model:
            await model.settled()
            await ask(model, QUESTION)
            choice = model._supervisor.choice
            assert choice is not None
            assert model.worker is not None
            assert model.worker.last is not None
            lengths.append(model.worker.last.prompt_tokens)
    return choice, f"{INSTRUCTIONS} " * math.ceil(PREFIX_TOKENS / (lengths[1] - lengths[0]))


async def _first(choice: Choice, instructions: str, state: Path) -> tuple[float, int]:
    """Seconds to the first token of the first answer, of a worker that was not primed; tokens restored for it."""
    request = Answer(1, instructions, [[turn.role, turn.text] for turn in QUESTION], 4, 0.0, 1, 120.0)
    async with started_worker(choice.plan.ceiling_bytes) as worker:
        await worker.load(
            choice.model.path, choice.plan, identity="bench", cache=state / "prefixes", cache_bytes=1 << 30
        )
        began, first_s = time.perf_counter(), 0.0
        async for _ in worker.answer(request):
            first_s = first_s or time.perf_counter() - began
        assert worker.last is not None
        await _written(state)
        return first_s, worker.last.restored_tokens


async def mutations(file: Path, count: int = 200) -> list[Figure]:
    """Spoil the file of a beginning in many ways, and the file of verdicts; each time load again and ask."""
    dice = random.Random(1)  # noqa: S311 (no secrets)
    crashes = wrong = rebuilt = 0
    options = Options(model=str(file), n_ctx=512, max_tokens=4, seed=1, temperature=0)
    with tempfile.TemporaryDirectory() as directory:
        state = Path(directory)
        async with LanguageModel(ModelStore(file.parent), options, state) as model:
            assert await model.settled() is State.READY, model.unavailable
            assert model.worker is not None
            _, right = await ask(model, QUESTION)
            pid = model.worker.pid
            kept = await _written(state)
            whole = kept.read_bytes()
            choice = model._supervisor.choice
            assert choice is not None
            for _ in range(count):
                kept.write_bytes(_spoilt(whole, dice))
                await model.worker.load(
                    file, choice.plan, identity=choice.identity, cache=state / "prefixes", cache_bytes=1 << 30
                )
                try:
                    _, said = await ask(model, QUESTION)
                except Exception:  # noqa: BLE001 (whatever it is, it is counted)
                    crashes += 1
                    continue
                crashes += model.worker is None or model.worker.pid != pid
                wrong += said != right
                rebuilt += (await _written(state)).read_bytes() == whole
    return [
        Figure(f"crashes over {count} spoilt files", str(crashes), asked="0"),
        Figure("  answers that changed", str(wrong), asked="0"),
        Figure("  files rebuilt, bit for bit", f"{rebuilt} of {count}"),
    ]


async def _written(state: Path) -> Path:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if found := list((state / "prefixes").glob("*.kv")):
            return found[0]
        await asyncio.sleep(0.002)
    raise SystemExit("no beginning was written within 30 s")


def _spoilt(whole: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(whole))
    match dice.randrange(4):
        case 0:
            return whole[:at] + bytes([whole[at] ^ (1 << dice.randrange(8))]) + whole[at + 1 :]
        case 1:
            return whole[:at]
        case 2:
            return whole + dice.randbytes(dice.randrange(1, 4096))
        case _:
            size = dice.randrange(1, 4096)
            piece = dice.randbytes(min(size, len(whole) - at))
            return whole[:at] + piece + whole[at + len(piece) :]
