"""`edge memory`: what it was asked to remember: facts, notes, other names."""

import argparse
import json
from datetime import datetime
from typing import Any

from edge.cli.session import session


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge memory` takes."""
    parser.add_argument("action", nargs="?", choices=("list", "find", "add", "note", "forget"), default="list")
    parser.add_argument(
        "words", nargs="*", metavar="WORDS", help="what to look for, to add or to note; ids of what to forget"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print what is remembered, or change it."""
    text = " ".join(args.words)
    if args.action != "list" and not text:
        print(
            f"edge memory {args.action}: {'the id of what to forget' if args.action == 'forget' else 'words'} expected"
        )
        return 2
    with session() as client:
        match args.action:
            case "find":
                told = client.call("memory_find", text=text)
                lines = [_line(one, shown=True) for one in told["found"]] or ["Nothing of that kind is remembered."]
            case "add" | "note":
                told = client.call("memory_add", text=text, kind="note" if args.action == "note" else "fact")
                lines = [_line(told)]
            case "forget":
                told = {"forgotten": [client.call("memory_forget", id=one) for one in args.words]}
                lines = [f"forgotten: {one['text']}" for one in told["forgotten"]]
            case _:
                told = client.call("memory")
                lines = _listed(told)
    print(json.dumps(told, ensure_ascii=False) if args.json else "\n".join(lines))
    return 0


def _listed(told: dict[str, Any]) -> list[str]:
    lines = [told["trouble"]] if told["trouble"] else []
    for title, key in (("facts", "facts"), ("notes", "notes")):
        if told[key]:
            lines += [title, *(f"  {_line(one)}" for one in told[key])]
    if told["names"]:
        lines += ["names", *(f"  {one['name']}: {one['id']}" for one in told["names"])]
    return lines or ['Nothing is remembered. Try: edge ask "remember that the spare key is in the blue drawer"']


def _line(one: dict[str, Any], *, shown: bool = False) -> str:
    """One entry; a secret that was not asked for is not `shown`."""
    when = datetime.fromtimestamp(one["at_s"]).astimezone()
    return f"{one['id']}  {when:%Y-%m-%d}  {'(a secret)' if one['secret'] and not shown else one['text']}"
