"""What a function taught from five examples recognises, and what teaching does to every other sentence.

`python -m tests.bench.teaching [--sentences FILE.jsonl] [--home FILE] [--wrong]` teaches each function of
tests/bench/data/taught.toml alone, then all of them together. Other sentences are those of the corpus's held-out
families, and the `text` of each line of FILE where one is given. A sentence counts as changed when its decision or a
function of it changes, which is at most how far the accuracy on such sentences falls.
"""

import argparse
import json
import tempfile
import time
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from edge.devices.home import load_home
from edge.devices.registry import Registry
from edge.router.model import Decision
from edge.router.router import Router
from edge.router.teacher import Teacher
from edge.router.teaching import Publish
from edge.router.teaching.taught import Taught
from edge.router.training.background import sentences

DATA = Path(__file__).with_name("data") / "taught.toml"
_SEED = 61_803
_TIMES = 300


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.teaching", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--sentences", type=Path, metavar="FILE.jsonl", help="other sentences, one object a line")
    parser.add_argument("--home", type=Path, metavar="FILE", help="a home file for them")
    parser.add_argument("--count", type=int, default=1500, help="held-out sentences of the corpus")
    parser.add_argument("--wrong", action="store_true", help="show every sentence that goes wrong")
    args = parser.parse_args()
    began = time.perf_counter()
    router = Router.load()
    print(f"router loaded in {time.perf_counter() - began:.2f} s")
    home = load_home(args.home) if args.home else Registry()
    functions = tomllib.loads(DATA.read_text("utf-8"))
    alone(router, functions, home, show=args.wrong)
    together(router, functions, home, args)


def alone(router: Router, functions: dict[str, dict[str, list[str]]], home: Registry, *, show: bool) -> None:
    """One function at a time."""
    right = said = near = taken = 0
    for name, one in functions.items():
        seconds = teach(router, {name: one}, home)
        missed = [text for text in one["paraphrases"] if not means(router, text, name, home)]
        wrong = [text for text in one["others"] if means(router, text, name, home)]
        right, said = right + len(one["paraphrases"]) - len(missed), said + len(one["paraphrases"])
        near, taken = near + len(one["others"]), taken + len(wrong)
        share = 1 - len(missed) / len(one["paraphrases"])
        print(f"  {name:16} {share:4.0%} of paraphrases, {len(wrong)} of {len(one['others'])} others, {seconds:.2f} s")
        if show:
            print(
                "".join(f"    missed: {text}\n" for text in missed) + "".join(f"    taken: {text}\n" for text in wrong)
            )
    print(
        f"taught alone: {right} of {said} paraphrases right ({right / said:.1%}), {taken} of {near} near misses taken"
    )


def together(
    router: Router, functions: dict[str, dict[str, list[str]]], home: Registry, args: argparse.Namespace
) -> None:
    """All of them at once."""
    words = (router.folder / "vocab.txt").read_text("utf-8").split("\n")
    samples = {"held-out families": sentences(_SEED, args.count, words, out=True)}
    if args.sentences:
        lines = args.sentences.read_text("utf-8").splitlines()
        samples[args.sentences.name] = [json.loads(line)["text"] for line in lines]
    router.taught = Taught()
    before = {name: [outcome(router, text, home) for text in texts] for name, texts in samples.items()}
    spent = [speed(router, texts, home) for texts in samples.values()]
    seconds = teach(router, functions, home)
    meant = [(name, text) for name, one in functions.items() for text in one["paraphrases"]]
    right = [means(router, text, name, home) for name, text in meant]
    share = sum(right) / len(right)
    print(f"together, in {seconds:.2f} s: {sum(right)} of {len(right)} paraphrases right ({share:.1%})")
    for (name, texts), were, ms in zip(samples.items(), before.values(), spent, strict=True):
        now = [outcome(router, text, home) for text in texts]
        changed = [text for text, old, new in zip(texts, were, now, strict=True) if old != new]
        took = speed(router, texts, home)
        print(
            f"  {name}: {len(changed)} of {len(texts)} changed ({len(changed) / len(texts):.2%}), "
            f"median {ms:.2f} → {took:.2f} ms"
        )
        if args.wrong:
            print(*(f"    {text} → {outcome(router, text, home)}" for text in changed), sep="\n")


def teach(router: Router, functions: dict[str, dict[str, list[str]]], home: Registry) -> float:
    """Seconds for all of it, the file included, from an empty book."""
    router.taught = Taught()
    with tempfile.TemporaryDirectory() as directory:
        teacher = Teacher(router, Path(directory))
        began = time.perf_counter()
        for name, one in functions.items():
            change = teacher.teach(name, one["examples"], Publish(f"taught/{name}", "go"), home)
            teacher.keep(change)
            teacher.adopt(change)
        return time.perf_counter() - began


def means(router: Router, text: str, name: str, home: Registry) -> bool:
    """Whether the taught function, and nothing else, would be carried out."""
    routing = router.route(text, home)
    return routing.decision is Decision.ACT and [call.function for call in routing.calls] == [f"taught.{name}"]


def outcome(router: Router, text: str, home: Registry) -> tuple[str, ...]:
    """A decision and its functions."""
    routing = router.route(text, home)
    return (routing.decision.value, *(call.function for call in routing.calls))


def speed(router: Router, texts: Sequence[str], home: Registry) -> float:
    """The median milliseconds of some sentences."""
    return median(_milliseconds(router, texts[:_TIMES], home))


def _milliseconds(router: Router, texts: Sequence[str], home: Registry) -> Iterable[float]:
    return (router.route(text, home).ms for text in texts)


if __name__ == "__main__":
    main()
