"""Many HTTP clients at once, half of which hang up: `python -m tests.bench.http_clients [--clients 50] [--seconds 60]`.

The whole service with a model of random weights. Counted are answers by status, errors other than 429 and 503 with
Retry-After, and how much the service and its worker have grown since the clients began. Prints, asserts nothing.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp

from tests.api.http.running import Running, running
from tests.bench.service import percentile, resident_bytes

TOOL = {"name": "HassTurnOn", "parameters": {"type": "object", "properties": {"name": {"type": "string"}}}}
FORM = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
USER = {"role": "user", "content": "what is on in the kitchen?"}


def requests(draw: random.Random) -> tuple[str, dict[str, Any]]:
    """A path and a body, of everything that clients ask."""
    stream = draw.random() < 0.7
    model = "edge" if draw.random() < 0.2 else "tiny"
    tokens = draw.choice((8, 40, 120))
    match draw.randrange(5):
        case 0:
            body: dict[str, Any] = {"options": {"num_predict": tokens}, "messages": [USER]}
            return "/api/chat", {"model": model, "stream": stream, **body}
        case 1:
            tools = [{"type": "function", "function": TOOL}]
            body = {"messages": [USER], "max_tokens": tokens, "tools": tools}
            return "/v1/chat/completions", {"model": model, "stream": stream, **body}
        case 2:
            wanted = {"format": {"type": "json_schema", "name": "x", "schema": FORM}}
            body = {"input": "hi", "max_output_tokens": tokens, "text": wanted}
            return "/v1/responses", {"model": model, "stream": stream, **body}
        case 3:
            return "/api/generate", {
                "model": model,
                "stream": stream,
                "prompt": "hi",
                "options": {"num_predict": tokens},
            }
        case _:
            return "/api/edge/ask", {"text": "turn on the lamp"}


class Clients:
    """All of them, and what they saw."""

    def __init__(self, base: str, seconds: float) -> None:
        self.base = base
        self.until = time.monotonic() + seconds
        self.statuses: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.hung_up = 0
        self.took_s: list[float] = []

    async def client(self, number: int) -> None:
        draw = random.Random(number)  # noqa: S311
        timeout = aiohttp.ClientTimeout(total=120)
        async with aiohttp.ClientSession(self.base, timeout=timeout) as session:
            while time.monotonic() < self.until:
                path, body = requests(draw)
                if number % 2:
                    await self.hang_up(session, path, body, draw.uniform(0.01, 0.6))
                else:
                    await self.ask(session, path, body)

    async def hang_up(self, session: aiohttp.ClientSession, path: str, body: dict[str, Any], after_s: float) -> None:
        try:
            async with asyncio.timeout(after_s):
                await self.ask(session, path, body)
        except TimeoutError:
            self.hung_up += 1

    async def ask(self, session: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> None:
        began = time.monotonic()
        try:
            async with session.post(path, json=body) as response:
                data = await response.read()
        except (aiohttp.ClientError, OSError) as error:
            self.errors[f"{type(error).__name__}: {error}"[:100]] += 1
            return
        retry = response.headers.get("Retry-After")
        self.statuses[f"{response.status}{' with Retry-After' if retry else ''}"] += 1
        if response.status == 200:
            self.took_s.append(time.monotonic() - began)
            if (b'"error":' in data and b'"error":null' not in data) or not data:
                self.errors[f"{path}: {data[-150:]!r}"] += 1
        elif response.status not in (429, 503) or not retry:
            self.errors[f"{path} {response.status}: {data[:150]!r}"] += 1
        else:
            await asyncio.sleep(0.2)  # a client that heeds Retry-After would wait for longer


def worker_pids(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def measure(here: Running, count: int, seconds: float) -> None:
    warm = Clients(here.base, 4)
    await asyncio.gather(*(warm.client(number) for number in range(10)))
    await asyncio.sleep(2)
    before = resident_bytes(here.pid), {pid: resident_bytes(pid) for pid in worker_pids(here.pid)}
    clients = Clients(here.base, seconds)
    await asyncio.gather(*(clients.client(number) for number in range(count)))
    await asyncio.sleep(3)
    after = resident_bytes(here.pid), {pid: resident_bytes(pid) for pid in worker_pids(here.pid)}
    print(f"clients                {count} for {seconds:g} s, half of them hanging up")
    print(f"answers                {dict(clients.statuses)}")
    print(f"hung up                {clients.hung_up}")
    print(f"other errors           {sum(clients.errors.values())} {dict(clients.errors) or ''}")
    if clients.took_s:
        p50, p99 = statistics.median(clients.took_s), percentile(clients.took_s, 0.99)
        print(f"answered in            p50 {p50:.2f} s, p99 {p99:.2f} s")
    print(f"service grew           {(after[0] - before[0]) / 1e6:.1f} MB to {after[0] / 1e6:.1f} MB")
    for pid, size in after[1].items():
        print(f"  its process {pid} grew {(size - before[1].get(pid, size)) / 1e6:.1f} MB to {size / 1e6:.1f} MB")
    async with aiohttp.ClientSession(here.base) as session, session.get("/healthz") as response:
        print(f"afterwards             {json.loads(await response.read())}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, running(Path(directory)) as here:
        asyncio.run(measure(here, args.clients, args.seconds))
        log = here.log.read_text()
        print(f"faults in the log      {log.count('http.fault') + log.count('Traceback')}")
        if "Traceback" in log:
            print(log[log.index("Traceback") - 500 :][:3000])


if __name__ == "__main__":
    main()
