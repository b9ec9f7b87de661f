"""Every figure of the router beside Home Assistant's matcher on the same sentences, in one run; asserts nothing.

    python -m tests.bench.router [--data FOLDER] [--weights DIR] [--only PART] [--quick]

FOLDER has the human sentences with their home and scorer (`slurp_devel.jsonl`, `slurp_home.json`, `score_router.py`);
without it, and without one beside the checkout, that part is left out. Needs the extra `bench`.
"""

import argparse
import hashlib
import platform
import sys
import time
from collections.abc import Callable, Mapping
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Final

from edge.router.confidence import Manifest
from edge.router.network import Network
from edge.router.router import Router
from tests.bench import router_cost, slurp, taught
from tests.bench.figures import Figure, show
from tests.bench.hassil_rival import Rival
from tests.bench.held_out import HeldOut

_DATA: Final = Path(__file__).parents[2].parent / "shared" / "data"


def main() -> int:
    """Measure and print, part by part."""
    args = _arguments()
    weights = args.weights or Path(str(resources.files("edge.router") / "weights"))
    router, rival = Router.load(weights), Rival()
    words = (weights / "vocab.txt").read_text("utf-8").split("\n")
    manifest = Manifest.load(weights / "router.json")
    count = 600 if args.quick else 3000
    held_out = HeldOut(Network.load(weights), router.vocabulary, manifest, words, rival, count)
    parts: Mapping[str, tuple[str, Callable[[], list[Figure]]]] = {
        "slurp": ("SLURP development set: human sentences", lambda: slurp.measure(args.data, router, rival)),
        "single": ("Template families held out of training", held_out.single),
        "several": ("Two and three calls in one sentence", held_out.several),
        "noisy": ("Through speech noise", held_out.noisy),
        "calibration": (
            "Calibration on new sentences, half of them of held-out families; noise and several calls included",
            held_out.calibrated,
        ),
        "latency": ("Latency of a whole routing, one thread", lambda: router_cost.latency(router, rival)),
        "taught": ("Functions taught on the device", lambda: taught.measure(weights, args.data, count // 2)),
        "sizes": ("Size, memory, loading", lambda: router_cost.sizes(weights)),
    }
    _print_versions(weights, rival)
    for name, (title, measured) in parts.items():
        if args.only and name not in args.only:
            continue
        if name == "slurp" and not (args.data / "score_router.py").is_file():
            print(f"\n{title}: left out, no score_router.py in {args.data}: name the folder with --data")
            continue
        began = time.monotonic()
        show(title, measured())
        print(f"  ({time.monotonic() - began:.0f} s)")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.router", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, default=_DATA, metavar="FOLDER", help="human sentences and their scorer")
    parser.add_argument("--weights", type=Path, metavar="DIR", help="other weights than the package's")
    parser.add_argument("--only", action="append", metavar="PART", help="slurp, single, several, noisy, calibration, …")
    parser.add_argument("--quick", action="store_true", help="a fifth of the sampled sentences")
    return parser.parse_args()


def _print_versions(weights: Path, rival: Rival) -> None:
    digest = hashlib.sha256((weights / "router.onnx").read_bytes()).hexdigest()[:12]
    print(f"edge {version('edge-assistant')}, router.onnx {digest}, onnxruntime {version('onnxruntime')}")
    print(rival.name)
    print(f"{platform.machine()}, Python {platform.python_version()}; sampled families: home-assistant's and our own")


if __name__ == "__main__":
    sys.exit(main())
