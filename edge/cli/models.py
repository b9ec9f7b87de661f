"""`edge models`: list, add, choose, check and remove language models."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, Final, Self

from edge.errors import EdgeError
from edge.models import GgufHeader, ModelStore, StoredModel
from edge.settings import places
from edge.tuning import PlanError, fit, probe

COLUMNS: Final = ("", "NAME", "SIZE", "PARAMETERS", "TYPE", "CONTEXT", "HERE")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge models` takes."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, summary: str) -> argparse.ArgumentParser:
        sub = actions.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
        return sub

    action("list", "show the models that are there, and whether they fit this machine")
    add = action("add", "copy a GGUF file into the store and check it")
    add.add_argument("file", type=Path, metavar="FILE", help="a GGUF file")
    add.add_argument("--name", help="what to call it; the file's name unless given")
    add.add_argument("--link", action="store_true", help="leave the file where it is instead of copying it")
    add.add_argument("--use", action="store_true", help="let it answer from now on")
    for name, summary in (
        ("use", "let a model answer from now on; a running service changes over by itself"),
        ("rm", "remove a model and its file (a linked file stays)"),
    ):
        action(name, summary).add_argument("name", metavar="NAME")
    verify = action("verify", "read models in full and compare them with what was added")
    verify.add_argument("name", metavar="NAME", nargs="*", help="all of them unless given")


def main(args: argparse.Namespace) -> int:
    """Do it; 0 when it was done."""
    store = ModelStore(places().models)
    match args.action:
        case "list":
            return _list(store, args.json)
        case "add":
            with _Progress(f"adding {args.file.name}") as progress:
                model = store.add(args.file, name=args.name, link=args.link, progress=progress)
            if args.use:
                store.use(model.name)
            return _tell(store, model, args.json, "added")
        case "use":
            return _tell(store, store.use(args.name), args.json, "in use")
        case "rm":
            model = store.remove(args.name)
            print(json.dumps({"name": model.name, "removed": True}) if args.json else f"{model.name}: removed")
            return 0
        case _:
            return _verify(store, args.name, args.json)


def _list(store: ModelStore, as_json: bool) -> int:
    used = store.in_use()
    facts = [{**_facts(model, model == used), **_looked_at(store, model)} for model in store.models()]
    if as_json:
        print(json.dumps(facts, indent=2))
        return 0
    if not facts:
        print("no language model yet: add a GGUF file with `edge models add FILE.gguf`")
        return 0
    rows = [COLUMNS, *(_row(fact) for fact in facts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _verify(store: ModelStore, names: list[str], as_json: bool) -> int:
    results: list[dict[str, Any]] = []
    for model in [store.get(name) for name in names] if names else store.models():
        try:
            with _Progress(f"reading {model.name}") as progress:
                store.verify(model, progress)
            results.append({"name": model.name, "ok": True, "sha256": model.sha256})
        except EdgeError as error:
            results.append({"name": model.name, "ok": False, "error": str(error)})
    if as_json:
        print(json.dumps(results, indent=2))
    for result in results:
        if not result["ok"]:
            print(f"edge models: {result['error']}", file=sys.stderr)
        elif not as_json:
            print(f"{result['name']}: as it was added")
    return 0 if all(result["ok"] for result in results) else 1


def _tell(store: ModelStore, model: StoredModel, as_json: bool, what: str) -> int:
    used = store.in_use()
    fact = {**_facts(model, used is not None and used.name == model.name), **_shape(store.header(model))}
    if as_json:
        print(json.dumps(fact, indent=2))
        return 0
    shape = f"{_count(fact['parameters'])} parameters, {fact['quantisation']}, {_size(model.size_bytes)}"
    print(f"{model.name}: {what}, {shape}")
    print(fact["here"] if fact["in_use"] else f"{fact['here']}; let it answer with `edge models use {model.name}`")
    return 0


def _facts(model: StoredModel, in_use: bool) -> dict[str, Any]:
    return {
        "name": model.name,
        "path": str(model.path),
        "in_use": in_use,
        "size_bytes": model.size_bytes,
        "sha256": model.sha256,
    }


def _looked_at(store: ModelStore, model: StoredModel) -> dict[str, Any]:
    """The shape of a model; `error` in its place when the file can't be used."""
    try:
        return _shape(store.header(store.check(model)))
    except EdgeError as error:
        return {"error": str(error)}


def _shape(header: GgufHeader) -> dict[str, Any]:
    fits: dict[str, Any]
    try:
        plan = fit(header, probe())
        fits = {
            "fits": True,
            "here": f"fits with {plan.n_ctx} tokens of context in {_size(plan.predicted_bytes)}",
            "n_ctx": plan.n_ctx,
            "predicted_bytes": plan.predicted_bytes,
        }
    except PlanError as error:
        fits = {"fits": False, "here": str(error)}
    return {
        "title": header.name,
        "architecture": header.architecture,
        "parameters": header.n_params,
        "quantisation": header.quantisation,
        "n_ctx_train": header.n_ctx_train,
        "license": header.license,
        **fits,
    }


def _row(fact: dict[str, Any]) -> tuple[str, ...]:
    mark, size = ("*" if fact["in_use"] else ""), _size(fact["size_bytes"])
    if "error" in fact:
        return mark, fact["name"], size, "", "", "", fact["error"]
    context = str(fact["n_ctx_train"])
    return mark, fact["name"], size, _count(fact["parameters"]), fact["quantisation"], context, fact["here"]


class _Progress:
    """A line that counts up on a terminal, and nothing in a pipe."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = sys.stderr.isatty()
        self._last = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._shown and (now - self._last > 0.1 or done >= total):
            self._last = now
            print(f"\r{self._what}: {done * 100 // max(1, total)} %", end="", file=sys.stderr, flush=True)


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _count(number: int) -> str:
    return f"{number / 1e9:.2f}B" if number >= 1e9 else f"{number / 1e6:.1f}M"
