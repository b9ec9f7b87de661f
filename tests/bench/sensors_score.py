"""Scores made-up series of many kinds with `edge.sensors.scoring`, judged by the Numenta benchmark's rules.

    python -m tests.bench.sensors_score [--families training|validation] [--seeds 1 2 3] [--by-family]

Beside it, in the same run, the usual simple detector: a Gaussian over a sliding window.
"""

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from edge.sensors.scoring import Scorer
from tests.bench.sensors.judge import by_series, judge
from tests.bench.sensors.rivals import windowed_gaussian
from tests.bench.sensors.series import Series, corpus
from tests.bench.sensors.series_training import TRAINING
from tests.bench.sensors.series_validation import VALIDATION

Scores = NDArray[np.float64]


def ours(series: Series) -> Scores:
    """Our score of every value."""
    scorer = Scorer()
    pairs = zip(series.at_s.tolist(), series.values.tolist(), strict=True)
    return np.array([scorer.score(at_s, value) for at_s, value in pairs])


def main() -> None:
    """Print both, and ours by family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", choices=["training", "validation"], default="validation")
    parser.add_argument("--seeds", type=int, nargs="+", default=[4])
    parser.add_argument("--by-family", action="store_true")
    args = parser.parse_args()
    families = TRAINING if args.families == "training" else VALIDATION
    for seed in args.seeds:
        series = corpus(families, seed)
        began = time.perf_counter()
        scores = [ours(one) for one in series]
        rate = sum(len(one.values) for one in series) / (time.perf_counter() - began)
        mine, usual = judge(series, scores), judge(series, [windowed_gaussian(one) for one in series])
        print(
            f"{args.families}, seed {seed}: {len(series)} series, {mine.windows} windows; {rate:,.0f} values a second"
        )
        for name, one in (("edge sensors score", mine), ("windowed Gaussian", usual)):
            print(f"  {name:20} {one.score:5.1f}   {one.hit} hit, {one.false_alarms} rows outside")
        if args.by_family:
            for name, one in by_series(series, scores, mine.threshold).items():
                print(f"    {name:16} {one.score:6.1f}   {one.hit} of {one.windows}, {one.false_alarms} outside")


if __name__ == "__main__":
    main()
