"""Holds one turn against everything that is expected of it (`tests/bench/data/README.md`)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge.assistant.model import Announcement
from tests.bench.dialogue_exam import keeping, services
from tests.bench.dialogue_exam.keeping import Moment
from tests.bench.dialogue_exam.obedient import Done
from tests.bench.dialogue_exam.stage import Stage


@dataclass(frozen=True, slots=True)
class Played:
    """What one turn came to."""

    said: str
    """Every reply to it, one after the other."""
    asked: bool
    """Whether the last reply asks something back."""
    done: Sequence[Done]
    """The calls since the turn before."""
    announced: Sequence[Announcement]
    """What was said unasked since the turn before."""
    turns_s: tuple[float, ...]
    """When it was spoken, and when it was confirmed; seconds since the epoch."""


def wrong(stage: Stage, played: Played, expect: Mapping[str, Any]) -> list[str]:
    """What does not hold, in words."""
    moment = Moment(stage, played.turns_s)
    found = [_calls(played, expect)]
    if expect.get("asks") and not played.asked:
        found.append("nothing was asked back")
    checks: dict[str, Callable[[Any], str]] = {
        "timers": lambda wanted: keeping.timers(stage, wanted, moment),
        "alarms": lambda wanted: keeping.alarms(stage, wanted, moment),
        "reminders": lambda wanted: keeping.reminders(stage, wanted, moment),
        "scheduled": lambda wanted: keeping.scheduled(stage, wanted, moment),
        "rules": lambda wanted: keeping.rules(stage, wanted),
        "lists": lambda wanted: keeping.lists(stage, wanted),
        "notes": lambda wanted: keeping.texts(stage, "notes", wanted),
        "facts": lambda wanted: keeping.texts(stage, "facts", wanted),
        "scenes": lambda wanted: keeping.scenes(stage, wanted),
        "aliases": lambda wanted: keeping.aliases(stage, wanted),
        "guest_mode": lambda wanted: _guest_mode(stage, wanted),
        "rings": lambda wanted: _rings(played, wanted),
        "says": lambda wanted: _says(stage, played, wanted),
        "reply_contains": lambda wanted: _contains(played.said, wanted),
        "reply_lacks": lambda wanted: _lacks(played.said, wanted),
    }
    found += [check(expect[key]) for key, check in checks.items() if key in expect]
    return [one for one in found if one]


def _calls(played: Played, expect: Mapping[str, Any]) -> str:
    if "calls_include" in expect:
        return services.including(played.done, expect["calls_include"], expect.get("calls_within", ()))
    return services.exactly(played.done, expect.get("calls", ()))


def _guest_mode(stage: Stage, wanted: bool) -> str:
    if "guest_mode" not in stage.kept:
        return "guest mode can't be read yet"
    return "" if stage.kept["guest_mode"]() == wanted else f"guest mode is {not wanted}"


def _rings(played: Played, wanted: Sequence[Mapping[str, Any]]) -> str:
    rang = [one for one in played.announced if one.rings]

    def same(one: Announcement, want: Mapping[str, Any]) -> bool:
        kind, name = str(one.event.get("event")), str(one.event.get("name") or "")
        if one.area != want["room"]:
            return False
        if "timer" in want:
            bare = re.sub(r"\btimer\b", "", name.casefold()).strip()
            return kind == "timer_finished" and bare == str(want["timer"] or "").casefold()
        return kind == "alarm_ringing" and abs(_at_s(one) - datetime.fromisoformat(want["alarm"]).timestamp()) <= 60

    return keeping.matched(rang, wanted, same, "ring")


def _at_s(one: Announcement) -> float:
    at_s = one.event.get("heard_s")
    return float(at_s) if isinstance(at_s, int | float) else float("nan")


def _says(stage: Stage, played: Played, wanted: Sequence[Sequence[str]]) -> str:
    aloud = [one.text for one in played.announced if not one.rings and stage.aloud(one)]
    words = [[one] if isinstance(one, str) else list(one) for one in wanted]

    def same(text: str, group: Sequence[str]) -> bool:
        return all(word.casefold() in text.casefold() for word in group)

    return keeping.matched(aloud, words, same, "announcement")


def _contains(said: str, wanted: Sequence[Sequence[str]]) -> str:
    missing = [group for group in wanted if not any(_has(said, word) for word in group)]
    return f"the reply has none of {missing}" if missing else ""


def _lacks(said: str, unwanted: Sequence[str]) -> str:
    found = [word for word in unwanted if _has(said, word)]
    return f"the reply has {found}" if found else ""


def _has(said: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said, re.IGNORECASE) is not None
