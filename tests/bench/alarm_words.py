"""Alarms in words: the exact rule for each sentence of a frozen exam, and what must not become one; asserts nothing.

    python -m tests.bench.alarm_words [--all]

The whole path but for the reply's delivery: the router with its network, then the assistant's keeper of alarms.
"""

import argparse
import asyncio
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.assistant.alarmkeeping import AlarmKeeper
from edge.assistant.model import Source, Utterance
from edge.assistant.told import Told
from edge.devices.home import parse_home
from edge.devices.registry import Registry
from edge.router.model import Decision, Routing
from edge.router.router import Router
from edge.schedule import SystemClock
from edge.sensors.alarms import AlarmBook, AlarmRule
from edge.sensors.alarms.words import Moments
from edge.sensors.defaults import DEFAULTS, sort_of
from edge.sensors.detectors import AnySettings
from tests.bench.figures import Figure, share, show

_EXAM: Final = Path(__file__).parent / "data" / "alarm_sentences.toml"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one sentence."""

    got: str
    right: bool
    shown: str = ""
    """What the person would read or hear before anything is kept."""


class Defaults:
    """Watchers of a house in which nobody has set anything."""

    def __init__(self, registry: Registry) -> None:
        self.book = AlarmBook(Moments(time.time))
        self._registry = registry

    def now_s(self) -> float:
        """Now."""
        return time.time()

    def settings(self, key: str) -> tuple[AnySettings, ...]:
        """What is watched by default."""
        device = self._registry.devices[key.partition(":")[0]]
        return DEFAULTS[sort_of(device.device_class, device.name, device.area, numeric=device.unit is not None)]

    async def change(self, key: str, changes: Mapping[str, Mapping[str, Any] | bool]) -> None:
        """Nothing is kept in an exam."""

    async def settled(self) -> None:
        """Nothing is to be waited for."""


def house(exam: Mapping[str, Any]) -> Registry:
    """The house of the exam."""
    areas = [{"id": one.split(" ", 1)[0], "name": one.split(" ", 1)[1]} for one in exam["house"]["areas"]]
    devices = [
        {
            "id": id_,
            "name": name,
            "area": area or None,
            "state": state,
            "attributes": {key: value for key, value in (("device_class", of), ("unit_of_measurement", unit)) if value},
        }
        for id_, name, area, of, unit, state in exam["house"]["devices"]
    ]
    return parse_home({"floors": [], "areas": areas, "devices": devices}, "the exam's house")


def written(rules: Sequence[AlarmRule]) -> list[str]:
    """Rules as the exam writes them."""
    return sorted(_written(rule) for rule in rules)


def _written(rule: AlarmRule) -> str:
    relation = {"rises_by": "rises", "falls_by": "falls"}.get(rule.relation.value, rule.relation.value)
    text = f"{'+'.join(rule.sensors)} {relation}"
    if relation == "silent":
        return f"{text} for {_plain(rule.threshold)}"
    text += f" {_plain(rule.threshold)}"
    if relation in ("rises", "falls"):
        text += f" within {_plain(rule.over_s)}"
    for one in rule.also:
        text += f" and {'+'.join(one.sensors)} {one.relation.value} {_plain(one.threshold)}"
    if rule.hold_s:
        text += f" for {_plain(rule.hold_s)}"
    if rule.from_minute is not None and rule.to_minute is not None:
        text += f" {_clock(rule.from_minute)}-{_clock(rule.to_minute)}"
    return text


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


async def sat(sentence: Mapping[str, Any], router: Router, registry: Registry) -> Outcome:
    """What one sentence of the exam comes to."""
    watchers = Defaults(registry)
    keeper = AlarmKeeper(watchers, registry, "°C", SystemClock(None))
    routing = router.route(sentence["text"], registry, sentence.get("area"))
    call = routing.calls[0] if routing.calls else None
    if call is None or call.function != "alarms.add_rule":
        return Outcome(f"{routing.decision.value} {call.function if call else ''}", right=False)
    if routing.decision is Decision.CLARIFY:
        return _clarified(sentence, routing)
    utterance = Utterance(sentence["text"], Source.CLI)
    told = await keeper.tell(call, utterance)
    if not told.then:
        return _refused(sentence, keeper, routing, told)
    await keeper.tell(told.then[0], Utterance("yes", Source.CLI))
    got = written(watchers.book.rules())
    return Outcome("; ".join(got), got == sorted(sentence.get("rules", ())), told.text)


def _clarified(sentence: Mapping[str, Any], routing: Routing) -> Outcome:
    if routing.candidates:
        right = set(routing.candidates) == set(sentence.get("which", ()))
        return Outcome(f"which of {', '.join(routing.candidates)}", right, routing.question or "")
    return Outcome("asks for the sensor", sentence.get("asks") == "sensor", routing.question or "")


def _refused(sentence: Mapping[str, Any], keeper: AlarmKeeper, routing: Routing, told: Told) -> Outcome:
    if told.lacks:
        return Outcome("asks for the limit", sentence.get("asks") == "limit", told.text)
    why = keeper.drafter.draft(routing.calls[0], 0.0, "").impossible
    return Outcome(f"says {why}", bool(why) and sentence.get("says") == why, told.text)


def _managed(sentence: Mapping[str, Any], router: Router, registry: Registry) -> Outcome:
    routing = router.route(sentence["text"], registry, sentence.get("area"))
    call = routing.calls[0] if routing.calls else None
    got = f"{call.function} {' '.join(call.targets)} {call.arguments.get('duration', '')}" if call else "nothing"
    right = (
        call is not None
        and call.function == sentence["function"]
        and ("sensors" not in sentence or list(call.targets) == sentence["sensors"])
        and call.arguments.get("duration") == sentence.get("seconds")
    )
    return Outcome(got.strip(), right)


def main() -> int:
    """Sit the exam and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.alarm_words", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--all", action="store_true", help="print every sentence, not only what is wrong")
    args = parser.parse_args()
    exam = tomllib.loads(_EXAM.read_text("utf-8"))
    registry, router = house(exam), Router.load()
    router.context = lambda: ("alarm",)
    rules = [(one, asyncio.run(sat(one, router, registry))) for one in exam["sentence"]]
    managed = [(one, _managed(one, router, registry)) for one in exam["managing"]]
    router.context = tuple
    bothered = []
    for one in exam["neither"]:
        routing = router.route(one["text"], registry)
        if any(call.function.startswith("alarms.") for call in routing.calls):
            bothered.append((one, Outcome(routing.calls[0].function, right=False)))
    for title, found in (("Rules", rules), ("Managing", managed), ("Neither", bothered)):
        for one, outcome in found:
            if args.all or not outcome.right:
                expected = {key: value for key, value in one.items() if key not in ("text", "area")}
                mark = " " if outcome.right else "!"
                print(f"{mark} {title}: {one['text']}\n    expected {expected}\n    got {outcome.got}")
                print(f"    said “{outcome.shown}”" if outcome.shown else "    nothing was said")
    kinds = Counter(outcome.right for _, outcome in rules)
    fitting = sum(outcome.right for _, outcome in managed)
    unseen = sum(not outcome.right and not outcome.shown and ";" in outcome.got for _, outcome in rules)
    show(
        "Alarms in words",
        [
            Figure(f"the rule, or asked what is missing ({len(rules)})", share(kinds[True], len(rules)), "", ">= 92 %"),
            Figure("wrong rules that no read-back showed", str(unseen), "", "0"),
            Figure(f"managing: right function and sensor ({len(managed)})", share(fitting, len(managed))),
            Figure(f"meant otherwise, taken for alarms ({len(exam['neither'])})", str(len(bothered)), "", "0"),
        ],
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
