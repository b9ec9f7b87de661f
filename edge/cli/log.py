"""`edge log`: who asked for what and what came of it, and what the service wrote."""

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.api.wire import ControlClient, NotRunningError
from edge.cli.moments import moment
from edge.settings import control_sockets, places

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.health.audit import Entry, Wanted

_POLL_S: Final = 0.5
_PATIENCE_S: Final = 10.0
_UNANSWERED_S: Final = 60.0
"""How long `-f` waits for the answer to a request before it shows the request without one."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge log` takes."""
    kinds = parser.add_subparsers(dest="kind", metavar="requests|service", required=True)
    requests = kinds.add_parser("requests", help="who asked for what, how, and what came of it")
    requests.add_argument("--source", help="voice, mqtt, http, wyoming, home_assistant, cli, demo, or schedule")
    requests.add_argument("--area", metavar="ID", help="asked in this area")
    requests.add_argument("--device", metavar="ID", help="about this device, such as lock.front_door")
    service = kinds.add_parser("service", help="what the service wrote")
    for each, limit in ((requests, 50), (service, 200)):
        each.add_argument("--since", type=moment, metavar="WHEN", help="2h, 3d, 10:30, 2026-05-01, 2026-05-01 10:30")
        each.add_argument("--limit", type=_count, default=limit, metavar="N", help=f"at most N, the latest ({limit})")
        each.add_argument("-f", "--follow", action="store_true", help="go on with what comes")
        each.add_argument("--json", action="store_true", help="print one JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Print the latest, oldest first."""
    if args.kind == "service":
        from edge.cli.log_service import show

        return show(since_s=args.since, limit=args.limit, follow=args.follow, as_json=args.json)
    from edge.health.audit import Wanted, read

    wanted = Wanted(args.since, args.source, args.area, args.device, limit=args.limit)
    show_one = _print_json if args.json else _print
    file, kept = _file()
    entries = read(file, wanted)
    for entry in entries:
        show_one(entry)
    if args.follow:
        _follow(file, wanted, max((entry.number for entry in entries), default=0), show_one)
    elif not entries and not args.json:
        print(_nothing(args, kept=kept))
    return 0


def _file() -> tuple[Path, bool]:
    """What the running service writes to, or would, and whether it does."""
    try:
        with ControlClient(*control_sockets(places()), timeout_s=_PATIENCE_S) as client:
            told = client.call("status").get("requests", {})
    except NotRunningError:
        return places().requests, True
    return Path(told.get("file") or places().requests), bool(told.get("kept", True))


def _nothing(args: argparse.Namespace, *, kept: bool) -> str:
    if not kept:
        return "Nothing is kept: requests.keep is false in the settings."
    return "No such request was kept." if any(vars(args).get(key) for key in _FILTERS) else "Nothing was kept yet."


_FILTERS: Final = ("since", "source", "area", "device")


def _follow(file: Path, wanted: "Wanted", last: int, show_one: "Callable[[Entry], None]") -> None:
    """Until interrupted; a request is shown once it has been answered."""
    from dataclasses import replace

    from edge.health.audit import read

    shown: set[int] = set()
    while True:
        time.sleep(_POLL_S)
        waits: int | None = None
        for entry in read(file, replace(wanted, after=last, limit=None)):
            if entry.number in shown:
                continue
            if entry.decision is None and not entry.ms and time.time() - entry.time_s < _UNANSWERED_S:
                waits = entry.number if waits is None else waits
                continue
            show_one(entry)
            shown.add(entry.number)
        if waits is None and shown:
            last, shown = max(shown), set()


def _print_json(entry: "Entry") -> None:
    print(json.dumps(entry.to_json(), ensure_ascii=False), flush=True)


def _print(entry: "Entry") -> None:
    when = datetime.fromtimestamp(entry.time_s, UTC).astimezone().strftime("%a %d %b %H:%M:%S")
    doubt = "" if entry.clock_trusted else " (clock not set)"
    where = " ".join(part for part in (entry.source, entry.origin, entry.area and f"in {entry.area}") if part)
    print(_clean(f"{when}{doubt}  {where}: {entry.text or '(words not kept)'}"))
    print(_clean(f"    {_outcome(entry)}"), flush=True)


def _outcome(entry: "Entry") -> str:
    if entry.decision is None:
        return "no answer" if not entry.ms else f"given up after {entry.ms:.0f} ms"
    parts = [entry.decision]
    if entry.answered_by:
        parts[0] += f" by {entry.answered_by}"
    if entry.confirmed:
        parts.append(f"confirmed with a {entry.confirmed}")
    parts += [
        f"{deed.device} {deed.service} {deed.outcome}{' (the language model)' if deed.by == 'model' else ''}"
        for deed in entry.deeds[:8]
    ]
    if len(entry.deeds) > 8:
        parts.append(f"and {len(entry.deeds) - 8} more")
    if not entry.deeds:
        parts += [f"{call['function']} {' '.join(call['targets'])}".strip() for call in entry.calls[:8]]
    if entry.reply:
        parts.append(f"“{entry.reply}”")
    return f"{', '.join(parts)} ({entry.ms:.0f} ms)"


def _clean(text: str) -> str:
    """Words from outside must not move the terminal's cursor."""
    return "".join(c if c.isprintable() else " " for c in text)


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 1000000, found {text!r}")
    return int(text)
