"""The frozen exam of dialogues: `python -m tests.bench.dialogues [--failures] [--only KIND] [--id d07]`; prints.

The 60 dialogues of `tests/bench/data/dialogues.json` are held with the real assistant: the shipped router, schedule,
rules, lists and keepers as the service wires them, no language model, devices that obey at once, a clock that is moved.
A turn is right when everything holds that `tests/bench/data/README.md` says of it.
"""

import argparse
import asyncio
import json
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.assistant.model import Reply
from edge.router.router import Router
from tests.bench.dialogue_exam.judging import Played, wrong
from tests.bench.dialogue_exam.stage import DATA, Now, Stage, staged

YES_AFTER_S = 4.0


@dataclass
class Result:
    """What became of the turns."""

    turns: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    dialogues: int = 0
    wholly: int = 0
    failures: list[str] = field(default_factory=list)


async def held(dialogue: Mapping[str, Any], router: Router, now: Now, result: Result, *, every: bool = False) -> None:
    """Hold one dialogue; `every`: show the turns that are right, too."""
    whole = True
    with tempfile.TemporaryDirectory() as state:
        async with staged(dialogue, router, now, Path(state)) as stage:
            for number, turn in enumerate(dialogue["turns"], 1):
                played = await _turn(stage, dialogue, turn)
                found = wrong(stage, played, turn["expect"])
                whole = whole and not found
                if turn["text"] is not None:
                    result.turns[dialogue["kind"]] += 1
                    result.right[dialogue["kind"]] += not found
                if found or every:
                    mark = "wrong" if found else "right"
                    shown = [f"{dialogue['id']}.{number} {mark} ({dialogue['kind']}) “{turn['text']}”",
                             f"     reply: {played.said!r} calls: {services_of(played)}"]  # fmt: skip
                    result.failures.append("\n".join([*shown, *(f"     - {one}" for one in found)]))
    result.dialogues += 1
    result.wholly += whole


def services_of(played: Played) -> str:
    return ", ".join(f"{one.call.service} {one.call.device} {dict(one.call.data) or ''}".strip() for one in played.done)


async def _turn(stage: Stage, dialogue: Mapping[str, Any], turn: Mapping[str, Any]) -> Played:
    done, heard = len(stage.house.done), len(stage.announced)
    await stage.pass_time(turn.get("wait_s", 0))
    for event in turn.get("events", ()):
        stage.happen(event["entity_id"], event["state"])
        await stage.settle()
    said: list[str] = []
    turns_s = [stage.clock.now().timestamp()]
    asked = False
    if turn["text"] is not None:
        room, source = turn.get("room", dialogue["room"]), turn.get("source", "voice")
        reply = await stage.say(turn["text"], room, source)
        said.append(reply.text)
        asked = asks(reply)
        if asked and turn["expect"].get("confirm") == "allowed":
            await stage.pass_time(YES_AFTER_S)
            turns_s.append(stage.clock.now().timestamp())
            reply = await stage.say("yes", room, source)
            said.append(reply.text)
            asked = asks(reply)
    return Played(" ".join(said), asked, stage.house.done[done:], stage.announced[heard:], tuple(turns_s))


def asks(reply: Reply) -> bool:
    """Whether it asks something back."""
    return reply.listen or "?" in reply.text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--failures", action="store_true", help="show each turn that went wrong")
    parser.add_argument("--every", action="store_true", help="show each turn")
    parser.add_argument("--only", help="one kind, or the beginning of its name")
    parser.add_argument("--id", help="one dialogue")
    parser.add_argument("--file", type=Path, default=DATA / "dialogues.json", help="other dialogues of the same form")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    exam = json.loads(args.file.read_text(encoding="utf-8"))
    now, began = Now(), time.monotonic()
    router, result = Router.load(now=now), Result()
    for dialogue in exam:
        chosen = args.id in (None, dialogue["id"]) and dialogue["kind"].startswith(args.only or "")
        if chosen:
            asyncio.run(held(dialogue, router, now, result, every=args.every))
    if args.failures or args.every:
        print("\n".join(result.failures))
    turns, right = sum(result.turns.values()), sum(result.right.values())
    for kind, count in result.turns.items():
        print(f"{result.right[kind]:4} of {count:4}  {kind}")
    print(f"{right:4} of {turns:4} turns right = {100 * right / max(1, turns):.1f} %")
    print(f"{result.wholly:4} of {result.dialogues:4} dialogues wholly right, in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
