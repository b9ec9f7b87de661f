"""Figures of teaching for the table of the router; `tests.bench.teaching` shows what goes wrong, by sentence."""

import json
import tomllib
from pathlib import Path

from edge.devices.home import load_home
from edge.devices.registry import Registry
from edge.router.router import Router
from edge.router.teaching.taught import Taught
from edge.router.training.background import sentences
from tests.bench import slurp
from tests.bench.figures import Figure, share
from tests.bench.teaching import DATA, means, outcome, teach

_SEED = 27_644


def measure(weights: Path, folder: Path, count: int) -> list[Figure]:
    """Each function taught alone; then all of them at once, and what that does to other sentences."""
    router, home = Router.load(weights), _home(folder)
    functions = tomllib.loads(DATA.read_text("utf-8"))
    seconds, right, near = [], 0, 0
    for name, one in functions.items():
        seconds.append(teach(router, {name: one}, home))
        right += sum(means(router, text, name, home) for text in one["paraphrases"])
        near += sum(means(router, text, name, home) for text in one["others"])
    said = sum(len(one["paraphrases"]) for one in functions.values())
    beside = sum(len(one["others"]) for one in functions.values())
    others = _others(weights, folder, count)
    router.taught = Taught()
    before = [outcome(router, text, home) for text in others]
    accurate = _accuracy(folder, router)
    falls = []
    for name, one in functions.items():
        teach(router, {name: one}, home)
        falls.append(100 * (accurate - _accuracy(folder, router)))
    teach(router, functions, home)
    fall = 100 * (accurate - _accuracy(folder, router))
    changed = sum(outcome(router, text, home) != was for text, was in zip(others, before, strict=True))
    fewest = min(len(one["examples"]) for one in functions.values())
    return [
        Figure(f"taught from {fewest} examples: unseen paraphrases right ({said})", share(right, said),
               asked=">= 90 %"),
        Figure(f"sentences that nearly mean it, taken for it ({beside})", share(near, beside)),
        Figure(f"SLURP: fall in accuracy by one taught function, the worst of {len(falls)}", f"{max(falls):.2f} points",
               asked="<= 0.2"),
        Figure(f"  by all {len(falls)} at once", f"{fall:.2f} points"),
        Figure(f"other sentences changed by {len(functions)} taught functions ({len(others)})",
               share(changed, len(others), 2)),
        Figure(f"teaching one, the slowest of {len(functions)}", f"{max(seconds):.2f} s", asked="<= 5 s"),
    ]  # fmt: skip


def _accuracy(folder: Path, router: Router) -> float:
    return slurp.accuracy(folder, router) if (folder / "slurp_devel.jsonl").is_file() else 0.0


def _home(folder: Path) -> Registry:
    path = folder / "slurp_home.json"
    return load_home(path) if path.is_file() else Registry()


def _others(weights: Path, folder: Path, count: int) -> list[str]:
    words = (weights / "vocab.txt").read_text("utf-8").split("\n")
    others = sentences(_SEED, count, words, out=True)
    path = folder / "slurp_devel.jsonl"
    if path.is_file():
        others += [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]
    return others
