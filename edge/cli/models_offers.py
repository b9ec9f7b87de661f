"""`edge models add` without a path: the models on mounted USB sticks and cards."""

import argparse
import json
import shlex

from edge.cli.progress import size
from edge.cli.table import table
from edge.models import ModelError
from edge.models.removable import Offer, offers, removable_mounts


def main(args: argparse.Namespace) -> int:
    """Show what could be added; raises `ModelError` where that is nothing."""
    mounts = removable_mounts()
    found = list(offers(mounts))
    if args.json:
        print(json.dumps([_fact(offer) for offer in found], indent=2))
    elif found:
        print("\n".join(table(("KIND", "NAME", "SIZE", "ADD IT WITH"), (_row(offer) for offer in found))))
    if not mounts:
        raise ModelError("no USB stick or card is mounted: mount one, or name a file with `edge models add FILE`")
    if not any(offer.bundle for offer in found):
        raise ModelError(f"no model that could be added on {', '.join(str(mount) for mount in mounts)}")
    return 0


def _row(offer: Offer) -> tuple[str, ...]:
    if offer.bundle is None:
        return "", offer.path.name, "", offer.problem or ""
    return offer.bundle.kind.words, offer.bundle.name, size(offer.size_bytes), _command(offer)


def _command(offer: Offer) -> str:
    return f"edge models add {shlex.quote(str(offer.path))}"


def _fact(offer: Offer) -> dict[str, object]:
    if offer.bundle is None:
        return {"path": str(offer.path), "error": offer.problem}
    bundle = offer.bundle
    return {
        "path": str(offer.path),
        "kind": bundle.kind.value,
        "name": bundle.name,
        "size_bytes": offer.size_bytes,
        "command": _command(offer),
    }
