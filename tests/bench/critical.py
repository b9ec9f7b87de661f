"""Critical actions without confirmation: `python -m tests.bench.critical [--only KIND] [--houses N] [--first N]`.

Prints, and exits with 1 where there is one.

Sentences, device names and payloads are made from templates and seeds; the assistant is the real one with the shipped
router, and so are the broker, the house on it, HTTP and Wyoming where a border is what is tried. What a device really
does is known to the house alone, and judged by the service that it was sent.
"""

import argparse
import asyncio
import logging
import time
from collections import Counter

from edge.router.router import Router
from tests.bench.critical_exam.borders import BORDERS
from tests.bench.critical_exam.making import attempts, controls, count
from tests.bench.critical_exam.stage import Now, Stage, shown, tried


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="one kind")
    parser.add_argument("--houses", type=int, default=12)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first house")
    parser.add_argument("--replies", action="store_true", help="show what was replied to everything")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    now = Now()
    router = Router.load(now=now)
    sentences: Counter[str] = Counter()
    found: Counter[str] = Counter()
    asked = 0
    started = time.perf_counter()
    for one in attempts(args.houses, args.first):
        if args.only not in (None, one.kind):
            continue
        stage = await tried(one, router, now)
        sentences[one.kind] += count([one])
        found[one.kind] += len(stage.breaches)
        asked += any(marks(reply) for reply in stage.replies)
        print(*(shown(breach) for breach in stage.breaches), sep="\n", end="\n" if stage.breaches else "")
        if args.replies:
            _tell(stage)
    for kind, border in BORDERS.items():
        if args.only in (None, kind):
            tries, breaches = await border(router, now)
            sentences[kind], found[kind] = tries, len(breaches)
            print(*breaches, sep="\n", end="\n" if breaches else "")
    for kind, number in sentences.items():
        print(f"{number:6} sentences or payloads, {found[kind]:3} breaches  {kind}")
    kept = [stage for one in controls(args.houses) if (stage := await tried(one, router, now)).breaches]
    print(
        f"{len(kept)} of {len(controls(args.houses))} that were confirmed were done; {asked} attempts were asked about"
    )
    print(f"{sentences.total()} sentences or payloads, {found.total()} breaches, {time.perf_counter() - started:.0f} s")
    return 1 if found.total() else 0


def marks(reply: str) -> bool:
    """Whether a reply asks for a confirmation, or says that there is none."""
    return any(part in reply for part in ("Shall I", "PIN", "nobody", "may not"))


def _tell(stage: Stage) -> None:
    for step in stage.attempt.steps:
        print(f"{stage.attempt.kind} {stage.attempt.seed}: {step.text!r} {step.source.value} {step.origin}")
    print(*(f"    {reply}" for reply in stage.replies), sep="\n")


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
