"""SIGKILL at any moment: what was acknowledged is there, what was forgotten is not, and the file is whole."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

from edge.memory.memory import Memory

CHILD = Path(__file__).with_name("killed_child.py")


def run_and_kill(file: Path, first: int, lines: int) -> list[str]:
    """What the child said before it was killed, after so many lines."""
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(file), str(first)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        said = [child.stdout.readline().strip() for _ in range(lines)]
        child.kill()
        said += [line.strip() for line in child.stdout if line.endswith("\n")]
    return said


async def test_what_was_acknowledged_survives_kills(tmp_path: Path) -> None:
    file, choose = tmp_path / "memory.sqlite", random.Random(7)  # noqa: S311 (moments, not secrets)
    facts: set[str] = set()
    names: set[str] = set()
    for life in range(8):
        said = await asyncio.to_thread(run_and_kill, file, life * 1000, choose.randint(1, 60))
        for line in said:
            verb, _, rest = line.partition(" ")
            if verb == "kept":
                facts.add(rest)
            elif verb == "gone":
                facts.discard(rest)
            elif verb == "named":
                names.add(f"name {rest}")
        async with Memory(file, lambda: 1.0) as memory:
            there = {one.text for one in memory.entries()}
            assert memory.set_aside is None
            assert not memory.trouble
            # Of what was under way when it was killed, either may be so.
            assert len(facts ^ there) <= 1
            assert names <= {one.name for one in memory.aliases}
            facts = there
            for text in sorted(facts)[-3:]:
                assert text in {one.entry.text for one in await memory.find(text.split()[-1])}
