"""`edge tune`: measures how the model runs fastest on this machine, and keeps it for the service."""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

from edge import progress
from edge.cli.aside import service_aside
from edge.cli.configured import configured
from edge.cli.progress import size
from edge.cli.sizes import byte_count
from edge.cli.table import table
from edge.errors import EdgeError
from edge.llm.tuned import prepare, tune_and_keep
from edge.llm.tuner import SECONDS
from edge.models import ModelStore
from edge.settings import places
from edge.tuning import Hardware, LoadMode, Plan, Setting
from edge.tuning.outcome import Outcome, Tried
from edge.tuning.plot import svg

COLUMNS: Final = ("TRIED", "THREADS", "FOR PROMPTS", "BATCH", "WEIGHTS", "FLASH", "CACHE", "READS", "WRITES", "TIMES")
STAGES: Final = {
    "loading": "loading the model",
    "threads": "threads for answers",
    "threads_batch": "threads for prompts",
    "layout": "how weights lie in memory",
    "attention": "attention and cache",
    "batch": "batches",
    "threads_again": "threads for answers, again",
    "threads_batch_again": "threads for prompts, again",
    "last": "the whole, as it will run",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge tune` takes."""
    parser.add_argument(
        "--model", metavar="FILE", help="a GGUF file, or an added model's name; unless given, the one in use"
    )
    parser.add_argument(
        "--memory", type=byte_count, metavar="BYTES", help="what the model may take; unless given, what is left"
    )
    parser.add_argument(
        "--seconds", type=_seconds, default=SECONDS, metavar="N", help=f"how long to measure; {SECONDS:g} unless given"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the trials")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Measure, keep, tell."""
    if args.plot is not None:
        _writable(args.plot)
    where, settings = places(), configured().llm
    store, state = ModelStore(where.models), where.state / "llm"
    with service_aside(where):
        model = store.chosen(args.model or settings.model)
        if model is None:
            raise EdgeError(
                "there is no model to tune: name one with --model FILE.gguf, or see `edge models recommend`"
            )
        task = prepare(
            store,
            model,
            state,
            seconds=args.seconds,
            memory_bytes=args.memory or settings.memory_limit_bytes,
            n_ctx=settings.context,
            n_threads=settings.threads,
        )
        with _Line() as line:
            outcome = asyncio.run(tune_and_keep(task, state, line))
    if args.plot is not None:
        _draw(args.plot, outcome, model.name)
    if args.json:
        print(json.dumps(facts(outcome), indent=2))
    else:
        print("\n".join(lines(outcome, model.name)))
    if outcome.not_kept:
        raise EdgeError(outcome.not_kept)
    return 0


def facts(outcome: Outcome) -> dict[str, Any]:
    """Everything, for machines."""
    return {
        "hardware": _hardware(outcome.hardware),
        "plan": asdict(outcome.chosen),
        "predicted_bytes": outcome.tuned.predicted_bytes,
        "measured_bytes": outcome.tuned.measured_bytes,
        "trials": [_trial(one) for one in outcome.trials],
        "chosen": _chosen(outcome.chosen),
        "guessed": _chosen(outcome.guessed),
        "tokens_per_s": outcome.tuned.tokens_per_s,
        "prompt_tokens_per_s": outcome.tuned.prompt_tokens_per_s,
        "elapsed_s": outcome.elapsed_s,
        "notices": list(outcome.notices),
        "kept_in": str(outcome.kept_in) if outcome.kept_in else None,
    }


def lines(outcome: Outcome, name: str) -> list[str]:
    """What was tried and what came of it, for people."""
    plan, tuned = outcome.chosen, outcome.tuned
    rows: dict[tuple[str, Setting], list[Tried]] = {}
    for one in outcome.trials:
        if one.stage in STAGES:
            rows.setdefault((one.stage, one.setting), []).append(one)
    told = table(COLUMNS, (_row(stage, setting, tries) for (stage, setting), tries in rows.items()))
    weights = "mapped" if plan.load_mode is LoadMode.MMAP else "in memory"
    attention = "flash attention" if plan.flash_attn else "no flash attention"
    threads = "1 thread" if plan.n_threads == 1 else f"{plan.n_threads} threads"
    how = (
        f"{threads} for answers and {plan.n_threads_batch} for prompts, batches of {plan.n_ubatch}, "
        f"weights {weights}, {attention}, cache in {plan.type_k}, {plan.n_ctx} tokens of context"
    )
    speed = f"writes {tuned.tokens_per_s:.1f} and reads {tuned.prompt_tokens_per_s:.1f} tokens/s"
    memory = f"takes {size(tuned.measured_bytes)} (predicted {size(tuned.predicted_bytes)})"
    told += ["", f"chosen for {name}: {how}", f"it {speed}, and {memory}; measured in {outcome.elapsed_s:.0f} s"]
    return told + [f"notice: {notice}" for notice in outcome.notices]


def _row(stage: str, setting: Setting, tries: list[Tried]) -> tuple[str, ...]:
    return (
        STAGES[stage],
        str(setting.n_threads),
        str(setting.n_threads_batch),
        f"{setting.n_batch}/{setting.n_ubatch}",
        ("mapped" if setting.load_mode is LoadMode.MMAP else "read") + (", fast path" if setting.repack else ""),
        "yes" if setting.flash_attn else "no",
        setting.type_k,
        _middle([one.rates.prompt_tokens_per_s for one in tries]),
        _middle([one.rates.tokens_per_s for one in tries]),
        tries[-1].trouble or str(len(tries)),
    )


def _middle(rates: list[float]) -> str:
    known = [rate for rate in rates if rate]
    return f"{median(known):.1f}" if known else ""


def _chosen(plan: Plan) -> dict[str, Any]:
    return {
        "n_threads": plan.n_threads,
        "n_threads_batch": plan.n_threads_batch,
        "n_ctx": plan.n_ctx,
        "n_batch": plan.n_batch,
        "n_ubatch": plan.n_ubatch,
        "load_mode": plan.load_mode.value,
        "flash_attn": plan.flash_attn is not False,
        "type_k": plan.type_k,
        "type_v": plan.type_v,
    }


def _trial(one: Tried) -> dict[str, Any]:
    told = {
        "stage": one.stage,
        "at_s": one.at_s,
        **asdict(one.setting),
        "n_ctx": one.n_ctx,
        "prompt_tokens_per_s": one.rates.prompt_tokens_per_s or None,
        "tokens_per_s": one.rates.tokens_per_s or None,
    }
    return told | ({"error": one.trouble} if one.trouble else {})


def _hardware(hardware: Hardware) -> dict[str, Any]:
    return {
        **asdict(hardware),
        "cpu_features": sorted(hardware.cpu_features),
        "fast_cores": hardware.fast_cores,
        "repacks_weights": hardware.repacks_weights,
    }


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _writable(file: Path) -> None:
    """Find out before the minute of measuring that a plot could not be written after it."""
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise EdgeError(f"{file}: a plot can't be written there: name a file in a directory that exists")


def _draw(file: Path, outcome: Outcome, name: str) -> None:
    try:
        file.write_text(svg(outcome, name), encoding="utf-8")
    except OSError as error:
        raise EdgeError(f"{file}: the plot can't be written: {error.strerror or error}") from error


class _Line:
    """What is tried now, on a terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._last = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __call__(self, what: str, share: float) -> None:
        now = time.monotonic()
        if now - self._last <= 0.1:
            return
        self._last = now
        if progress.wanted():
            progress.tell(STAGES.get(what, what), share)
        elif self._shown:
            print(f"\r\033[K{share * 100:3.0f} %  {STAGES.get(what, what)}", end="", file=sys.stderr, flush=True)
