"""What the language model's worker costs and stands: `python -m tests.bench.llm`; prints, asserts nothing.

    python -m tests.bench.llm [--only speed cancel prefix killed ceilings] [--vocab ggml-vocab-qwen2.gguf] [--minutes 5]

Models of true shape and random weights are made in a temporary directory; with `--vocab` they have a true vocabulary.
"""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

from edge.llm import LanguageModel, Options, State
from edge.llm.process import resident_bytes
from edge.llm.wire import Done
from edge.models import ModelStore
from tests.bench.figures import Figure, show
from tests.bench.llm_ceilings import CEILINGS_MB, under_ceilings
from tests.bench.llm_killed import killed_mid_answer
from tests.bench.llm_prefix import mutations, restored_against_cold
from tests.bench.llm_talk import Said, ask, model_file
from tests.gguf_maker import SHAPES

SECTIONS = ("speed", "cancel", "prefix", "killed", "ceilings")
CONTEXTS = (1024, 4096)
QUESTION = "What could we cook tonight with leeks, eggs and the rest of the rice?"
CANCELS = 10


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
        assert model.worker is not None
        measured = resident_bytes(model.worker.pid)
        figures = model.figures
        error = (figures.predicted_bytes - measured) / measured * 100
        print(
            f"{label:28} ready {ready_s:5.2f} s  "
            f"first token {first_s * 1e3:5.0f} ms, follow-up {again_s * 1e3:5.0f} ms  "
            f"read {cold.prompt_tokens_per_s:6.1f} tok/s  write {cold.tokens_per_s:6.1f} tok/s  "
            f"resident {measured / 2**20:6.0f} MiB, predicted {figures.predicted_bytes / 2**20:6.0f} ({error:+.1f} %)  "
            f"{'' if figures.fast_path else 'fast path off'}",
            flush=True,
        )


async def cancels(file: Path) -> list[Figure]:
    """How long the worker goes on after an answer was closed: while it reads a long prompt, and while it writes."""
    options = Options(model=str(file), n_ctx=2048, max_tokens=1000, seed=1)
    long = [Said("user", "Once upon a time there was a house. " * 100)]
    async with LanguageModel(ModelStore(file.parent), options) as model:
        await model.settled()
        reading = [
            await _cancelled(model, [Said("user", f"{number} {long[0].text}")], writing=False)
            for number in range(CANCELS)
        ]
        writing = [await _cancelled(model, [Said("user", QUESTION)], writing=True) for _ in range(CANCELS)]
    return [
        Figure(f"cancel while reading to silence, slowest of {CANCELS}", f"{max(reading):.0f} ms", asked="<= 100 ms"),
        Figure(f"cancel while writing to silence, slowest of {CANCELS}", f"{max(writing):.0f} ms", asked="<= 100 ms"),
    ]


async def _cancelled(model: LanguageModel, turns: list[Said], *, writing: bool) -> float:
    """Milliseconds from closing an answer until the worker says that it stopped."""
    assert model.worker is not None
    answer = model.answer(turns)
    first = asyncio.ensure_future(anext(answer))
    await (first if writing else asyncio.sleep(0.2))
    began = time.perf_counter()
    first.cancel()
    await asyncio.wait({first})
    await answer.aclose()
    while not isinstance(await model.worker._inbox.get(), Done):
        pass
    return (time.perf_counter() - began) * 1e3


def speeds(directory: Path, args: argparse.Namespace) -> None:
    """A line for each shape, type and context."""
    for shape in args.shape:
        for type_ in args.type:
            file = model_file(directory, shape, type_, args.vocab)
            for n_ctx in CONTEXTS:
                asyncio.run(measure(file, n_ctx, args.threads, f"{shape} {type_} {n_ctx}"))


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--vocab", type=Path, help="take the tokenizer of this GGUF")
    parser.add_argument("--shape", nargs="+", choices=SHAPES, default=["qwen2.5-0.5b"])
    parser.add_argument("--type", nargs="+", default=["Q4_0", "Q8_0", "Q4_K_M"])
    parser.add_argument("--threads", type=int, help="as many as the plan says unless given")
    parser.add_argument("--minutes", type=float, default=5, help="of talk under each ceiling")
    parser.add_argument("--ceiling", type=int, nargs="+", default=CEILINGS_MB, help="in MiB")
    args = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        file = model_file(directory, args.shape[0], args.type[0], args.vocab)
        if "speed" in args.only:
            speeds(directory, args)
        if "cancel" in args.only:
            show("Cancel", asyncio.run(cancels(file)), theirs="")
        if "prefix" in args.only:
            show("A prompt's beginning on disk", asyncio.run(restored_against_cold(file)), theirs="")
            small = model_file(directory, "small", "Q4_0", None)
            show("Spoilt files", asyncio.run(mutations(small)), theirs="")
        if "killed" in args.only:
            show("The worker is killed in the middle of an answer", killed_mid_answer(file), theirs="")
        if "ceilings" in args.only:
            figures = under_ceilings(directory, args.vocab, tuple(args.ceiling), args.minutes)
            show("Talking under a ceiling of memory", figures, theirs="")


if __name__ == "__main__":
    main()
