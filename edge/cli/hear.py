"""`edge hear`: what the room would understand of recordings; nothing is carried out."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.devices import Registry
    from edge.service.routing import Route
    from edge.settings import Loaded
    from edge.speech.hear import Answer, Heard
    from edge.speech.understanding import Understood
    from edge.speech.wake import WakeWords


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
    from edge.settings import load

    loaded = load()
    for problem in loaded.problems:
        print(f"{problem}: its default is used", file=sys.stderr)
    return asyncio.run(_hear(args, home_of(args.home, "hear"), loaded))


async def _hear(args: argparse.Namespace, registry: "Registry", loaded: "Loaded") -> int:
    from edge.models import ModelStore
    from edge.service import shipped_router
    from edge.speech.hear import Hearing
    from edge.speech.sound import SpeechError
    from edge.speech.stt.recogniser import Recogniser
    from edge.speech.understanding import Understanding
    from edge.speech.vad import VoiceActivity

    speech, store = loaded.settings.speech, ModelStore(loaded.places.models)
    failed = False
    wake = None if args.no_wake else _wake_words(loaded)
    async with Recogniser(registry, speech.recogniser, store, wake.words if wake else ()) as recogniser:
        routes = shipped_router(loaded, registry)
        for problem in (*routes.problems, *(wake.problems if wake else ())):
            print(f"edge hear: {problem}", file=sys.stderr)
        understanding = Understanding(lambda text, _, area=None: routes.route(text, area), registry)
        hearing = Hearing(recogniser, understanding, VoiceActivity(), wake, _answer(loaded, registry, routes.route))
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


def _wake_words(loaded: "Loaded") -> "WakeWords":
    """Those of the settings, or, where they name none, all that there are: a recording may be of any."""
    from edge.speech.wake import load
    from edge.speech.wake.files import find

    speech, models = loaded.settings.speech, loaded.places.models
    words = speech.wake_words if "wake_words" in speech.model_fields_set else find(models).words
    return load({word: speech.sensitivities.get(word, speech.sensitivity) for word in words}, models)


def _answer(loaded: "Loaded", registry: "Registry", route: "Route") -> "Answer":
    from edge.assistant.confirmation import configured_confirmation
    from edge.assistant.rehearsal import Rehearsal
    from edge.schedule import SystemClock
    from edge.service.routing import zone_of

    settings, problems = loaded.settings, list[str]()
    confirmation = configured_confirmation(settings, problems)
    for problem in problems:
        print(f"edge hear: {problem}", file=sys.stderr)
    rehearsal = Rehearsal(route, registry, SystemClock(zone_of(settings)), confirmation)

    async def answer(understood: "Understood", area: str | None) -> str:
        return await rehearsal.reply(understood.routing, area)

    return answer


def _for_people(heard: "Heard") -> str:
    routing = heard.routing
    wake = f"  {heard.wake.word} at {heard.wake.at_s:.1f} s\n" if heard.wake else ""
    lines = [f"{heard.file}\n{wake}  “{heard.text}”  {routing.decision}  {heard.total_ms:.0f} ms"]
    for call in routing.calls:
        arguments = " ".join(f"{name}={value}" for name, value in call.arguments.items())
        lines.append(f"  <{call.function}> {arguments} <end>  → {', '.join(call.targets) or 'no device'}")
    if heard.reply:
        lines.append(f"  “{heard.reply}”")
    return "\n".join(lines)
