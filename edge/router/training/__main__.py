"""One command from nothing to shipped weights: `python -m edge.router.training [--minutes 90] [--out FOLDER]`."""

import argparse
import json
import logging
import shutil
from dataclasses import asdict
from importlib import resources
from pathlib import Path

from edge.router.confidence import Thresholds
from edge.router.network import Network
from edge.router.training import background, card, measure
from edge.router.training.export import export
from edge.router.training.sampling import checkpoint_folder, generate
from edge.router.training.train import Settings, load, train
from edge.router.vocabulary import load_vocabulary

_SENTENCES = 6_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m edge.router.training", description=__doc__)
    parser.add_argument("--minutes", type=float, default=90, help="of training on the clock")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--out", type=Path, default=Path("training-runs/latest"), help="checkpoint, log and new weights"
    )
    parser.add_argument("--init", type=Path, help="a checkpoint to go on from")
    parser.add_argument("--only-export", action="store_true", help="export and measure an existing checkpoint in --out")
    parser.add_argument("--install", action="store_true", help="put the new weights and their card into the package")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = Settings(args.out, args.seed, minutes=args.minutes, threads=args.threads, init=args.init)
    checkpoint = args.out / "checkpoint.pt" if args.only_export else train(settings)
    weights = ship(checkpoint, args.out / "weights")
    text = card.write(weights, args.out)
    print(text)
    if args.install:
        package = Path(str(resources.files("edge.router")))
        shutil.copytree(weights, package / "weights", dirs_exist_ok=True)
        (package / "MODEL_CARD.md").write_text(text, "utf-8")


def ship(checkpoint: Path, out: Path) -> Path:
    """Export, fit the calibration, write `router.json` and what teaching starts from; gives the folder of weights."""
    router, words = load(checkpoint)
    export(router, words, out)
    vocabulary = load_vocabulary()
    source = checkpoint_folder().joinpath("vocab.txt").read_text("utf-8").splitlines()
    # People say some things in manners the corpus has, others in manners of their own.
    examples = [*generate(77_001, _SENTENCES, source, out=True), *generate(77_002, _SENTENCES, source, out=False)]
    judged = measure.judge(examples, Network.load(out), vocabulary)
    manifest = {
        "tokens": vocabulary.tokens,
        "calibration": asdict(measure.calibrated(judged)),
        "thresholds": asdict(Thresholds()),
    }
    (out / "router.json").write_text(json.dumps(manifest, indent=1), "utf-8")
    background.write(out)
    return out


if __name__ == "__main__":
    main()
