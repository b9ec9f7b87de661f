"""Remembers one thing after another, and says which are kept, until it is killed."""

import asyncio
import sys
from pathlib import Path

from edge.memory.memory import Memory
from edge.memory.model import Alias, Kind, Thing


async def main(file: Path, first: int) -> None:
    """Facts, names and forgetting, as fast as they go."""
    async with Memory(file, lambda: 1.0) as memory:
        for number in range(first, first + 500):
            entry = await memory.add(Kind.FACT, f"fact number {number} is xylophone{number}")
            print(f"kept {entry.text}", flush=True)
            await memory.name(Alias(Thing.DEVICE, f"light.{number}", f"name {number}"))
            print(f"named {number}", flush=True)
            if number % 3 == 0:
                await memory.forget(entry.id)
                print(f"gone {entry.text}", flush=True)


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
