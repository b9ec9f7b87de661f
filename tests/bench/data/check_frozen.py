"""Check the frozen files for form: counts, known devices, times that parse and lie ahead, sentences that differ.

python check_frozen.py
"""

import json
import sys
from datetime import datetime
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
EXPECTED = {
    "nothing",
    "asks",
    "confirm",
    "calls",
    "calls_include",
    "calls_within",
    "timers",
    "alarms",
    "scheduled",
    "reminders",
    "lists",
    "notes",
    "rules",
    "scenes",
    "facts",
    "aliases",
    "rings",
    "says",
    "guest_mode",
    "reply_contains",
    "reply_lacks",
}


def load(name):
    return json.loads((HERE / name).read_text())


def entities(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "entity_id":
                yield value
            yield from entities(value)
    elif isinstance(node, list):
        for value in node:
            yield from entities(value)


def houses(dialogues, rules):
    home = load("dialogue_home.json")
    rooms = {a["id"] for a in home["areas"]}
    spoken = {d["room"] for d in dialogues} | {t["room"] for d in dialogues for t in d["turns"] if "room" in t}
    used = {d["area"] for d in home["devices"]} | spoken
    unknown = {*entities(dialogues), *entities(rules)} - {d["id"] for d in home["devices"]}
    yield from (f"unknown {name}" for name in unknown | used - rooms - {None})


def turns(dialogues):
    for t in [t for d in dialogues for t in d["turns"]]:
        keys = set(t["expect"])
        if keys - EXPECTED or not keys:
            yield f"unknown expectation {t}"
        if keys & {"asks", "nothing"} and keys & {"calls", "calls_include"}:
            yield f"both a call and none {t}"


def instants(times):
    for x in times:
        now, want = datetime.fromisoformat(x["now"]), x["expect"]
        for text in want.get("at") or [at for first in want["first"] for at in first]:
            at = datetime.fromisoformat(text)
            if at <= now or at.astimezone(ZoneInfo(x["zone"])).isoformat() != text:
                yield f"{x['id']}: {text}"


def alike(rows):
    for a, b in combinations([x["text"].lower().strip(" .?").split() for x in rows], 2):
        one_word = len(a) == len(b) > 3 and sum(x != y for x, y in zip(a, b, strict=True)) < 2
        if one_word or SequenceMatcher(None, a, b).ratio() > 0.93:
            yield f"nearly the same: {' '.join(a)} / {' '.join(b)}"


def problems():
    dialogues, times, rules = load("dialogues.json"), load("time_expressions.json"), load("spoken_rules.json")
    questions = load("sensor_questions.json")
    spoken = [t for d in dialogues for t in d["turns"] if t["text"] is not None]
    counts = [len(rows) for rows in (questions, dialogues, spoken, times, rules)]
    if counts != [100, 60, 300, 150, 60]:
        yield f"counts {counts}"
    yield from houses(dialogues, rules)
    yield from turns(dialogues)
    yield from instants(times)
    for rows in (questions, times, rules):
        yield from alike(rows)


if __name__ == "__main__":
    found = list(problems())
    print("\n".join(found) or "all well")
    sys.exit(bool(found))
