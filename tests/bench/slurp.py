"""Human sentences of the SLURP development set, scored as the scorer beside them scores them."""

import importlib.util
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from edge.devices.home import load_home
from edge.router.model import Decision, Routing
from edge.router.router import Router
from edge.router.training.measure import expected_calibration_error
from tests.bench.figures import Figure, share
from tests.bench.hassil_rival import Matched, Rival, lists_of

_AREA = "living_room"
_BOTHERS = (Decision.ACT, Decision.CLARIFY)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program made of one sentence."""

    words: frozenset[str]
    """Functions and intents of its calls."""
    bothers: bool
    """It acts or asks about acting."""
    actuates: bool
    """A device moves."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts by action of home commands, and of the sentences that are none of the house's business."""

    right: Mapping[str, int]
    home: Mapping[str, int]
    bothered: int
    actuated: int
    rest: int


def measure(folder: Path, router: Router, rival: Rival) -> list[Figure]:
    """Every figure of the file, and that of each action."""
    scorer = _module(folder / "score_router.py")
    rows = [json.loads(line) for line in (folder / "slurp_devel.jsonl").read_text("utf-8").splitlines()]
    home = load_home(folder / "slurp_home.json")
    routings = [router.route(row["text"], home, _AREA) for row in rows]
    lists = lists_of(home)
    ours = _score(rows, [_ours(routing) for routing in routings], scorer)
    theirs = _score(rows, [_theirs(rival.match(row["text"], lists)) for row in rows], scorer)
    figures = [
        Figure(
            f"home commands: right function ({_sum(ours.home)})",
            share(_sum(ours.right), _sum(ours.home)),
            share(_sum(theirs.right), _sum(theirs.home)),
            ">= 90 %",
        ),
        Figure(
            f"none of its business: acted or asked ({ours.rest})",
            share(ours.bothered, ours.rest, 2),
            share(theirs.bothered, theirs.rest, 2),
            "<= 0.5 %",
        ),
        Figure(
            f"none of its business: a device actuated ({ours.rest})",
            share(ours.actuated, ours.rest, 2),
            share(theirs.actuated, theirs.rest, 2),
            "<= 0.1 %",
        ),
        Figure("expected calibration error on this file", f"{_calibration_error(rows, routings, scorer):.3f}"),
    ]
    return figures + [
        Figure(f"  {action} ({ours.home[action]})", str(ours.right[action]), str(theirs.right[action]))
        for action in sorted(ours.home)
    ]


def accuracy(folder: Path, router: Router) -> float:
    """Share of the file's sentences, 0..1: home commands with the right function, others where nothing is done."""
    scorer = _module(folder / "score_router.py")
    rows = [json.loads(line) for line in (folder / "slurp_devel.jsonl").read_text("utf-8").splitlines()]
    home = load_home(folder / "slurp_home.json")
    score = _score(rows, [_ours(router.route(row["text"], home, _AREA)) for row in rows], scorer)
    return (_sum(score.right) + score.rest - score.bothered) / (_sum(score.home) + score.rest)


def _module(path: Path) -> ModuleType:
    """The scorer, whose tables say what is right: loaded where it lies, so that there is one copy of them."""
    spec = importlib.util.spec_from_file_location("score_router", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _ours(routing: Routing) -> Answer:
    words = {word for call in routing.calls for word in (call.function, call.ha_intent) if word}
    moves = routing.decision is Decision.ACT and any(call.targets for call in routing.calls)
    return Answer(frozenset(words), routing.decision in _BOTHERS, moves)


def _theirs(matched: Matched | None) -> Answer:
    if matched is None:
        return Answer(frozenset(), bothers=False, actuates=False)
    return Answer(frozenset([matched.intent]), matched.acts, matched.actuates)


def _score(rows: Sequence[Mapping[str, Any]], answers: Sequence[Answer], scorer: ModuleType) -> Score:
    right: Counter[str] = Counter()
    home: dict[str, int] = defaultdict(int)
    bothered = actuated = rest = 0
    for row, answer in zip(rows, answers, strict=True):
        if row["action"] in scorer.RIGHT:
            home[row["action"]] += 1
            right[row["action"]] += _right(row, answer, scorer)
        elif row["scenario"] not in scorer.NEITHER:
            rest += 1
            bothered += answer.bothers
            actuated += answer.actuates
    return Score(right, home, bothered, actuated, rest)


def _right(row: Mapping[str, Any], answer: Answer, scorer: ModuleType) -> bool:
    return answer.bothers and bool(answer.words & scorer.RIGHT[row["action"]])


def _calibration_error(rows: Sequence[Mapping[str, Any]], routings: Sequence[Routing], scorer: ModuleType) -> float:
    """A home command is right with its function, the rest where nothing is done or asked."""
    confidences, truths = [], []
    for row, routing in zip(rows, routings, strict=True):
        answer = _ours(routing)
        if row["action"] in scorer.RIGHT:
            truths.append(_right(row, answer, scorer))
        elif row["scenario"] not in scorer.NEITHER:
            truths.append(not answer.bothers)
        else:
            continue
        confidences.append(routing.confidence)
    return expected_calibration_error(confidences, truths)


def _sum(counts: Mapping[str, int]) -> int:
    return sum(counts.values())
