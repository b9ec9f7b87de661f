"""`edge timers`: timers, alarms, reminders and what is to be done later."""

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from edge.cli.session import session
from edge.cli.table import table
from edge.schedule.words import span


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge timers` takes."""
    parser.add_argument("--cancel", metavar="ID", action="append", default=[], help="cancel one; may be repeated")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print what is planned, the next first; cancel what was asked for before that."""
    with session() as client:
        for one in args.cancel:
            client.call("cancel", id=one)
        entries = client.call("timers")["entries"]
    entries.sort(key=lambda entry: entry["remaining_s"])
    if args.json:
        print(json.dumps({"entries": entries}, ensure_ascii=False))
        return 0
    rows = [_row(entry) for entry in entries]
    print("\n".join(table(("ID", "KIND", "WHAT", "AREA", "LEFT", "DUE"), rows)) if rows else "Nothing is planned.")
    return 0


def _row(entry: Mapping[str, Any]) -> Sequence[str]:
    left = span(entry["remaining_s"]) if entry["status"] == "running" else entry["status"]
    if entry["status"] == "paused":
        left = f"{span(entry['remaining_s'])}, paused"
    due = datetime.fromtimestamp(entry["due"], UTC).astimezone().strftime("%a %d %b %H:%M") if entry["due"] else "-"
    return entry["id"], entry["kind"], entry["name"] or "-", entry["area"] or "-", left, due
