"""Teaches the scorer's network anew and writes it: `python -m tests.bench.sensors_learn [--to FILE]`.

On series of the families `series_training` and `series_processes` only, two corpora as they are and two varied; about
five minutes.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import edge.sensors.scoring
from edge.sensors.scoring.weighing import Network
from tests.bench.sensors.learning import learn, rows, surprises
from tests.bench.sensors.series import corpus
from tests.bench.sensors.series_processes import PROCESSES
from tests.bench.sensors.series_training import TRAINING
from tests.bench.sensors.series_varied import varied

FILE = Path(edge.sensors.scoring.__file__).with_name("network.json")


def _plain(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.4g}") for value in values]


def written(network: Network) -> str:
    """As `edge.sensors.scoring.weighing` reads it, to four digits."""
    parts: dict[str, object] = {
        "middle": _plain(network.middle),
        "spread": _plain(network.spread),
        "hidden": [_plain(row) for row in network.hidden],
        "hidden_bias": _plain(network.hidden_bias),
        "out": _plain(network.out),
        "bias": round(network.bias, 4),
    }
    return json.dumps(parts, separators=(",", ":")).replace("],", "],\n") + "\n"


def main() -> None:
    """Make the series, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[21, 22])
    parser.add_argument("--varied", type=int, nargs="+", default=[31, 32])
    parser.add_argument("--to", type=Path, default=FILE)
    args = parser.parse_args()
    made = [one for seed in args.seeds for families in (TRAINING, PROCESSES) for one in corpus(families, seed)]
    for seed in args.varied:
        for families in (TRAINING, PROCESSES):
            for place, one in enumerate(corpus(families, seed)):
                made.append(varied(np.random.default_rng([seed, place, 7]), one))
    taught = []
    for place, one in enumerate(made, 1):
        taught.append(rows(one, surprises(one)))
        print(f"\r{place} of {len(made)}", end="", flush=True)
    args.to.write_text(written(learn(taught)), "utf-8")
    print(f"\n{sum(len(one.places) for one in taught):,} rows taught, {args.to} written")


if __name__ == "__main__":
    main()
