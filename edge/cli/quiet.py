"""`edge quiet`: whether nothing is said unasked now, and until when; has it be quiet, or talk again."""

import argparse
import json

from edge.cli.session import session


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge quiet` takes."""
    parser.add_argument("set", nargs="?", choices=("on", "off"), help="be quiet, or talk again")
    parser.add_argument("--until", metavar="WHEN", help='until when, as said: eight, "an hour"; else the morning')
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print it, after what was to be changed."""
    with session() as client:
        given = {"set": args.set} if args.set else {}
        told = client.call("quiet", **given, **({"until": args.until} if args.until else {}))
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
        return 0
    until = told["quiet_until"]
    print(f"quiet until {until.replace('T', ' ')}" if until else "it talks as usual")
    return 0
