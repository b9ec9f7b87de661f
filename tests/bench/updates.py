"""Cuts updates off at every single change of the disk, power included: `python -m tests.bench.updates`.

    --process    the process is killed; what it wrote is there (default)
    --power      the disk is taken away with it: an ext4 image is copied as it lies on its disk at that moment, without
                 what the kernel still held, and mounted as after a power cut; needs root and loop devices
    --cuts N     that many, evenly spread and more of them near the switch (default: all)

Prints how many cuts were tried, how many half releases were found (there must be none), which release ran afterwards,
and how long an update took.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.upkeep.cuts import fresh, run, wrong_in_the_end, wrong_now
from tests.upkeep.makers import board, bundle

_IMAGE_BYTES = 160 << 20


@contextmanager
def mounted(image: Path, at: Path) -> Iterator[Path]:
    """An image with a file system, at a directory."""
    at.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop,commit=30", image, at], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", at], check=True)


def by_process(work: Path, template: Path, file: Path, health: str, cuts: list[int]) -> Iterator[tuple[int, list[str]]]:
    """Each cut, and what is wrong after it."""
    for at in cuts:
        root = fresh(template, work / "board")
        killed, _ = run(f"apply{health}", root, file, at)
        if not killed:
            return
        wrong = wrong_now(root)
        run(f"start{health}", root, file)
        yield at, wrong + wrong_in_the_end(root)


def by_power(work: Path, template: Path, file: Path, health: str, cuts: list[int]) -> Iterator[tuple[int, list[str]]]:
    """The same, with the disk as it lay at the moment of the cut."""
    clean, image, after = work / "clean.img", work / "board.img", work / "after.img"
    with clean.open("wb") as stream:
        stream.truncate(_IMAGE_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", clean], check=True)
    place = work / "mounted"
    with mounted(clean, place):
        fresh(template, place / "board")
        shutil.copyfile(file, place / "it.bundle")
        os.sync()
    for at in cuts:
        subprocess.run(["cp", "--sparse=always", clean, image], check=True)
        with mounted(image, place):
            killed, _ = run(f"apply{health}", place / "board", place / "it.bundle", at)
            # As it lies on the disk now: what the kernel holds of this file system is not in it.
            subprocess.run(["cp", "--sparse=always", image, after], check=True)
        if not killed:
            yield at, ["it was not cut off"]
            return
        with mounted(after, place):
            wrong = wrong_now(place / "board")
            run(f"start{health}", place / "board", place / "it.bundle")
            yield at, wrong + wrong_in_the_end(place / "board")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--power", action="store_true")
    parser.add_argument("--cuts", type=int, default=0)
    parser.add_argument("--unhealthy", action="store_true", help="the new release never becomes healthy")
    options = parser.parse_args(arguments)
    work = Path(tempfile.mkdtemp(prefix="edge-updates-", dir=None if options.power else "/dev/shm"))  # noqa: S108
    health = "-unhealthy" if options.unhealthy else ""
    try:
        # Links of a board lead to where it stands: the template stands where its copies will.
        template = board(work / "template", "0.1.0").root
        file = bundle(work, "0.2.0")
        began = time.monotonic()
        _, changes = run(f"apply{health}", fresh(template, work / "counted"), file)
        took_s = time.monotonic() - began
        cuts = list(range(1, changes + 1))
        if options.cuts and options.cuts < changes:
            near = list(range(max(1, changes - options.cuts // 2), changes + 1))
            cuts = sorted({*near, *random.Random(8).sample(cuts, options.cuts - len(near))})  # noqa: S311
        tried, half, ran = 0, 0, Counter[str]()
        how = by_power if options.power else by_process
        for at, wrong in how(work, template, file, health, cuts):
            tried += 1
            half += bool(wrong)
            root = work / ("mounted/board" if options.power else "board")
            ran[(root / "opt/current").readlink().name] += 1
            for one in wrong:
                print(f"cut {at} of {changes}: {one}", flush=True)
        print(
            f"{tried} cuts of {changes} possible ones, {'power' if options.power else 'process'}{health}: "
            f"{half} half releases; afterwards ran {dict(ran)}; an update of a small release takes {took_s:.1f} s; "
            f"in all {time.monotonic() - began:.0f} s"
        )
        return int(half > 0)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
