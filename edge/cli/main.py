"""The `edge` command: finds the verb, leaves the rest to its own file."""

import argparse
import importlib
import os
import sys
from typing import Final

from edge import __version__
from edge.errors import EdgeError

VERBS: Final = {
    "run": "run the service",
    "demo": "show a simulated house answering",
    "ask": "say something to the assistant",
    "route": "show what the router makes of sentences, carrying nothing out",
    "functions": "list the functions a sentence can call",
    "teach": "teach the router a function from examples",
    "say": "have a text spoken aloud, or written to a file",
    "hear": "show what the room would understand of recordings, carrying nothing out",
    "devices": "list devices and their states",
    "sensors": "list, show, plot, export and import what sensors said; score a series",
    "alarms": "list, acknowledge and mute alarms; show the rules they come from",
    "models": "list, recommend, pull, add and choose models",
    "tune": "measure how the model runs fastest on this machine",
    "bench": "measure this machine: memory, storage, router, language model",
    "timers": "list timers, alarms and reminders",
    "rules": "list the rules of the house, switch them on or off, delete them",
    "lists": "show to-do and shopping lists",
    "scenes": "list, show, play, save and delete scenes and routines",
    "memory": "list, find, add and forget what it was asked to remember",
    "guests": "show whether there are visitors, turn guest mode on or off",
    "quiet": "show whether it is quiet, have it be so for a while",
    "config": "show or check the configuration",
    "appliance": "do what a flashed machine does at its start",
    "log": "show who asked for what, or what the service wrote",
    "trace": "show what a request went through, stage by stage",
    "doctor": "look for what is wrong, and say what to do about it",
    "status": "show the running service's state",
    "update": "show, check and apply updates, go back to the release before",
    "backup": "write configuration and state into one file",
    "restore": "put a backup in the place of what is here",
    "completion": "write what a shell completes verbs and options with",
}
"""One file a verb in this package: `configure(parser)` adds its arguments, `main(args)` returns the exit status."""


def parser_for(verb: str | None) -> argparse.ArgumentParser:
    """The parser, with the arguments of `verb` alone: the others' modules stay unloaded."""
    parser = argparse.ArgumentParser(prog="edge", description="A private assistant for a house, without the cloud.")
    parser.add_argument("--version", action="version", version=f"edge {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, summary in VERBS.items():
        sub = verbs.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == verb:
            importlib.import_module(f"edge.cli.{name}").configure(sub)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one verb. Exit status: 0 done, 1 it failed and says why on stderr, 2 wrong usage."""
    argv = sys.argv[1:] if argv is None else argv
    verb = next((word for word in argv if not word.startswith("-")), None)
    args = parser_for(verb).parse_args(argv)
    try:
        status: int = importlib.import_module(f"edge.cli.{args.verb}").main(args)
        sys.stdout.flush()
    except EdgeError as error:
        print(f"edge {args.verb}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read has left; what the buffer still holds must not fail once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status
