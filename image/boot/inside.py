"""Runs tests of the checkout inside the machine: with its Python, its libraries, and what a second drive brings."""

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from image.boot.machine import MachineError

if TYPE_CHECKING:
    from image.boot.scenario import Scenario

USUAL: Final = (
    "tests/devices",
    "tests/schedule",
    "tests/router",
    "tests/settings",
    "tests/mqtt",
    "tests/sensors/history",
)
"""What takes no microphone, no models and, emulated, less than an hour."""
NEEDS: Final = ("pytest", "pytest-asyncio", "pytest-timeout", "hypothesis", "blockbuster", "trustme")
_LIMIT_S: Final = 3600.0


def drive_with_tests(directory: Path, uv: str = "uv") -> Path:
    """A drive with the tests and what runs them: wheels for the machine's Python, fetched by uv."""
    content = directory / "drive"
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir()
    for name in ("tests", "pyproject.toml", "profiles", "docs", "image", "systemd"):
        source = Path(name)
        if source.is_dir():
            shutil.copytree(source, content / name, ignore=shutil.ignore_patterns("__pycache__", "bench"))
        else:
            shutil.copy(source, content / name)
    platform = ("--python-platform", "aarch64-manylinux_2_40", "--python-version", "3.13", "--only-binary", ":all:")
    command = [uv, "pip", "install", "--quiet", "--target", str(content / "needs"), *platform, *NEEDS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MachineError(f"what runs the tests could not be fetched: {done.stderr.strip()[-500:]}")
    drive = directory / "tests.img"
    drive.unlink(missing_ok=True)
    with drive.open("wb") as file:
        file.truncate(400 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-L", "edge-tests", "-d", str(content), str(drive)], check=True)
    return drive


def run_unit_tests(scenario: "Scenario", paths: list[str]) -> None:
    """Run them as the service's user beside the running service; what failed goes into the report."""
    machine, report = scenario.machine, scenario.report
    machine.run("mkdir -p /run/tests && mount -o ro LABEL=edge-tests /run/tests", 60 * scenario.patience)
    copying = "mkdir -p /tmp/tests && cp -r /run/tests/. /tmp/tests/ && chown -R edge: /tmp/tests"
    machine.run(copying, 300 * scenario.patience)
    python = "/opt/edge/current/bin/python"
    command = (
        "cd /tmp/tests && runuser -u edge -- env PYTHONPATH=/tmp/tests:/tmp/tests/needs HOME=/tmp/tests"
        f" {python} -m pytest -q -p no:cacheprovider --timeout=0 {' '.join(paths or USUAL)}"
    )
    status, output = machine.attempt(command, _LIMIT_S * scenario.patience)
    lines = output.splitlines()
    report.fact("unit tests in the machine", lines[-1] if lines else f"status {status}")
    failures = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    report.expect("the unit tests pass in the machine", status == 0, "; ".join(failures[:20]) or output[-500:])
