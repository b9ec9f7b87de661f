"""`edge scenes`: what is set and done by one name; made by example here, or by saying what they do."""

import argparse
import json
import sys
from typing import Any

from edge.cli.session import session


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge scenes` takes."""
    parser.add_argument("action", nargs="?", choices=("list", "show", "play", "save", "delete"), default="list")
    parser.add_argument("name", nargs="*", metavar="NAME", help="the scene's name or id")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--area", metavar="AREA", help="save: how this room is now")
    where.add_argument("--whole", action="store_true", help="save: how the whole house is now")
    parser.add_argument("--replace", action="store_true", help="save: in the place of the scene of that name")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print the scenes, play one, or change them; `edge ask "goodnight means …"` makes a routine."""
    name = " ".join(args.name)
    if args.action != "list" and not name:
        print(f"edge scenes {args.action}: the name of a scene expected", file=sys.stderr)
        return 2
    if args.action == "save" and not (args.area or args.whole):
        print("edge scenes save: --area AREA or --whole expected", file=sys.stderr)
        return 2
    with session() as client:
        match args.action:
            case "show":
                told = client.call("scene", id=name)
                lines = [told["text"]]
            case "play":
                told = client.call("scene_play", id=name)
                lines = [told["text"]]
            case "save":
                more = {key: "yes" for key in ("whole", "replace") if getattr(args, key)}
                told = client.call("scene_save", name=name, **more, **({"area": args.area} if args.area else {}))
                lines = [told["text"]]
            case "delete":
                told = client.call("scene_delete", id=name)
                lines = [f"{told['name']}: deleted"]
            case _:
                told = client.call("scenes")
                lines = _listed(told)
    print(json.dumps(told, ensure_ascii=False) if args.json else "\n".join(lines))
    return 0


def _listed(told: dict[str, Any]) -> list[str]:
    lines = [f"left out: {problem}" for problem in told["problems"]]
    lines += [f"{one['id']}\n    {one['text']}" for one in told["scenes"]]
    return lines or ['There are no scenes. Make one: edge scenes save "movie time" --area "living room"']
