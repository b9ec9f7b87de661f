"""`edge restore`: a backup in the place of what is here, on this board or another one."""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.cli.progress import ProgressLine
    from edge.settings import Places
    from edge.upkeep.reading import Contents
    from edge.upkeep.restoring import Restored

_NODE: Final = re.compile(r"[a-z0-9_-]{1,64}")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge restore` takes."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="what `edge backup` wrote")
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="a file whose first line decrypts it; asked for otherwise"
    )
    parser.add_argument("--name", type=_node, metavar="NODE", help="call this board so, and not as that one was called")
    parser.add_argument("--stop", action="store_true", help="end the running service, and start it again afterwards")
    parser.add_argument(
        "--at-start", action="store_true", help="verify it, and have the service put it in place when it starts next"
    )
    parser.add_argument("--check", action="store_true", help="read and verify it, changing nothing")
    parser.add_argument("--recover", action="store_true", help="go on with what was cut off; for edge.service")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Prints what was put in place, and what is still to be done by hand."""
    from edge.cli.progress import ProgressLine
    from edge.settings import control_sockets, places
    from edge.upkeep.restoring import check, restore
    from edge.upkeep.service_control import Systemd

    here = places()
    if args.recover:
        return _recover(args, here)
    if args.file is None:
        print("edge restore: name the file that `edge backup` wrote", file=sys.stderr)
        return 2
    passphrase = _passphrase(args)
    with ProgressLine("reading") as progress:
        if args.check:
            return _tell_contents(args, check(here, args.file, passphrase, progress))
        if args.at_start:
            return _at_start(args, here, passphrase, progress)
        control = Systemd(control_sockets(here))
        restored = restore(here, args.file, passphrase, progress, control, name=args.name, stop=args.stop)
    _tell_broker()
    return _tell(args, restored)


def _recover(args: argparse.Namespace, here: "Places") -> int:
    from edge.upkeep.facts import is_to_restore
    from edge.upkeep.waiting import put_in_place

    if not is_to_restore(here):
        print(json.dumps({"recovered": False}) if args.json else "nothing to do")
        return 0
    outcome = put_in_place(here)
    if outcome is not None and not outcome.ok:
        raise EdgeError(f"the backup was not restored, and everything is as it was: {outcome.error}")
    _tell_broker()
    print(json.dumps({"recovered": True}) if args.json else "the backup is restored now")
    return 0


def _tell_broker() -> None:
    """A flashed board's own broker goes by what was restored; where it can't be told, the board's next start does."""
    if os.geteuid() != 0:
        return
    from edge.appliance.password import agree_with_broker
    from edge.appliance.places import this_machine
    from edge.appliance.running import run

    try:
        agree_with_broker(this_machine(), run)
    except (EdgeError, OSError) as error:
        print(f"the board's broker lets the assistant in after the board's next start: {error}", file=sys.stderr)


def _at_start(args: argparse.Namespace, here: "Places", passphrase: str | None, progress: "ProgressLine") -> int:
    from edge.cli.progress import ProgressLine
    from edge.settings import load
    from edge.upkeep.waiting import ask

    if args.name is not None:
        raise EdgeError("--name and --at-start don't go together: the board is called as in the backup")
    with ProgressLine("keeping what is here") as keeping:
        contents, kept = ask(here, args.file, passphrase, load(here).settings.node, progress, keeping)
    if args.json:
        facts = {"node": contents.node, "made": contents.made, "files": len(contents.files), "kept": str(kept)}
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    print(
        f"{len(contents.files)} files of {contents.node}, made on {contents.made}, are put in place at the next start"
    )
    print(f"what is here now is kept in {kept}")
    return 0


def _passphrase(args: argparse.Namespace) -> str | None:
    from edge.cli.backup import passphrase_of
    from edge.upkeep.reading import is_encrypted

    if not is_encrypted(args.file):
        return None
    if args.passphrase_file is not None:
        return passphrase_of(args.passphrase_file)
    if not sys.stdin.isatty():
        raise EdgeError(f"{args.file} is encrypted: name a file with its passphrase (--passphrase-file)")
    import getpass

    return getpass.getpass("Passphrase: ")


def _tell_contents(args: argparse.Namespace, contents: "Contents") -> int:
    facts = {
        "version": contents.version,
        "node": contents.node,
        "made": contents.made,
        "encrypted": contents.encrypted,
        "files": len(contents.files),
        "bytes": contents.size_bytes,
        "left_out": list(contents.left_out),
    }
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    print(f"{args.file}: of {contents.node}, made by edge {contents.version} on {contents.made}; whole and readable")
    print(f"{len(contents.files)} files, {contents.size_bytes / 1e6:.1f} MB unpacked")
    for note in contents.left_out:
        print(f"not in it {note}")
    return 0


def _tell(args: argparse.Namespace, restored: "Restored") -> int:
    contents = restored.contents
    if args.json:
        facts = {
            "node": restored.node,
            "made": contents.made,
            "files": len(contents.files),
            "problems": list(restored.problems),
            "left_out": list(contents.left_out),
            "models": list(restored.models),
        }
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    print(f"{len(contents.files)} files of {contents.node}, made on {contents.made}, are in place")
    print(f"this board is called {restored.node}")
    for note in contents.left_out:
        print(f"not in it {note}")
    for problem in restored.problems:
        print(f"problem   {problem}")
    for model in restored.models:
        print(f"missing   {model}: pull or add it again (edge models pull, edge models add)")
    return 0


def _node(text: str) -> str:
    if _NODE.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no name: at most 64 of a-z, 0-9, _ and -")
    return text
