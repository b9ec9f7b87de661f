"""How much slower the emulated processor is than this host's, by the same work on both: the factor for all times."""

import shutil
import subprocess
import time
from typing import Final

PROGRAM: Final = "; ".join(
    (
        "import hashlib, time",
        "begun = time.process_time()",
        "table = {number % 977: str(number * number) for number in range(600000)}",
        "digest = hashlib.sha256(b'x' * 12000000).digest()",
        "print(time.process_time() - begun)",
    )
)
"""Python and hashing, as the service's start is made of; prints the processor seconds it took."""


def host_seconds() -> float:
    """What the yardstick takes here, the best of three."""
    python = shutil.which("python3") or "python3"
    return min(_once(python) for _ in range(3))


def _once(python: str) -> float:
    started = time.monotonic()
    done = subprocess.run([python, "-c", PROGRAM], capture_output=True, text=True, check=True)
    return float(done.stdout) if done.stdout.strip() else time.monotonic() - started
