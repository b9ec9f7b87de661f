"""`edge models`: list, add, choose, check and remove models of every kind; pull and recommend have their own files."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from edge.cli import models_facts, models_offers, models_pull, models_recommend
from edge.cli.progress import ProgressLine, size
from edge.cli.table import table
from edge.errors import EdgeError
from edge.models import ModelStore, StoredModel
from edge.models.pull import drop, unfinished
from edge.settings import places


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge models` takes."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, summary: str) -> argparse.ArgumentParser:
        sub = actions.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
        return sub

    action("list", "show the models that are there, and whether they fit this machine")
    models_recommend.configure(action("recommend", "show which models fit this machine, and which is best"))
    models_pull.configure(action("pull", "fetch a model from a hub; goes on where it broke off"))
    add = action("add", "take a model in from a file, a directory or a USB stick, and check it")
    add.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        help="a GGUF file, a voice or a wake word, a Whisper model's directory; none: shows what mounted sticks hold",
    )
    add.add_argument("--name", help="what to call it; the file's name unless given")
    add.add_argument("--link", action="store_true", help="leave the files where they are instead of copying them")
    add.add_argument("--use", action="store_true", help="use it from now on")
    for name, summary in (
        ("use", "use a model from now on; a running service changes over by itself"),
        ("rm", "remove a model and its files (linked ones stay), or what a pull that broke off has left"),
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
        case "recommend":
            return models_recommend.main(args, store)
        case "pull":
            return models_pull.main(args, store)
        case "add" if args.path is None:
            return models_offers.main(args)
        case "add":
            return _add(store, args)
        case "use":
            return models_facts.tell(store, store.use(args.name), args.json, "in use")
        case "rm":
            return _remove(store, args.name, args.json)
        case _:
            return _verify(store, args.name, args.json)


def _add(store: ModelStore, args: argparse.Namespace) -> int:
    before = store.models()
    with ProgressLine(f"adding {args.path.name}") as progress:
        model = store.add(args.path, name=args.name, link=args.link, progress=progress)
    what = "was here already" if model in before else "added"
    if args.use:
        model = store.use(model.name)
    return models_facts.tell(store, model, args.json, what)


def _remove(store: ModelStore, name: str, as_json: bool) -> int:
    if all(model.name != name for model in store.models()) and drop(store, name):
        print(json.dumps({"name": name, "removed": True}) if as_json else f"{name}: what had come of it is deleted")
        return 0
    model = store.remove(name)
    used = store.in_use(model.kind)
    if as_json:
        print(json.dumps({"name": model.name, "removed": True, "in_use": used.name if used else None}))
    else:
        left = f"{used.name} is used" if used else f"there is no other {model.kind.words}"
        print(f"{model.name}: removed; {left}")
    return 0


def _list(store: ModelStore, as_json: bool) -> int:
    models = store.models()
    facts = [models_facts.facts(store, model) for model in models]
    if as_json:
        print(json.dumps(facts, indent=2))
        return 0
    if not models:
        print("no model yet: `edge models recommend` shows what fits, `edge models add FILE.gguf` takes one in")
    else:
        print("\n".join(table(models_facts.COLUMNS, (models_facts.row(fact) for fact in facts))))
    for one in unfinished(store):
        print(
            f"{one.name}: {size(one.done_bytes)} of {size(one.size_bytes)} have come from {one.repository}; "
            f"pull again to go on, or `edge models rm {one.name}`"
        )
    return 0


def _verify(store: ModelStore, names: list[str], as_json: bool) -> int:
    results: list[dict[str, Any]] = []
    chosen: list[StoredModel] = [store.get(name) for name in names] if names else list(store.models())
    if not chosen and not as_json:
        print("no model yet: there is nothing to verify")
    for model in chosen:
        try:
            with ProgressLine(f"reading {model.name}") as progress:
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
