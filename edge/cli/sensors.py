"""`edge sensors`: what sensors measured, and how unusual it is."""

import argparse
import csv
import sys
from pathlib import Path

from edge.cli import sensors_explain, sensors_history


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge sensors` takes."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    score = actions.add_parser(
        "score",
        help="score how unusual each value of a series is",
        description="Reads CSV `timestamp,value`, writes CSV `timestamp,value,score`: 0 to 1, from past values alone.",
    )
    score.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a CSV file; without it standard input")
    score.set_defaults(does=_score)
    sensors_history.configure(actions)
    sensors_explain.configure(actions)


def main(args: argparse.Namespace) -> int:
    """Do what the action's own function does."""
    status: int = args.does(args)
    return status


def _score(args: argparse.Namespace) -> int:
    from edge.sensors.errors import SensorError
    from edge.sensors.scoring.rows import Unread, scored

    unread = Unread()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("timestamp", "value", "score"))
    try:
        source = args.file.open(encoding="utf-8-sig", errors="replace", newline="") if args.file else sys.stdin
        with source as lines:
            for moment, value, score in scored(lines, unread):
                out.writerow((moment, value, f"{score:.6f}"))
    except OSError as error:
        raise SensorError(f"{args.file} can't be read: {error.strerror}") from error
    except csv.Error as error:
        raise SensorError(f"{args.file or 'standard input'} is no CSV: {error}") from error
    if unread.count:
        print(
            f"edge sensors: {unread.count} rows have no time or number that can be read and score 0, "
            f"the first in line {unread.first_line}",
            file=sys.stderr,
        )
    return 0
