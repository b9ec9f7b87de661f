"""`edge guests`: whether there are visitors in the house; turns guest mode on and off."""

import argparse
import json

from edge.cli.session import session


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge guests` takes."""
    parser.add_argument("set", nargs="?", choices=("on", "off"), help="turn guest mode on or off")
    parser.add_argument("--until", metavar="WHEN", help='until when, as one says it: Sunday, "two hours"')
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print it, after what was to be changed."""
    with session() as client:
        given = {"set": args.set} if args.set else {}
        told = client.call("guests", **given, **({"until": args.until} if args.until else {}))
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
        return 0
    until = f" until {told['until'].replace('T', ' ')}" if told["until"] else ""
    print(f"guest mode is on{until}" if told["guests"] else "guest mode is off")
    return 0
