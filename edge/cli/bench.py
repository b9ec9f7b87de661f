"""`edge bench`: how fast this machine is at what an assistant needs; nothing of it is kept."""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any, Final

from edge.cli.aside import service_aside
from edge.cli.configured import configured
from edge.cli.progress import size
from edge.errors import EdgeError
from edge.llm.tuned import prepare, speed
from edge.models import ModelStore
from edge.settings import Places, places
from edge.tuning import measure_bandwidth, measure_storage, probe, read_space

SENTENCES: Final = (
    "turn on the light in the kitchen",
    "what is the temperature in the bedroom",
    "set a timer for ten minutes",
    "open the blinds and switch off the fan",
    "what could we cook tonight",
)
ROUNDS: Final = 8


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge bench` takes."""
    parser.add_argument(
        "--model", metavar="FILE", help="a GGUF file or an added model's name; unless given, the one in use"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Measure one after the other, so that nothing is in another's way; 1 where something could not be measured."""
    where = places()
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "memory": _memory,
        "storage": lambda: _storage(where),
        "router": _router,
        "model": lambda: _model(where, args.model),
    }
    facts: dict[str, Any] = {}
    with service_aside(where):
        for name, measure in parts.items():
            try:
                facts[name] = measure()
            except EdgeError as error:
                facts[name] = {"error": str(error)}
    print(json.dumps(facts, indent=2) if args.json else "\n".join(lines(facts)))
    failed = [f"{name} can't be measured: {part['error']}" for name, part in facts.items() if "error" in part]
    if failed:
        raise EdgeError("; ".join(failed))
    return 0


def lines(facts: dict[str, Any]) -> list[str]:
    """What could be measured, for people."""
    writers = {"memory": _memory_line, "storage": _storage_line, "router": _router_line, "model": _model_line}
    return [f"{name:9} {write(facts[name])}" for name, write in writers.items() if "error" not in facts[name]]


def _memory() -> dict[str, Any]:
    measured = measure_bandwidth(probe())
    if not measured.by_threads:
        raise EdgeError("too little memory is free to measure with")
    return {
        "bytes_per_s": {str(threads): round(read) for threads, read in measured.by_threads},
        "best_threads": measured.threads,
        "beyond_cache": measured.beyond_cache,
    }


def _storage(where: Places) -> dict[str, Any]:
    directory = where.models
    while not directory.exists():
        directory = directory.parent
    measured, space = measure_storage(directory), read_space(directory)
    return {
        "directory": str(directory),
        "medium": space.medium.value,
        "free_bytes": space.free_bytes,
        "read_bytes_per_s": round(measured.read) if measured.read else None,
        "write_bytes_per_s": round(measured.write) if measured.write else None,
        "past_cache": measured.past_cache,
    }


def _router() -> dict[str, Any]:
    from edge.devices.registry import Registry
    from edge.router.router import Router

    began = time.perf_counter()
    router, registry = Router.load(), Registry()
    load_ms = (time.perf_counter() - began) * 1e3
    took = []
    for _ in range(ROUNDS):
        for sentence in SENTENCES:
            began = time.perf_counter()
            router.route(sentence, registry, None)
            took.append((time.perf_counter() - began) * 1e3)
    return {"load_ms": round(load_ms, 1), "ms": round(median(took), 2), "slowest_ms": round(max(took), 2)}


def _model(where: Places, wanted: str | None) -> dict[str, Any]:
    settings = configured().llm
    store, state = ModelStore(where.models), where.state / "llm"
    model = store.chosen(wanted or settings.model)
    if model is None:
        raise EdgeError("there is none yet, see `edge models recommend`")
    task = prepare(
        store,
        model,
        state,
        memory_bytes=settings.memory_limit_bytes,
        n_ctx=settings.context,
        n_threads=settings.threads,
    )
    measured = asyncio.run(speed(task, state))
    return {
        "name": model.name,
        "load_s": round(measured.load_s, 2),
        "prompt_tokens_per_s": measured.rates.prompt_tokens_per_s,
        "tokens_per_s": measured.rates.tokens_per_s,
        "resident_bytes": measured.resident_bytes,
        "n_threads": measured.plan.n_threads,
        "n_threads_batch": measured.plan.n_threads_batch,
        "n_ctx": measured.plan.n_ctx,
        "tuned": measured.tuned,
    }


def _memory_line(facts: dict[str, Any]) -> str:
    speeds = ", ".join(f"{read / 1e9:.1f} with {threads}" for threads, read in facts["bytes_per_s"].items())
    return f"reads GB/s: {speeds} threads" + ("" if facts["beyond_cache"] else " (in the cache: memory is slower)")


def _storage_line(facts: dict[str, Any]) -> str:
    if not facts["past_cache"] or not facts["read_bytes_per_s"]:
        return f"{facts['medium']}, {size(facts['free_bytes'])} free; its speed can't be told from memory's"
    written = f", writes {facts['write_bytes_per_s'] / 1e6:.0f} MB/s" if facts["write_bytes_per_s"] else ""
    read = f"reads {facts['read_bytes_per_s'] / 1e6:.0f} MB/s"
    return f"{facts['medium']}, {read}{written}, {size(facts['free_bytes'])} free"


def _router_line(facts: dict[str, Any]) -> str:
    return f"{facts['ms']:.1f} ms a sentence, {facts['slowest_ms']:.1f} at most; loaded in {facts['load_ms']:.0f} ms"


def _model_line(facts: dict[str, Any]) -> str:
    how = "as tuned" if facts["tuned"] else "not tuned yet: `edge tune`"
    return (
        f"{facts['name']} writes {facts['tokens_per_s']:.1f} and reads {facts['prompt_tokens_per_s']:.1f} tokens/s "
        f"with {facts['n_threads']} and {facts['n_threads_batch']} threads, in {size(facts['resident_bytes'])} ({how})"
    )
