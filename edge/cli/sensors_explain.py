"""`edge sensors explain`: what moved a sensor, as far as the history tells, with the figures that say so."""

import argparse
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.cli.moments import moment
from edge.cli.sensors_history import named, opened

if TYPE_CHECKING:
    from edge.assistant.explained import Words
    from edge.sensors.explaining import Cause, Explanation


def configure(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action."""
    explained = actions.add_parser("explain", help="what changed before a sensor went up or down")
    explained.set_defaults(does=_explain)
    explained.add_argument("sensor", help="a sensor's id, or the words of its name")
    explained.add_argument("--at", type=moment, metavar="WHEN", help="2h, 10:30, 2026-05-01 10:30; now unless given")
    explained.add_argument("--direction", choices=("up", "down"), help="which way; the larger movement unless given")
    explained.add_argument("--file", type=Path, help="read this database, such as one that was set aside")
    explained.add_argument("--json", action="store_true", help="print JSON, with all of the evidence")


def explained(
    said: str, until_s: float, direction: str | None, *, file: Path | None
) -> tuple[dict[str, Any], list[str]]:
    """Of a sensor's id or name: all of the evidence with the `text`, and lines for people. Raises `EdgeError`."""
    from edge.assistant.explained import Words
    from edge.assistant.explaining import house_places
    from edge.cli.household import household
    from edge.sensors.alarms.words import Moments
    from edge.sensors.explaining import Direction, Inquiry
    from edge.sensors.explaining.explain import explain

    registry, way = household(), Direction(direction) if direction else None
    with opened(file) as (reader, zone):
        sensor = named(reader, said)
        found = explain(reader, house_places(registry), Inquiry(sensor.key, until_s, direction=way))
    words = Words(registry, Moments(time.time, lambda at_s: _local(at_s, zone)))
    text = words.explanation(found)
    lines = [text, *(f"  {line}" for line in _evidence(found, words, zone))]
    return found.to_json() | {"text": text}, [_printable(line) for line in lines]


def _explain(args: argparse.Namespace) -> int:
    until_s = args.at if args.at is not None else time.time()
    facts, lines = explained(args.sensor, until_s, args.direction, file=args.file)
    print(json.dumps(facts, ensure_ascii=False) if args.json else "\n".join(lines))
    return 0


def _evidence(found: "Explanation", words: "Words", zone: tzinfo | None) -> Iterator[str]:
    for one in (*found.causes, *found.around):
        yield f"{one.share:4.0%}  {_clock(one.at_s, zone)}  {words.change(one)}{_past(one)}"
    yield f"learnt from {found.days:.0f} days"


def _printable(line: str) -> str:
    """Names and states come from outside: nothing of them moves a terminal."""
    return "".join(c if c.isprintable() else " " for c in line)


def _past(one: "Cause") -> str:
    if not one.seen:
        return ""
    return f"; followed by as much {one.followed} of {one.seen} times, {one.otherwise:.0%} without it"


def _clock(at_s: float, zone: tzinfo | None) -> str:
    return _local(at_s, zone).strftime("%a %H:%M")


def _local(at_s: float, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at_s, zone or UTC).astimezone(zone)
