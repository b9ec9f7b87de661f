"""Successive halving: measure all candidates shortly, drop the slower half, measure the rest for longer, and so on.

Pure: says what to measure next and is told what came of it; how and when is its caller's. Machines are noisy and drift,
so that repetitions are interleaved, one pass forwards and the next one backwards, and medians are compared.
"""

from collections.abc import Iterable
from statistics import mean, median
from typing import Final, Generic, TypeVar

from edge.tuning.hardware import Hardware
from edge.tuning.setting import BATCH, LoadMode, Setting

TOLERANCE: Final = 0.02
"""Candidates that come within this share of the fastest are equals: the earlier one, which takes less, is chosen."""
FINALISTS: Final = 2
ENOUGH: Final = 7
"""Measurements of each finalist."""
MANY_CORES: Final = 8

_Arm = TypeVar("_Arm")


class Halving(Generic[_Arm]):
    """A race between candidates, given in the order of preference; a higher score is better."""

    def __init__(self, arms: Iterable[_Arm], tolerance: float = TOLERANCE) -> None:
        self._arms = list(dict.fromkeys(arms))
        self._tolerance = tolerance
        self._scores: dict[_Arm, list[float]] = {arm: [] for arm in self._arms}
        self._alive = list(self._arms)
        self._backwards = False

    @property
    def alive(self) -> tuple[_Arm, ...]:
        """Those still in the race, in the order of preference."""
        return tuple(self._alive)

    @property
    def rounds_left(self) -> int:
        """How many cuts are to come, and the final."""
        return max(1, (len(self._alive) - 1).bit_length())

    @property
    def settled(self) -> bool:
        """Whether more measurements are not worth their time."""
        return len(self._alive) <= FINALISTS and (
            len(self._alive) < 2 or all(len(self._scores[arm]) >= ENOUGH for arm in self._alive)
        )

    def order(self) -> list[_Arm]:
        """What to measure in the next pass: everyone once, in the other direction than the last time."""
        self._backwards = not self._backwards
        return list(self._alive if self._backwards else reversed(self._alive))

    def note(self, arm: _Arm, score: float) -> None:
        """A measurement."""
        self._scores[arm].append(score)

    def drop(self, arm: _Arm) -> None:
        """It can't be run at all."""
        self._alive = [other for other in self._alive if other != arm]

    def cut(self) -> None:
        """End a round: the slower half goes, though no more than down to the finalists.

        Whoever is usually as fast as the leader once was stays for another round, but for the slowest: with few
        measurements, noise decides as much as speed.
        """
        typical = self._typical()
        ranked = sorted(typical, key=lambda arm: typical[arm], reverse=True)
        if len(ranked) <= FINALISTS:
            return
        keep = max(FINALISTS, (len(ranked) + 1) // 2)
        slowest_leader = min(self._scores[ranked[0]])
        kept = ranked[:keep] + [arm for arm in ranked[keep:-1] if median(self._scores[arm]) >= slowest_leader]
        self._alive = [arm for arm in self._alive if arm in kept]

    @property
    def best(self) -> _Arm | None:
        """The first of those left that is as fast as the fastest; None where nothing was measured, or all failed."""
        typical = self._typical()
        fastest = max(typical.values(), default=0.0)
        least = fastest * (1 - self._tolerance)
        return next((arm for arm, speed in typical.items() if speed >= least), None) if fastest else None

    def _typical(self) -> dict[_Arm, float]:
        """The median of each one's scores, held against the others' of the same pass: what slows all does not count.

        Whoever is in the race has been in it from the first pass on, so that the passes are the same for all.
        """
        measured = [arm for arm in self._alive if self._scores[arm]]
        passes = min((len(self._scores[arm]) for arm in measured), default=0)
        means = [mean(self._scores[arm][index] for arm in measured) for index in range(passes)]
        return {
            arm: median(
                score / middle if middle else 0.0 for score, middle in zip(self._scores[arm], means, strict=False)
            )
            for arm in measured
        }


def thread_counts(hardware: Hardware) -> list[int]:
    """Numbers of threads worth trying, fewest first: up to the cores, and all hardware threads where cores have two.

    A quota bounds them: threads that a quota stalls hold the others up.
    """
    cores, logical = hardware.physical_cores, hardware.logical_cpus
    if hardware.cpu_quota is not None:
        most = max(1, round(hardware.cpu_quota + 0.49))
        cores, logical = min(cores, most), min(logical, most)
    if cores < MANY_CORES:
        return sorted({*range(1, cores + 1), logical})
    return sorted({1, 2, 3, 4, 6, 8, cores // 2, min(hardware.fast_cores, cores), cores})


def layouts(hardware: Hardware, *, repack: bool) -> list[tuple[LoadMode, bool]]:
    """Ways for weights to lie in memory, and whether the library may lay them out anew; the planner's own one first.

    Laid out anew they are read into memory of one's own: mapped, they would be there twice and be no faster.
    """
    plain = not hardware.repacks_weights and repack
    as_they_are = [(LoadMode.MMAP, plain), (LoadMode.NONE, plain)]
    return [(LoadMode.NONE, True), *as_they_are] if repack and hardware.repacks_weights else as_they_are


def attentions() -> list[tuple[bool, str]]:
    """Flash attention or not, and the type of the KV cache; keeping it in fewer bits needs flash attention."""
    return [(True, "f16"), (False, "f16"), (True, "q8_0")]


def batches() -> list[tuple[int, int]]:
    """Logical and physical batches, the usual one first. Larger ones make buffers grow, not speed."""
    return [
        (BATCH, BATCH),
        (BATCH // 2, BATCH // 2),
        (4 * BATCH, BATCH),
        (2 * BATCH, 2 * BATCH),
        (4 * BATCH, 4 * BATCH),
    ]


def first_setting(hardware: Hardware, threads: int, threads_batch: int, *, repack: bool) -> Setting:
    """Where the search begins: the planner's choice, with flash attention on or off by name."""
    mode, fast = layouts(hardware, repack=repack)[0]
    return Setting(threads, threads_batch, load_mode=mode, repack=fast, flash_attn=True)
