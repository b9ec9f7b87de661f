"""`edge sensors list|show|plot|export|import`: what is remembered of sensors."""

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.cli.moments import moment
from edge.cli.table import table
from edge.errors import EdgeError
from edge.settings import control_sockets, load, places

if TYPE_CHECKING:
    from edge.sensors.history.model import Sensor
    from edge.sensors.history.reader import Reader

_PATIENCE_S: Final = 10.0
_DAY_S: Final = 86_400.0


def configure(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the actions."""
    listed = actions.add_parser("list", help="what is remembered, and what it said last")
    shown = actions.add_parser("show", help="figures of one sensor, or how long it was in which state")
    plotted = actions.add_parser("plot", help="draw one sensor in the terminal, or as SVG")
    exported = actions.add_parser("export", help="write readings as CSV")
    imported = actions.add_parser("import", help="take readings in from CSV")
    for each, does in ((listed, _list), (shown, _show), (plotted, _plot), (exported, _export), (imported, _import)):
        each.set_defaults(does=does)
    for one in (shown, plotted):
        one.add_argument("sensor", help="a sensor's id, or the words of its name")
        one.add_argument("--unit", help="in this unit: °F, kWh, …")
    exported.add_argument("sensor", nargs="*", help="ids or names; all of them unless given")
    for one in (shown, plotted, exported):
        one.add_argument("--since", type=moment, metavar="WHEN", help="2h, 3d, 10:30, 2026-05-01, 2026-05-01 10:30")
        one.add_argument("--until", type=moment, metavar="WHEN", help="the same; now unless given")
    for one in (listed, shown, plotted, exported):
        one.add_argument("--file", type=Path, help="read this database, such as one that was set aside")
    plotted.add_argument("--svg", type=Path, metavar="FILE", help="write a picture")
    exported.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there, not to standard output")
    imported.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a CSV file; without it standard input")
    for one in (listed, shown, plotted, exported, imported):
        one.add_argument("--json", action="store_true", help="print JSON")


def _list(args: argparse.Namespace) -> int:
    with opened(args.file) as (reader, zone):
        found = [(sensor, reader.last(sensor.key)) for sensor in _latest(reader)]
    if args.json:
        facts = [_facts(one) | {"last": _point(last)} for one, last in found]
        print(json.dumps({"sensors": facts}, ensure_ascii=False))
        return 0
    rows = [
        (one.area or "-", one.name, one.key, _value(last.value, one.unit), _when(last.at_s, zone))
        for one, last in sorted(found, key=lambda pair: (pair[0].area or "~", pair[0].key))
        if last is not None
    ]
    print("\n".join(table(("AREA", "NAME", "ID", "LAST", "WHEN"), rows)) if rows else "Nothing is remembered yet.")
    return 0


def _show(args: argparse.Namespace) -> int:
    since_s, until_s = _span(args)
    with opened(args.file) as (reader, zone):
        sensor = named(reader, args.sensor)
        facts = _facts(sensor) | {"since": since_s, "until": until_s, "last": _point(reader.last(sensor.key))}
        if sensor.sort == "state":
            facts["seconds"] = reader.time_in_state(sensor.key, since_s, until_s)
            facts["times"] = reader.times(sensor.key, since_s, until_s)
        else:
            facts |= _figures(reader, sensor, since_s, until_s, args.unit)
    print(json.dumps(facts, ensure_ascii=False) if args.json else "\n".join(_told(facts, zone)))
    return 0


def _figures(reader: "Reader", sensor: "Sensor", since_s: float, until_s: float, unit: str | None) -> dict[str, Any]:
    to = _converter(sensor.unit, unit)
    stats = reader.stats(sensor.key, since_s, until_s)
    found: dict[str, Any] = {"unit": unit or sensor.unit, "count": stats.count, "mean": to(stats.mean)}
    for which in ("low", "high"):
        point = reader.extreme(sensor.key, since_s, until_s, which)
        found[which] = None if point is None else {"time": point.at_s, "value": to(point.value)}
    found["gain"] = _converter(sensor.unit, unit, difference=True)(stats.gain)
    last = reader.last(sensor.key)
    found["last"] = None if last is None else {"time": last.at_s, "value": to(last.value)}
    return found


def _told(facts: dict[str, Any], zone: tzinfo | None) -> list[str]:
    """For people."""
    unit = facts["unit"]
    lines = [f"{facts['name']} ({facts['id']}), {_when(facts['since'], zone)} to {_when(facts['until'], zone)}"]
    last = facts["last"]
    if last is not None:
        lines.append(f"  last     {_value(last['value'], unit)}, {_when(last['time'], zone)}")
    for which in ("low", "high"):
        if facts.get(which):
            name = {"low": "lowest", "high": "highest"}[which]
            lines.append(f"  {name:8} {_value(facts[which]['value'], unit)}, {_when(facts[which]['time'], zone)}")
    if facts.get("mean") is not None:
        lines.append(f"  mean     {_value(facts['mean'], unit)} of {facts['count']} readings")
    if facts.get("gain") is not None:
        lines.append(f"  went up  {_value(facts['gain'], unit)}")
    for state, seconds in facts.get("seconds", {}).items():
        lines.append(f"  {state:8} {seconds / 3600:.2f} h, began {facts['times'].get(state, 0)} times")
    return lines if len(lines) > 1 else [*lines, "  nothing is remembered of that time"]


def _plot(args: argparse.Namespace) -> int:
    from edge.sensors.history.plot import Drawing, braille, svg

    since_s, until_s = _span(args)
    with opened(args.file) as (reader, zone):
        sensor = named(reader, args.sensor)
        slices = reader.series(sensor.key, since_s, until_s, 800 if args.svg else 144)
    to = _converter(sensor.unit, args.unit)
    slices = [_converted(one, to) for one in slices]
    unit = args.unit or sensor.unit
    if args.json:
        rows = [[one.at_s, one.stats.count, one.stats.low, one.stats.high, one.stats.mean] for one in slices]
        columns = ["time", "count", "low", "high", "mean"]
        print(json.dumps(_facts(sensor) | {"unit": unit, "columns": columns, "slices": rows}, ensure_ascii=False))
        return 0
    if not slices:
        raise EdgeError(f"nothing is remembered of {sensor.name} in that time")
    drawing = Drawing(sensor.name, unit, since_s, until_s, slices, lambda at_s: _local(at_s, zone))
    if args.svg is not None:
        _write(args.svg, svg(drawing))
        return 0
    print("\n".join(braille(drawing)))
    return 0


def _export(args: argparse.Namespace) -> int:
    from edge.sensors.history.csv_files import HEAD, export

    args.since = args.since if args.since is not None else 0.0
    since_s, until_s = _span(args)
    with opened(args.file) as (reader, zone):
        sensors = [named(reader, one) for one in args.sensor] or _latest(reader)
        rows = export(reader, [one.key for one in sensors], since_s, until_s, zone, _tell_damage)
        try:
            stream = args.output.open("w", encoding="utf-8", newline="") if args.output else sys.stdout
        except OSError as error:
            raise EdgeError(f"{args.output} can't be written: {error.strerror}") from None
        try:
            if args.json:
                for row in rows:
                    print(json.dumps(dict(zip(HEAD, row, strict=True)), ensure_ascii=False), file=stream)
            else:
                out = csv.writer(stream, lineterminator="\n")
                out.writerow(HEAD)
                out.writerows(rows)
        finally:
            if args.output:
                stream.close()
    return 0


def _tell_damage(key: str) -> None:
    print(f"edge sensors: not all of {key} can be read, the file is damaged there", file=sys.stderr)


def _import(args: argparse.Namespace) -> int:
    from edge.sensors.history.csv_files import read_csv
    from edge.sensors.history.rollup import Zone

    _flushed()
    try:
        source = args.file.open(encoding="utf-8-sig", newline="") if args.file else sys.stdin
        with source as lines:
            done = read_csv(lines, places().history, Zone(_zone()), time.time())
    except OSError as error:
        raise EdgeError(f"{args.file} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise EdgeError(f"{args.file or 'standard input'} is not UTF-8 text") from None
    if args.json:
        print(json.dumps({"taken": done.taken, "known": done.known, "apart": done.apart}, ensure_ascii=False))
    else:
        print(f"{done.taken} readings taken in, {done.known} were there already.")
    for reason, count in done.apart.items():
        print(f"edge sensors: {count} rows kept apart, {reason}: line {done.examples[reason]}", file=sys.stderr)
    return int(bool(done.apart) and not done.taken and not done.known)


# What they share ---------------------------------------------------------------------------------------------------


@contextmanager
def opened(file: Path | None) -> "Iterator[tuple[Reader, tzinfo | None]]":
    """The database, with everything up to now where the service runs."""
    from edge.sensors.history.reader import Reader
    from edge.sensors.history.rollup import Zone

    if file is None:
        _flushed()
    zone = _zone()
    with Reader(file or places().history, Zone(zone)) as reader:
        yield reader, zone


def _flushed() -> None:
    """A running service writes what it has not yet written."""
    from edge.api.wire import ControlClient, ControlError

    with suppress(ControlError), ControlClient(*control_sockets(places()), timeout_s=_PATIENCE_S) as client:
        client.call("history_flush")


def _zone() -> tzinfo | None:
    from zoneinfo import ZoneInfo

    name = load().settings.timezone
    return ZoneInfo(name) if name else None


def _latest(reader: "Reader") -> "list[Sensor]":
    """One of each key: of those whose unit has changed the one that goes on."""
    return list({one.key: one for one in reader.sensors()}.values())


def named(reader: "Reader", said: str) -> "Sensor":
    sensors = _latest(reader)
    words = said.lower().split()
    for found in (
        [one for one in sensors if one.key == said],
        [one for one in sensors if one.name.lower() == said.lower()],
        [one for one in sensors if all(word in f"{one.name} {one.key}".lower() for word in words)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise EdgeError(f"{said} may be {', '.join(one.key for one in found[:8])}: say which")
    raise EdgeError(f"nothing is remembered of {said}: `edge sensors list` shows what is")


def _span(args: argparse.Namespace) -> tuple[float, float]:
    until_s = args.until if args.until is not None else time.time() + 1
    since_s = args.since if args.since is not None else until_s - _DAY_S
    if since_s >= until_s:
        raise EdgeError("--since must be before --until")
    return since_s, until_s


def _converter(unit: str, to: str | None, *, difference: bool = False) -> Callable[[Any], Any]:
    from edge.sensors.history.units import convert

    if to is None:
        return lambda value: value
    convert(0.0, unit, to)
    return lambda value: None if value is None else convert(value, unit, to, difference=difference)


def _converted(one: Any, to: Callable[[Any], Any]) -> Any:
    from dataclasses import replace

    stats = one.stats
    low, high = sorted((to(stats.low), to(stats.high)))
    return replace(one, stats=replace(stats, low=low, high=high, mean=to(stats.mean)))


def _facts(sensor: "Sensor") -> dict[str, Any]:
    return {
        "id": sensor.key,
        "name": sensor.name,
        "area": sensor.area or None,
        "unit": sensor.unit,
        "device_class": sensor.device_class or None,
        "kind": str(sensor.sort),
        "counter": str(sensor.counter) or None,
    }


def _point(point: Any) -> dict[str, Any] | None:
    return None if point is None else {"time": point.at_s, "value": point.value}


def _value(value: Any, unit: str) -> str:
    if value is None:
        return "?"
    if isinstance(value, str):
        return "".join(c if c.isprintable() else " " for c in value)
    return f"{value:.10g}{f' {unit}' if unit else ''}"


def _local(at_s: float, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at_s, zone or UTC).astimezone(zone)


def _when(at_s: float, zone: tzinfo | None) -> str:
    return _local(at_s, zone).strftime("%a %d %b %Y %H:%M:%S")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EdgeError(f"{file} can't be written: {error.strerror}") from None
