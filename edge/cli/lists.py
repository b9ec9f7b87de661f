"""`edge lists`: shopping, to-do and other lists."""

import argparse
import json

from edge.cli.session import session


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge lists` takes."""
    parser.add_argument("list", nargs="?", metavar="LIST", help="one list by its name; all of them unless given")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="ITEM", help="put something on the list (shopping unless one is named)")
    change.add_argument("--done", metavar="ITEM", help="tick something off")
    change.add_argument("--remove", metavar="ITEM", help="take something off")
    change.add_argument("--clear", action="store_true", help="empty the list, which must be named")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print the lists; change one before that where that was asked for."""
    named = {"list": args.list} if args.list else {}
    with session() as client:
        changed = None
        for do, item in (("item_add", args.add), ("item_done", args.done), ("item_remove", args.remove)):
            if item is not None:
                changed = client.call(do, text=item, **named)
        if args.clear:
            changed = client.call("list_clear", list=args.list or "")
        only = {"list": changed["list"]} if changed else named
        lists = client.call("lists", **only)["lists"]
    if args.json:
        print(json.dumps({"lists": lists}, ensure_ascii=False))
        return 0
    if not any(lists.values()):
        print(f"The {only['list']} list is empty." if only else "All lists are empty.")
    for name, items in lists.items():
        print(name)
        for item in items:
            print(f"  [{'x' if item['done'] else ' '}] {item['text']}")
    return 0
