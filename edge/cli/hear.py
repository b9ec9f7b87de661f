"""`edge hear`: what the room would understand of recordings; nothing is carried out."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.devices import Registry
    from edge.speech.hear import Heard


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge hear` takes."""
    parser.add_argument("file", nargs="+", type=Path, metavar="FILE.wav", help="recordings of any rate and width")
    parser.add_argument("--home", type=Path, metavar="FILE", help="a home file; without it the running service's home")
    parser.add_argument("--area", metavar="ID", help="the area the speaker is in")
    parser.add_argument(
        "--no-wake", action="store_true", help="take each recording as a sentence without a wake word before it"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a recording")


def main(args: argparse.Namespace) -> int:
    """Hear each file in order; 1 where one could not be."""
    from edge.cli.route import home_of

    return asyncio.run(_hear(args, home_of(args.home, "hear")))


async def _hear(args: argparse.Namespace, registry: "Registry") -> int:
    from edge.router.router import Router
    from edge.speech.hear import Hearing
    from edge.speech.sound import SpeechError
    from edge.speech.stt.recogniser import Recogniser
    from edge.speech.understanding import Understanding
    from edge.speech.vad import VoiceActivity
    from edge.speech.wake import load
    from edge.speech.wake.micro import bundled

    failed = False
    async with Recogniser(registry) as recogniser:
        router = Router.load()
        wake = None if args.no_wake else load(dict.fromkeys(bundled(), 0.5))
        hearing = Hearing(recogniser, Understanding(router.route, registry), VoiceActivity(), wake)
        await recogniser.ready(60.0)
        for file in args.file:
            try:
                heard = await hearing.hear(file, args.area)
            except SpeechError as error:
                print(f"edge hear: {error}", file=sys.stderr)
                failed = True
                continue
            line = json.dumps(heard.to_json(), ensure_ascii=False) if args.json else _for_people(heard)
            print(line, flush=True)
    return int(failed)


def _for_people(heard: "Heard") -> str:
    routing = heard.routing
    wake = f"  {heard.wake.word} at {heard.wake.at_s:.1f} s\n" if heard.wake else ""
    lines = [f"{heard.file}\n{wake}  “{heard.text}”  {routing.decision}  {heard.total_ms:.0f} ms"]
    for call in routing.calls:
        arguments = " ".join(f"{name}={value}" for name, value in call.arguments.items())
        lines.append(f"  <{call.function}> {arguments} <end>  → {', '.join(call.targets) or 'no device'}")
    if routing.question:
        lines.append(f"  “{routing.question}”")
    return "\n".join(lines)
