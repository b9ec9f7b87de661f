"""Scores made-up series of many kinds with `edge.sensors.scoring`, judged by the Numenta benchmark's rules.

    python -m tests.bench.sensors_score [--families training|processes|validation|test] [--seeds 4] [--by-family]
        [--without-rivals] [--ablation]

Beside it, in the same run, simple detectors written from their descriptions. `training` and `processes` are what the
scorer was taught on (other seeds), `validation` and `test` are other families. The ablation judges the scorer with
groups of its views silent.
"""

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from edge.sensors.scoring import Scorer
from edge.sensors.scoring.surprises import BLOCKS
from tests.bench.sensors.judge import Judgement, by_series, judge
from tests.bench.sensors.learning import surprises
from tests.bench.sensors.rivals import nearest_neighbours, relative_entropy, windowed_gaussian
from tests.bench.sensors.series import Make, corpus
from tests.bench.sensors.series_processes import PROCESSES
from tests.bench.sensors.series_test import TEST
from tests.bench.sensors.series_training import TRAINING
from tests.bench.sensors.series_validation import VALIDATION

FAMILIES: dict[str, dict[Make, int]] = {
    "training": TRAINING,
    "processes": PROCESSES,
    "validation": VALIDATION,
    "test": TEST,
}
RIVALS = {
    "windowed Gaussian": windowed_gaussian,
    "relative entropy": relative_entropy,
    "nearest neighbours": nearest_neighbours,
}
GROUPS = {
    "running means, hour, week": ("error", "errors", "errors_log", "season"),
    "blended guess": ("blend", "blends", "blends_log", "blends_long", "blends_sum"),
    "level": ("level", "level_long"),
    "liveliness": ("lively", "lively_long"),
    "shape": ("shape", "rank_shape", "rank_shape_long"),
    "range": ("range", "range_log"),
    "rank": ("rank", "ranks", "ranks_long", "ranks_sum"),
}


def ours(surprised: NDArray[np.float64], silent: tuple[str, ...] = ()) -> NDArray[np.float64]:
    """Our score of every value of a series whose views were so surprised, some of them silent."""
    heard = np.array([name not in silent for name in BLOCKS], float)
    scorer = Scorer()
    return np.array([scorer.weigh(row) for row in (surprised * heard).tolist()])


def show(name: str, one: Judgement) -> None:
    """A line."""
    print(f"  {name:34} {one.score:5.1f}   {one.hit} of {one.windows} hit, {one.false_alarms} rows outside", flush=True)


def main() -> None:
    """Print all, and ours by family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", choices=list(FAMILIES), nargs="+", default=list(FAMILIES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[4])
    parser.add_argument("--by-family", action="store_true")
    parser.add_argument("--without-rivals", action="store_true")
    parser.add_argument("--ablation", action="store_true")
    args = parser.parse_args()
    for families in args.families:
        for seed in args.seeds:
            _judged(families, seed, args)


def _judged(families: str, seed: int, args: argparse.Namespace) -> None:
    series = corpus(FAMILIES[families], seed)
    began = time.perf_counter()
    surprised = [surprises(one) for one in series]
    scores = [ours(one) for one in surprised]
    rate = sum(len(one.values) for one in series) / (time.perf_counter() - began)
    mine = judge(series, scores)
    print(f"{families}, seed {seed}: {len(series)} series, {rate:,.0f} values a second, threshold {mine.threshold:.2f}")
    show("edge sensors score", mine)
    if args.by_family:
        for name, one in by_series(series, scores, mine.threshold).items():
            show(f"  {name}", one)
    for name, silent in GROUPS.items() if args.ablation else ():
        show(f"without {name}", judge(series, [ours(one, silent) for one in surprised]))
    for name, rival in () if args.without_rivals else RIVALS.items():
        show(name, judge(series, [rival(one) for one in series]))


if __name__ == "__main__":
    main()
