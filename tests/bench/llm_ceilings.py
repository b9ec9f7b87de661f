"""Talks for minutes under a ceiling of memory: `python -m tests.bench.llm_ceilings`; needs root and version 1 groups.

For each ceiling a control group is made, and in it a process that loads the best of the models that the plan lets fit,
as the service would, and talks: conversations that grow past their context.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edge.llm import LanguageModel, LlmError, Options, State
from edge.models import ModelStore, read_header
from edge.tuning import PlanError, fit, probe
from tests.bench.figures import Figure, show
from tests.bench.llm_talk import Said, ask, model_file

CEILINGS_MB = (512, 1024, 2048, 4096)
CANDIDATES = (
    ("qwen2.5-1.5b", "Q4_0"),
    ("qwen2.5-0.5b", "Q8_0"),
    ("qwen2.5-0.5b", "Q4_0"),
    ("smollm2-135m", "Q8_0"),
)
"""Best first."""
TURNS = 24
"""Of one conversation, before another begins."""


def under_ceilings(directory: Path, vocab: Path | None, ceilings_mb: tuple[int, ...], minutes: float) -> list[Figure]:
    """Talk under each ceiling."""
    files = [model_file(directory, shape, type_, vocab) for shape, type_ in CANDIDATES]
    return [figure for mb in ceilings_mb for figure in _under(mb, files, minutes)]


def _forget(file: Path) -> None:
    """Have the kernel drop what it keeps of a file, so that reading it again counts for the group that reads it."""
    with file.open("rb") as source:
        os.fsync(source.fileno())
        os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _under(ceiling_mb: int, files: list[Path], minutes: float) -> list[Figure]:
    own = re.search(r"^\d+:memory:(.*)$", Path("/proc/self/cgroup").read_text(), re.MULTILINE)
    if own is None:
        raise SystemExit("there is no version 1 memory controller here")
    group = Path("/sys/fs/cgroup/memory") / own[1].lstrip("/") / f"edge-bench-{os.getpid()}-{ceiling_mb}"
    group.mkdir()
    for file in files:
        _forget(file)
    try:
        (group / "memory.limit_in_bytes").write_text(str(ceiling_mb << 20))
        talking = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.llm_ceilings", "--inside", str(minutes), *map(str, files)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        (group / "cgroup.procs").write_text(str(talking.pid))
        said, _ = talking.communicate("go\n")
        refused = int((group / "memory.failcnt").read_text())
        killed = int(re.findall(r"^oom_kill (\d+)$", (group / "memory.oom_control").read_text(), re.MULTILINE)[0])
        peak = int((group / "memory.max_usage_in_bytes").read_text())
    finally:
        for child in (*group.glob("edge-llm-*"), group):
            child.rmdir()
    if talking.returncode or not said:
        return [Figure(f"{ceiling_mb} MB: the service's process", f"ended with {talking.returncode}", asked="0 kills")]
    facts = json.loads(said)
    if "refused" in facts:
        return [Figure(f"{ceiling_mb} MB: {facts['refused']}", "-", asked="0 kills")]
    what = f"{ceiling_mb} MB: {facts['model']} with {facts['n_ctx']} tokens, {minutes:g} min"
    return [
        Figure(what, f"{killed + facts['restarts']} kills", asked="0 kills"),
        Figure(
            f"  {facts['turns']} turns, {facts['dropped']} times turns dropped, {facts['failed']} failed, "
            f"{facts['tokens_per_s']:.1f} tok/s",
            f"{facts['resident'] / 2**20:.0f} MiB",
        ),
        Figure("  group's peak, page cache included; times it was full", f"{peak / 2**20:.0f} MiB, {refused}"),
    ]


async def _talk(files: list[Path], minutes: float) -> dict[str, object]:
    """What the process inside does; the facts that it prints."""
    file, refused = _best(files)
    if file is None:
        return {"refused": refused}
    turns = failed = dropped = restarts = resident = 0
    rates: list[float] = []
    with tempfile.TemporaryDirectory() as state:
        options = Options(model=str(file), max_tokens=48, seed=1, deadline_s=300)
        async with LanguageModel(ModelStore(file.parent), options, Path(state)) as model:
            if await model.settled() is not State.READY:
                return {"refused": model.unavailable}
            n_ctx = model.figures.n_ctx
            until = time.monotonic() + minutes * 60
            while time.monotonic() < until:
                talk: list[Said] = []
                while time.monotonic() < until and len(talk) < 2 * TURNS:
                    talk.append(
                        Said("user", f"What about number {turns}? " + "Tell me of the house and its rooms. " * 6)
                    )
                    try:
                        _, answer = await ask(model, talk)
                    except LlmError as error:
                        print(error, file=sys.stderr)
                        failed += 1
                        await asyncio.sleep(1)
                        answer = "nothing"
                    talk.append(Said("assistant", answer))
                    figures = model.figures
                    turns += 1
                    dropped += figures.dropped_turns > 0
                    restarts = figures.restarts
                    resident = max(resident, figures.resident_bytes)
                    rates.append(figures.tokens_per_s)
    return {
        "model": file.stem,
        "n_ctx": n_ctx,
        "turns": turns,
        "failed": failed,
        "dropped": dropped,
        "restarts": restarts,
        "resident": resident,
        "tokens_per_s": sum(rates) / len(rates),
    }


def _best(files: list[Path]) -> tuple[Path | None, str]:
    why = ""
    for file in files:
        try:
            fit(read_header(file), probe())
        except PlanError as error:
            why = str(error)
        else:
            return file, ""
    return None, why


def main() -> None:
    """Talk under each ceiling, or inside one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ceiling", type=int, nargs="+", default=CEILINGS_MB, help="in MiB")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--vocab", type=Path, help="take the tokenizer of this GGUF")
    parser.add_argument("--inside", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        sys.stdin.readline()
        minutes, *files = args.inside
        print(json.dumps(asyncio.run(_talk([Path(file) for file in files], float(minutes)))))
        return
    with tempfile.TemporaryDirectory() as directory:
        figures = under_ceilings(Path(directory), args.vocab, tuple(args.ceiling), args.minutes)
    show("Talking under a ceiling", figures)


if __name__ == "__main__":
    main()
