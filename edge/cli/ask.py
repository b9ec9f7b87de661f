"""`edge ask`: say something to the assistant, and answer what it asks back."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from edge.api.wire import ControlClient
from edge.cli.session import session


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge ask` takes."""
    parser.add_argument("text", nargs="*", help="what to say; without it each line of standard input is said")
    parser.add_argument("--area", metavar="AREA", help="the room you are in, by id or name")
    parser.add_argument("--json", action="store_true", help="print each reply as one JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Say it, print the reply; on a terminal a question of the assistant's can be answered at once."""
    with session() as client:
        if args.text:
            said: str | None = " ".join(args.text)
            while said is not None:
                reply = _say(client, said, args)
                said = _answer() if reply.get("listen") and not args.json else None
            return 0
        for line in _lines():
            _say(client, line, args)
    return 0


def _say(client: ControlClient, text: str, args: argparse.Namespace) -> dict[str, Any]:
    reply: dict[str, Any] = {}
    shown = False
    for piece in client.pieces("ask", text=text, **({"area": args.area} if args.area else {})):
        if "done" in piece:
            reply = piece["done"]
        elif not args.json:
            print(piece.get("text", ""), end="", flush=True)
            shown = True
    if args.json:
        print(json.dumps(reply, ensure_ascii=False), flush=True)
    elif shown:
        print(flush=True)
    return reply


def _answer() -> str | None:
    """What the person answers, None where nobody sits at a terminal or nothing is said."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    try:
        return input("> ").strip() or None
    except EOFError:
        return None


def _lines() -> Iterator[str]:
    prompt = sys.stdin.isatty()
    while True:
        if prompt:
            print("> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()
