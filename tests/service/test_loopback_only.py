"""The whole service, as it is shipped, in a network namespace that has loopback alone."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@cache
def unshare() -> tuple[str, ...]:
    """The command that cuts the network off; skips where this machine does not permit it."""
    command = ("unshare", "--net", *(() if os.geteuid() == 0 else ("--map-root-user",)))
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespace can be made here: {error}")
    return command


def test_it_starts_and_works_with_no_network_but_loopback(tmp_path: Path) -> None:
    finished = subprocess.run(
        [*unshare(), sys.executable, "-m", "tests.service.loopback_only", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    facts = json.loads(finished.stdout)
    assert facts["interfaces"] == ["lo"]
    assert facts["commands"] == ["ON"]
    assert facts["reply"]["decision"] == "act"
    assert facts["reply"]["calls"][0]["targets"] == ["light.desk_lamp"]
    assert facts["reply"]["text"]
    assert facts["correlation"] == "7"
    assert facts["time"]
    assert "edge models add" in facts["chat"]
    assert facts["status"] == 0
