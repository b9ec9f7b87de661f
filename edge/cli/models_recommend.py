"""`edge models recommend`: what fits this machine, what does not and by how much, and what to do next."""

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from edge.cli.configured import configured
from edge.cli.progress import size
from edge.cli.sizes import byte_count, pace, token_count
from edge.cli.table import table
from edge.models import ModelError, ModelStore
from edge.models.catalogue import catalogue
from edge.models.store import SPARE_BYTES
from edge.tuning import Hardware, probe
from edge.tuning.bandwidth import measure_bandwidth
from edge.tuning.plan import memory_left
from edge.tuning.profiles import Defaults, recognise, settle
from edge.tuning.recommend import Choice, best_of_each, recommend

COLUMNS: Final = ("", "MODEL", "TYPE", "QUALITY", "FILE", "MEMORY", "CONTEXT", "PACE", "LICENCE", "HERE")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge models recommend` takes."""
    parser.add_argument(
        "--memory", type=byte_count, metavar="BYTES", help="what the model may take; unless given, what is left"
    )
    parser.add_argument(
        "--bandwidth", type=byte_count, metavar="BYTES", help="memory read a second; measured unless given"
    )
    parser.add_argument("--pace", type=pace, metavar="TOKENS", help="tokens a second that it must speak")
    parser.add_argument("--context", type=token_count, metavar="TOKENS", help="a context that must fit")
    parser.add_argument("--all", action="store_true", help="every quantisation, not only the best of each model")


def main(args: argparse.Namespace, store: ModelStore) -> int:
    """Print the table; 1 where nothing fits."""
    settings = configured().llm
    hardware = probe()
    profile = recognise(hardware.board)
    defaults = settle(hardware, profile=profile)
    memory = args.memory or settings.memory_limit_bytes
    if memory is not None:
        # Somebody has said how much: the bounds of the board's profile are not for them.
        defaults = Defaults(threads=defaults.threads, threads_batch=defaults.threads_batch)
    else:
        memory = memory_left(hardware, defaults)
    bandwidth = args.bandwidth
    if bandwidth is None:
        bandwidth = measure_bandwidth(hardware).best or None
    wanted = args.pace or settings.pace_tokens_per_s
    ranked = recommend(
        catalogue(),
        hardware,
        memory_bytes=memory,
        bandwidth_bytes_per_s=bandwidth,
        pace=wanted,
        storage_bytes=_room(store.directory),
        n_ctx=args.context or settings.context,
        defaults=defaults,
    )
    shown = ranked if args.all else best_of_each(ranked)
    best = ranked[0] if ranked and ranked[0].usable else None
    here = {model.origin.partition("@")[0] + "/" + model.name for model in store.models() if model.origin}
    if args.json:
        facts = _facts(shown, best, memory, bandwidth, wanted, here) | {"hardware": _found(hardware, profile.title)}
        print(json.dumps(facts, indent=2))
    else:
        print(_head(profile.title, memory, bandwidth, wanted))
        print("\n".join(table(COLUMNS, (_row(choice, choice is best, here) for choice in shown))))
    if best is None:
        raise ModelError(_none(ranked))
    if not args.json:
        print(_next(best))
    return 0


def _head(board: str, memory: int, bandwidth: float | None, pace: float) -> str:
    reads = f"it reads {bandwidth / 1e9:.1f} GB/s" if bandwidth else "bandwidth not measured, so pace is left out"
    return f"{board}: {size(memory)} for a model, {reads}; wanted are {pace:g} tokens/s\n"


def _none(ranked: Sequence[Choice]) -> str:
    smallest = min(ranked, key=lambda one: one.needed_bytes)
    return f"none can be used here; the smallest is {smallest.entry.name}:{smallest.quantisation}, {_verdict(smallest)}"


def _next(best: Choice) -> str:
    quality = best.entry.quality
    source = f"{quality.measure} {quality.score:g}, {quality.source}" if quality else "no published score"
    lines = [f"\nbest here: {best.entry.title} in {best.quantisation} ({source})"]
    if best.plan and best.plan.n_ctx < best.comfortable_ctx:
        lines.append(f"its context is short: {best.plan.n_ctx} tokens; more memory would help")
    return "\n".join([*lines, f"next: edge models pull {best.entry.name}:{best.quantisation} --use"])


def _row(choice: Choice, best: bool, here: set[str]) -> tuple[str, ...]:
    return (
        "*" if best else "",
        choice.entry.name,
        choice.quantisation,
        f"{choice.quality:.1f}" if choice.entry.quality else "–",
        size(choice.file_bytes),
        size(choice.needed_bytes),
        str(choice.plan.n_ctx) if choice.plan else "",
        f"{choice.tokens_per_s:.1f}" if choice.tokens_per_s is not None else "–",
        choice.entry.license,
        _verdict(choice) + (", is here" if _installed(choice, here) else ""),
    )


def _verdict(choice: Choice) -> str:
    lacks = []
    if not choice.fits:
        lacks.append(f"{size(choice.needed_bytes - choice.budget_bytes)} of memory too little")
    if not choice.fast_enough and choice.tokens_per_s is not None:
        lacks.append(f"{choice.pace - choice.tokens_per_s:.2g} tokens/s too slow")
    if not choice.storable and choice.storage_bytes is not None:
        lacks.append(f"{size(choice.file_bytes - choice.storage_bytes)} of disk too little")
    if not choice.sensible:
        lacks.append("larger than is worth running on this board")
    return ", ".join(lacks) or "fits"


def _installed(choice: Choice, here: set[str]) -> bool:
    return f"{choice.entry.repository}/{Path(choice.entry.file_of(choice.quantisation)).stem}" in here


def _facts(
    shown: Sequence[Choice], best: Choice | None, memory: int, bandwidth: float | None, pace: float, here: set[str]
) -> dict[str, Any]:
    return {
        "memory_bytes": memory,
        "bandwidth_bytes_per_s": bandwidth,
        "pace_tokens_per_s": pace,
        "best": f"{best.entry.name}:{best.quantisation}" if best else None,
        "next": f"edge models pull {best.entry.name}:{best.quantisation} --use" if best else None,
        "models": [_fact(choice, here) for choice in shown],
    }


def _found(hardware: Hardware, board: str) -> dict[str, Any]:
    return {
        "board": board,
        "machine": hardware.machine,
        "processor": hardware.cpu_model,
        "cores": hardware.physical_cores,
        "fast_cores": hardware.fast_cores,
        "memory_total_bytes": hardware.memory_total_bytes,
        "memory_available_bytes": hardware.memory_available_bytes,
        "swap_bytes": hardware.swap_bytes,
        "accelerator": asdict(hardware.accelerator) if hardware.accelerator else None,
    }


def _fact(choice: Choice, here: set[str]) -> dict[str, Any]:
    entry, quality = choice.entry, choice.entry.quality
    return {
        "name": entry.name,
        "title": entry.title,
        "quantisation": choice.quantisation,
        "repository": entry.repository,
        "file": entry.file_of(choice.quantisation),
        "license": entry.license,
        "license_link": entry.license_link,
        "languages": entry.languages,
        "parameters": entry.parameters,
        "quality": round(choice.quality, 2) if quality else None,
        "quality_source": quality.source if quality else None,
        "file_bytes": choice.file_bytes,
        "needed_bytes": choice.needed_bytes,
        "n_ctx": choice.plan.n_ctx if choice.plan else None,
        "tokens_per_s": round(choice.tokens_per_s, 2) if choice.tokens_per_s is not None else None,
        "fits": choice.fits,
        "fast_enough": choice.fast_enough,
        "storable": choice.storable,
        "sensible": choice.sensible,
        "verdict": _verdict(choice),
        "installed": _installed(choice, here),
    }


def _room(directory: Path) -> int:
    """What the disk that the store is on, or will be, can take."""
    place = directory.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    return max(0, shutil.disk_usage(place).free - SPARE_BYTES)
