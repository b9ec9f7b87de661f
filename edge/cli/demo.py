"""`edge demo`: a simulated house, a tour through it, and a prompt."""

import argparse
import asyncio
import sys
from pathlib import Path

from edge import log


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge demo` takes."""
    parser.add_argument("--script", action="store_true", help="the tour alone; exit status 1 where a step fails")
    parser.add_argument("--no-tour", action="store_true", help="the prompt at once")
    parser.add_argument("--model", type=Path, metavar="FILE", help="a GGUF file that answers what is for no device")
    parser.add_argument("--json", action="store_true", help="the tour alone, as a JSON object a line and step")


def main(args: argparse.Namespace) -> int:
    """Needs no set-up; leaves nothing behind."""
    from edge.demo.demo import demo
    from edge.demo.errors import DemoError

    if args.model is not None and not args.model.is_file():
        raise DemoError(f"{args.model}: there is no such file; give the path of a GGUF file")
    log.configure("error")
    script = args.script or args.json
    model = args.model.absolute() if args.model else None
    try:
        return asyncio.run(demo(script=script, as_json=args.json, with_tour=not args.no_tour or script, model=model))
    except KeyboardInterrupt:
        return 130 if script else 0
    except asyncio.CancelledError:
        print("edge demo: it was told to end", file=sys.stderr)
        return 1
