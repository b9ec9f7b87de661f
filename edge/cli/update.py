"""`edge update`: which release runs, what is offered, applying a bundle, going back."""

import argparse
import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from edge.settings import Loaded
    from edge.upkeep.bundle import Offered, Progress
    from edge.upkeep.journal import Outcome
    from edge.upkeep.signature import PublicKey
    from edge.upkeep.updater import Updater

_WHERE: Final = "FILE|DIR|URL"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge update` takes."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--check", nargs="?", const="", metavar=_WHERE, help="look at what is offered, and whether it could be applied"
    )
    what.add_argument(
        "--apply",
        nargs="?",
        const="",
        metavar=_WHERE,
        help="install a bundle beside the running release, try it, switch to it; back by itself where it fails",
    )
    what.add_argument("--rollback", action="store_true", help="go back to the release before this one")
    what.add_argument("--watch", action="store_true", help="wait until a release on trial has proved itself")
    what.add_argument("--recover", action="store_true", help="finish or undo what was interrupted; for edge.service")
    parser.add_argument("--again", action="store_true", help="also what runs already, or was taken back before")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Without a word: how things stand."""
    from edge.settings import load

    loaded = load()
    if args.check is not None:
        return _check(loaded, args)
    if args.apply is not None:
        return _apply(loaded, args)
    if args.recover:
        outcome = updater_of(loaded).recover(starting=True)
        return _told(args, {"ended": outcome and outcome.to_json()}, _ended(outcome))
    if args.rollback:
        outcome = updater_of(loaded).roll_back()
        return _told(
            args, {"ended": outcome.to_json()}, [f"edge {outcome.version} runs, in the place of {outcome.before}"]
        )
    if args.watch:
        outcome = updater_of(loaded).watch()
        return _told(args, {"ended": outcome and outcome.to_json()}, _ended(outcome) or ["no release is on trial"])
    return _state(loaded, args)


def _state(loaded: "Loaded", args: argparse.Namespace) -> int:
    from edge.upkeep.facts import update_facts

    facts = update_facts(loaded.places.installation)
    facts["keys"] = [key.id for key in _keys(loaded)]
    lines = [f"running   {facts['running'] or 'no release of ' + str(loaded.places.installation)}"]
    lines += [f"beside    {name}" for name in facts["releases"] if name != facts["running"]]
    lines += [f"under way {facts['step']} {facts['target']}"] if facts["step"] else []
    if last := facts["last"]:
        why = f": {last['reason']}" if last["reason"] else ""
        lines.append(f"last      {last['version']} {last['end']} on {last['at']}{why}")
    none = f"none, so no update is believed: put the public key of its maker (*.pub) into {_keys_directory(loaded)}"
    lines.append(f"keys      {', '.join(facts['keys']) or none}")
    return _told(args, facts, lines)


def _check(loaded: "Loaded", args: argparse.Namespace) -> int:
    """1 where what is offered could not be applied."""
    from edge.upkeep.bundle import Offered
    from edge.upkeep.errors import AlreadyError, BundleError

    updater, found, applicable = updater_of(loaded), [], False
    for where in _wanted(loaded, args.check):
        for offer in _offers(where, _keys(loaded)):
            if not isinstance(offer, Offered):
                found.append({"source": where, "version": "", "why_not": str(offer), "already": False})
                continue
            why, already = "", False
            try:
                updater.check(offer.manifest, offer.digest, again=args.again)
                applicable = True
            except BundleError as error:
                why, already = str(error), isinstance(error, AlreadyError)
            found.append(
                {
                    "source": offer.source,
                    "version": offer.manifest.version,
                    "signed_by": offer.signed_by,
                    "bytes": offer.manifest.packed_bytes,
                    "notes": offer.manifest.notes,
                    "why_not": why,
                    "already": already,
                }
            )
    lines = [line for one in found for line in _offer_lines(one)] or ["nothing is offered"]
    _told(args, {"running": updater.installation.current(), "offered": found}, lines)
    return int(bool(found) and not applicable and not any(one["already"] for one in found))


def _apply(loaded: "Loaded", args: argparse.Namespace) -> int:
    from edge.upkeep.bundle import Offered
    from edge.upkeep.errors import AlreadyError, UpdateError
    from edge.upkeep.sources import is_address, newest

    offers: list[Offered] = []
    refused: list[str] = []
    for where in _wanted(loaded, args.apply):
        for offer in _offers(where, _keys(loaded)):
            if isinstance(offer, Offered):
                offers.append(offer)
            else:
                refused.append(str(offer))
    best = newest(offers)
    if best is None:
        raise UpdateError("; ".join(refused) or "nothing is offered: name a bundle's file, directory or address")
    updater = updater_of(loaded)
    updater.tell = lambda text: print(text, file=sys.stderr) if sys.stderr.isatty() else None
    try:
        with _file_of(best, loaded) if is_address(best.source) else nullcontext(Path(best.source)) as file:
            outcome = _with_progress(updater, file, again=args.again)
    except AlreadyError as error:
        return _told(args, {"ended": None, "why_not": str(error)}, [str(error)])
    return _told(args, {"ended": outcome.to_json()}, [f"edge {outcome.version} runs, in the place of {outcome.before}"])


def _file_of(offered: "Offered", loaded: "Loaded") -> AbstractContextManager[Path]:
    from edge.cli.progress import ProgressLine
    from edge.upkeep.sources import fetched

    progress = ProgressLine("fetching", pace=True)
    return fetched(offered.source, loaded.places.installation, _keys(loaded), progress)


def _with_progress(updater: "Updater", file: Path, *, again: bool) -> "Outcome":
    from edge.cli.progress import ProgressLine

    line = ProgressLine("checking")

    def progress(done: int, total: int) -> None:
        line(done, total)
        if done >= total:
            line.__exit__()

    shown: Progress = progress
    return updater.apply(file, shown, again=again)


def updater_of(loaded: "Loaded") -> "Updater":
    """What applies updates on this machine."""
    from edge.settings import control_sockets
    from edge.upkeep.installation import Installation
    from edge.upkeep.service_control import Systemd
    from edge.upkeep.updater import Updater

    places = loaded.places
    control = Systemd(control_sockets(places))
    return Updater(Installation(places.installation), places.config, places.state, _keys_directory(loaded), control)


def _keys_directory(loaded: "Loaded") -> Path:
    return loaded.settings.update.keys or loaded.places.config.parent / "keys"


def _keys(loaded: "Loaded") -> "tuple[PublicKey, ...]":
    from edge.upkeep.keys import trusted_keys

    return trusted_keys(_keys_directory(loaded))


def _wanted(loaded: "Loaded", given: str) -> list[str]:
    """What was named, else what the settings name, else the sticks that are mounted."""
    from edge.models.removable import removable_mounts
    from edge.upkeep.sources import bundles_in

    if given or loaded.settings.update.address:
        return [given or str(loaded.settings.update.address)]
    return [str(mount) for mount in removable_mounts() if bundles_in(mount)]


def _offers(where: str, keys: "tuple[PublicKey, ...]") -> "list[Offered | Exception]":
    from edge.upkeep.sources import offered_by

    return list(offered_by(where, keys))


def _offer_lines(one: dict[str, Any]) -> list[str]:
    if not one["version"]:
        return [f"refused: {one['why_not']}"]
    head = f"edge {one['version']} in {one['source']}, signed with {one['signed_by']}"
    return [f"{head}: {one['why_not']}" if one["why_not"] else f"{head}, can be applied"]


def _ended(outcome: "Outcome | None") -> list[str]:
    if outcome is None:
        return []
    why = f": {outcome.reason}" if outcome.reason else ""
    return [f"edge {outcome.version} {outcome.end.value}{why}"]


def _told(args: argparse.Namespace, facts: dict[str, Any], lines: list[str]) -> int:
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        for line in lines:
            print(line)
    return 0
