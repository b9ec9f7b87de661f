"""How good tuning is: against an exhaustive sweep, the clock, and the library's defaults on a busy machine.

    python -m tests.bench.tune [--vocab ggml-vocab-qwen2.gguf] [--shape qwen2.5-0.5b] [--type Q4_0] [--part sweep busy]

A model of true shape and random weights is made in a temporary directory and tuned as `edge tune` does it. Then every
combination of threads, layout, attention and cache generates, in interleaved passes, and the chosen one is held against
the best. Last, with every core busy elsewhere, the chosen setting in the worker as it is started by the service is held
against the library as it comes: its own numbers of threads and batches, and OpenMP waiting as it likes.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from statistics import median
from typing import Final

from edge.llm.beside import Speech
from edge.llm.errors import LlmError
from edge.llm.rig import Rig
from edge.llm.tuned import prepare
from edge.llm.tuner import Task, tune
from edge.models import ModelStore
from edge.tuning import Setting
from edge.tuning.outcome import Outcome
from edge.tuning.search import attentions, layouts, thread_counts
from tests.gguf_maker import SHAPES, make

N_CTX: Final = 512
PROMPT: Final = 64
TOKENS: Final = 24
LIMIT_S: Final = 60.0
BUSY: Final = "while True: pass"


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was asked for."""

    vocab: Path | None
    shape: str
    type_: str
    seconds: float
    passes: int
    parts: list[str]
    beside: float


async def tuned(task: Task) -> Outcome:
    """Tune, and say how long it took from beginning to end."""
    began = time.monotonic()
    outcome = await tune(task)
    took = time.monotonic() - began
    error = (outcome.tuned.predicted_bytes / outcome.tuned.measured_bytes - 1) * 100
    print(f"tuned in {took:.1f} s with {len(outcome.trials)} trials: {words(outcome.chosen.setting)}")
    print(
        f"  writes {outcome.tuned.tokens_per_s:.1f}, reads {outcome.tuned.prompt_tokens_per_s:.1f} tokens/s, "
        f"{outcome.chosen.n_ctx} tokens of context, memory predicted within {error:+.1f} %"
    )
    for notice in outcome.notices:
        print(f"  notice: {notice}")
    return outcome


async def sweep(task: Task, chosen: Setting, passes: int) -> None:
    """Every combination that generation depends on, once a pass; the direction changes from pass to pass."""
    repack = task.fast_path and chosen.repack
    every = [
        replace(chosen, n_threads=count, load_mode=mode, repack=fast, flash_attn=flash, type_k=kv, type_v=kv)
        for (mode, fast), (flash, kv), count in product(
            layouts(task.hardware, repack=repack), attentions(), thread_counts(task.hardware)
        )
    ]
    if chosen not in every:
        every.append(chosen)
    rates: dict[Setting, list[float]] = {setting: [] for setting in every}
    async with Rig(task.model, 1 << 40) as rig:
        for index in range(passes):
            for setting in every if index % 2 == 0 else reversed(every):
                await rig.load(setting, N_CTX)
                rates[setting].append(
                    (await rig.measure(PROMPT, TOKENS, number=index + 1, limit_s=LIMIT_S)).tokens_per_s
                )
    ranked = sorted(every, key=lambda setting: median(rates[setting]), reverse=True)
    print(f"sweep of {len(every)} settings, {passes} interleaved passes each; medians in tokens/s:")
    for setting in ranked:
        mark = "  <-- chosen" if setting == chosen else ""
        spread = f"{min(rates[setting]):.1f} to {max(rates[setting]):.1f}"
        print(f"  {median(rates[setting]):6.1f}  ({spread:14})  {words(setting)}{mark}")
    best, own = median(rates[ranked[0]]), median(rates[chosen])
    print(f"chosen against the best: {own:.1f} / {best:.1f} = {own / best * 100:.1f} % (wanted: 95 % or more)")


async def busy(task: Task, outcome: Outcome, passes: int) -> None:
    """Generation while every core computes elsewhere: ours, and the library's own defaults, in turns."""
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in DEFAULTS}
    with everything_busy(os.cpu_count() or 1):
        for index in range(passes):
            ours.append(await written(task, outcome.chosen.setting, index))
            for name in DEFAULTS:
                theirs[name].append(as_it_comes(task.model.path, name))
    print(f"every core busy elsewhere, {passes} turns each; medians in tokens/s:")
    print(f"  {median(ours):6.2f}  ({min(ours):.1f} to {max(ours):.1f})  the worker, {words(outcome.chosen.setting)}")
    for name, rates in theirs.items():
        ratio = median(ours) / median(rates) if median(rates) else float("inf")
        print(f"  {median(rates):6.2f}  ({min(rates):.1f} to {max(rates):.1f})  {name}: ours is {ratio:.1f} times that")


async def written(task: Task, setting: Setting, number: int) -> float:
    """Tokens a second of a worker of the service's."""
    async with Rig(task.model, 1 << 40) as rig:
        await rig.load(setting, N_CTX)
        return (await rig.measure(PROMPT, TOKENS, number=number + 1, limit_s=LIMIT_S)).tokens_per_s


DEFAULTS: Final = {
    "llama.cpp's context defaults": "",
    "llama-cpp-python's Llama()": "params.n_threads, params.n_threads_batch = max(cores // 2, 1), cores",
    "one thread a core": "params.n_threads = params.n_threads_batch = cores",
}
"""What each sets of a context's parameters. `Llama()` takes half the cores for generation and all for prompts."""

PROGRAM: Final = """
import json, multiprocessing, os, random, sys, time
import llama_cpp
silence = llama_cpp.llama_log_callback(lambda *_: None)
llama_cpp.llama_log_set(silence, None)
llama_cpp.llama_backend_init()
cores = multiprocessing.cpu_count()
model_params = llama_cpp.llama_model_default_params()
model_params.use_extra_bufts = {repack}
model = llama_cpp.llama_model_load_from_file(sys.argv[1].encode(), model_params)
params = llama_cpp.llama_context_default_params()
params.n_ctx = {n_ctx}
{sets}
context = llama_cpp.llama_init_from_model(model, params)
count = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
words = random.Random(1).choices(range(count), k={prompt} + {tokens} + 2)
def decode(tokens):
    array = (llama_cpp.llama_token * len(tokens))(*tokens)
    llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(array, len(tokens)))
decode(words[:{prompt}])
decode(words[{prompt}:{prompt} + 1])
began, done = time.monotonic(), 0
for word in words[{prompt} + 1:{prompt} + 1 + {tokens}]:
    decode([word])
    done += 1
    if time.monotonic() - began > {limit_s}:
        break
print(json.dumps([done / (time.monotonic() - began), params.n_threads]))
"""


def as_it_comes(file: Path, name: str) -> float:
    """Tokens a second of the library in a process of its own, with nothing set but what `DEFAULTS` says."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OMP_")}
    program = PROGRAM.format(
        repack="False", n_ctx=N_CTX, sets=DEFAULTS[name], prompt=PROMPT, tokens=TOKENS, limit_s=LIMIT_S / 4
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    rate: float = json.loads(done.stdout)[0]
    return rate


@contextmanager
def everything_busy(cores: int) -> Iterator[None]:
    """As many processes that compute as there are cores.

    Each is a session of its own, as the worker and the library's process are: Linux shares time out by session.
    """
    burning = [subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True) for _ in range(cores)]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


def words(setting: Setting) -> str:
    """A setting on a line."""
    layout = f"{setting.load_mode.value}{' repacked' if setting.repack else ''}"
    flash = "flash" if setting.flash_attn else "no flash"
    return (
        f"{setting.n_threads}/{setting.n_threads_batch} threads, batch {setting.n_batch}/{setting.n_ubatch}, "
        f"{layout}, {flash}, kv {setting.type_k}"
    )


async def run(args: Arguments) -> None:
    """Make the model and do what was asked for."""
    with tempfile.TemporaryDirectory() as directory:
        file = make(Path(directory) / "model.gguf", args.shape, type_=args.type_, vocab=args.vocab)
        print(f"{args.shape} {args.type_}, {file.stat().st_size / 1e6:.0f} MB, load {os.getloadavg()[0]:.1f}")
        store = ModelStore(Path(directory))
        model = store.chosen(str(file))
        assert model is not None
        task = replace(prepare(store, model, Path(directory), seconds=args.seconds), beside=args.beside)
        try:
            outcome = await tuned(task)
        except LlmError as error:
            raise SystemExit(str(error)) from error
        if "sweep" in args.parts:
            with Speech(args.beside):
                await sweep(task, outcome.chosen.setting, args.passes)
        if "busy" in args.parts:
            await busy(task, outcome, args.passes)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocab", type=Path, help="take the tokenizer of this GGUF")
    parser.add_argument("--shape", choices=SHAPES, default="qwen2.5-0.5b")
    parser.add_argument("--type", default="Q4_0")
    parser.add_argument("--seconds", type=float, default=45.0, help="for tuning")
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--part", nargs="*", choices=("sweep", "busy"), default=["sweep", "busy"])
    parser.add_argument("--beside", type=float, default=0.2, help="share of a core that speech takes meanwhile")
    args = parser.parse_args()
    asyncio.run(run(Arguments(args.vocab, args.shape, args.type, args.seconds, args.passes, args.part, args.beside)))


if __name__ == "__main__":
    main()
