"""`edge models pull`: the licence shown and asked, then the files with progress, then the model in its place."""

import argparse
import os
import sys

from edge.cli.configured import configured
from edge.cli.models_facts import tell
from edge.cli.progress import ProgressLine, size
from edge.errors import EdgeError
from edge.models import ModelError, ModelStore
from edge.models.catalogue import Entry, catalogue, find
from edge.models.hub import Hub, Repository
from edge.models.order import Order, choose
from edge.models.pull import patiently, pull
from edge.tuning import measure_bandwidth, probe, settle
from edge.tuning.recommend import recommend


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge models pull` takes."""
    parser.add_argument(
        "what",
        metavar="WHAT",
        help="a name that `edge models recommend` shows, or with :QUANTISATION, or OWNER/REPOSITORY of the hub",
    )
    parser.add_argument("--file", metavar="PATTERN", help="which file of the repository, such as '*q4_k_m.gguf'")
    parser.add_argument("--name", help="what to call it; the file's name unless given")
    parser.add_argument("--yes", action="store_true", help="take the licence without being asked")
    parser.add_argument("--use", action="store_true", help="use it from now on")


def main(args: argparse.Namespace, store: ModelStore) -> int:
    """Pull it; 1 where the licence was declined."""
    settings = configured("models")
    hub = Hub(settings.models.hub, token=os.environ.get("HF_TOKEN") or None)
    entry, repository, pattern = _wanted(args.what, args.file, settings.llm.pace_tokens_per_s)
    with ProgressLine(f"asking {hub.base}") as asking:
        found = patiently(lambda: hub.repository(repository), asking.wait)
        order = patiently(lambda: choose(hub, found, pattern, args.name), asking.wait)
    _show(hub, order, entry)
    if not args.yes and not _agreed():
        print("nothing was pulled", file=sys.stderr)
        return 1
    try:
        with ProgressLine(f"pulling {order.name}", pace=True) as progress:
            model = pull(hub, store, order, progress=progress, wait=progress.wait)
    except KeyboardInterrupt:
        print("stopped; what has come stays: the same command goes on from there", file=sys.stderr)
        return 130
    if args.use:
        model = store.use(model.name)
    return tell(store, model, args.json, "pulled and verified")


def _wanted(what: str, pattern: str | None, pace: float) -> tuple[Entry | None, str, str | None]:
    """The catalogue's entry if it is one, the repository, and the pattern of its file."""
    known = find(what)
    if known is not None:
        entry, quantisation = known
        return entry, entry.repository, pattern or entry.file_of(quantisation or _best(entry, pace))
    if "/" not in what:
        names = ", ".join(entry.name for entry in catalogue())
        raise ModelError(f"{what!r} is neither in the catalogue ({names}) nor OWNER/REPOSITORY of a hub")
    repository, _, named = what.partition(":")
    return None, repository, pattern or named or None


def _best(entry: Entry, pace: float) -> str:
    """The quantisation that serves this machine best."""
    hardware = probe()
    bandwidth = measure_bandwidth(hardware).best or None
    ranked = recommend([entry], hardware, bandwidth_bytes_per_s=bandwidth, pace=pace, defaults=settle(hardware))
    return ranked[0].quantisation


def _show(hub: Hub, order: Order, entry: Entry | None) -> None:
    """On stderr, so that JSON stays alone on stdout."""
    repository: Repository = order.repository
    files = f"{order.files[0].name}" + (f" and {len(order.files) - 1} more" if len(order.files) > 1 else "")
    licence = entry.license if entry else repository.license or "not stated"
    link = entry.license_link if entry else repository.license_link or hub.page(repository.id)
    lines = [f"{files} from {hub.page(repository.id)}, {size(order.size_bytes)}", f"licence: {licence} ({link})"]
    if entry and repository.license and repository.license != entry.license:
        lines.append(f"the hub's page says: {repository.license}")
    if repository.gated:
        lines.append("gated: its publisher wants the terms accepted on that page; HF_TOKEN then holds your token")
    print("\n".join(lines), file=sys.stderr)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise LicenceError("nobody can be asked here whether the licence is accepted: say so with --yes")
    print("Take it under this licence? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class LicenceError(EdgeError):
    """The licence was shown, and there is nobody to accept it."""
