"""How fast the language model answers, how well its memory is predicted, and how soon it stops.

    python -m tests.bench.llm [--vocab ggml-vocab-qwen2.gguf] [--shape qwen2.5-0.5b ...] [--type Q4_0 ...]

Models of true shape and random weights are made in a temporary directory; with `--vocab` they have a true vocabulary.
"""

import argparse
import asyncio
import os
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from edge.llm import LanguageModel, LlmError, Options, State
from edge.llm.process import resident_bytes
from edge.llm.wire import Done
from edge.models import ModelStore
from tests.gguf_maker import SHAPES, make

CONTEXTS = (1024, 4096)
QUESTION = "What could we cook tonight with leeks, eggs and the rest of the rice?"


@dataclass(frozen=True, slots=True)
class Said:
    """A turn."""

    role: str
    text: str


async def measure(file: Path, n_ctx: int, threads: int | None, label: str) -> None:
    """Load one model and print a line about it."""
    options = Options(model=str(file), n_ctx=n_ctx, n_threads=threads, max_tokens=48, seed=1)
    began = time.perf_counter()
    async with LanguageModel(ModelStore(file.parent), options) as model:
        if await model.settled() is not State.READY:
            print(f"{label:32} {model.unavailable}")
            return
        ready_s = time.perf_counter() - began
        turns = [Said("user", QUESTION)]
        first_s, answer = await ask(model, turns)
        cold = model.figures
        again_s, _ = await ask(model, [*turns, Said("assistant", answer), Said("user", "And for dessert?")])
        measured = fullest(model)
        cancel_ms = await cancelled(model)
        figures = model.figures
        error = (figures.predicted_bytes - measured) / measured * 100
        print(
            f"{label:28} ready {ready_s:5.2f} s  "
            f"first token {first_s * 1e3:5.0f} ms, follow-up {again_s * 1e3:5.0f} ms  "
            f"read {cold.prompt_tokens_per_s:6.1f} tok/s  write {cold.tokens_per_s:6.1f} tok/s  "
            f"resident {measured / 2**20:6.0f} MiB, predicted {figures.predicted_bytes / 2**20:6.0f} ({error:+.1f} %)  "
            f"cancel {cancel_ms:4.0f} ms  {'' if figures.fast_path else 'fast path off'}",
            flush=True,
        )


async def ask(model: LanguageModel, turns: list[Said]) -> tuple[float, str]:
    """Seconds to the first piece, and the whole answer."""
    began, first, text = time.perf_counter(), 0.0, ""
    async for piece in model.answer(turns):
        first = first or time.perf_counter() - began
        text += piece
    return first, text


def fullest(model: LanguageModel) -> int:
    """Resident bytes of the worker now."""
    assert model.worker is not None
    return resident_bytes(model.worker.pid)


async def cancelled(model: LanguageModel) -> float:
    """Milliseconds from closing an answer, in the middle of a long prompt, until the worker says that it stopped."""
    assert model.worker is not None
    told: asyncio.Queue[object] = asyncio.Queue()
    inbox, model.worker._inbox = model.worker._inbox, told  # type: ignore[assignment]
    listener = asyncio.create_task(ask(model, [Said("user", "Once upon a time there was a house. " * 100)]))
    await asyncio.sleep(0.2)
    listener.cancel()
    began = time.perf_counter()
    while not isinstance(await told.get(), Done):
        pass
    model.worker._inbox = inbox
    return (time.perf_counter() - began) * 1e3


async def killed(file: Path) -> None:
    """End the worker in the middle of an answer: how long until the caller knows, and until it is back."""
    async with LanguageModel(ModelStore(file.parent), Options(model=str(file), max_tokens=400)) as model:
        await model.settled()
        assert model.worker is not None
        pid, began = model.worker.pid, 0.0
        try:
            async for _ in model.answer([Said("user", QUESTION)]):
                if not began:
                    began = time.perf_counter()
                    os.kill(pid, signal.SIGKILL)
        except LlmError:
            told = time.perf_counter() - began
            while model.worker is None or model.worker.pid == pid:  # noqa: ASYNC110 - a bench, not the service
                await asyncio.sleep(0.005)
            print(f"killed: the caller knows after {told * 1e3:.0f} ms, back after {time.perf_counter() - began:.2f} s")


async def main() -> None:
    """Measure every shape, type and context asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocab", type=Path, help="take the tokenizer of this GGUF")
    parser.add_argument("--shape", nargs="+", choices=SHAPES, default=["qwen2.5-0.5b"])
    parser.add_argument("--type", nargs="+", default=["Q4_0", "Q8_0", "Q4_K_M"])
    parser.add_argument("--threads", type=int, help="as many as the plan says unless given")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        for shape in args.shape:
            for type_ in args.type:
                file = Path(directory) / f"{shape}-{type_}.gguf"
                make(file, shape, type_=type_, vocab=args.vocab)
                for n_ctx in CONTEXTS:
                    await measure(file, n_ctx, args.threads, f"{shape} {type_} {n_ctx}")
                await killed(file)
                file.unlink()


if __name__ == "__main__":
    asyncio.run(main())
