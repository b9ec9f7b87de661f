"""Whether the service runs, and answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground
from edge.settings.places import SYSTEM_RUNTIME

_CHECK: Final = "service"
_UNITS: Final = ("etc/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system")
_LOG: Final = "See what it says of it: edge log service"


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """As the control socket says."""

    version: str = ""
    """Empty where none answers."""
    uptime_s: float = 0.0
    silent: str = ""
    is_installed: bool = False
    """Whether systemd is to run it."""


async def look(ground: Ground) -> ServiceFacts | None:
    """None where none runs and none should."""
    told = ground.status
    if told is not None:
        return ServiceFacts(str(told.get("version", "?")), float(told.get("uptime_s", 0.0)))
    installed = await ground.aside(_is_installed, ground.root) and ground.loaded.places.runtime == SYSTEM_RUNTIME
    return ServiceFacts(silent=ground.silent, is_installed=installed) if ground.silent or installed else None


def check(facts: ServiceFacts) -> Iterator[Finding]:
    """One finding."""
    if facts.silent:
        text = f"The service is there and does not answer: {facts.silent}"
        yield problem(
            _CHECK, text, f"{_LOG}; systemd ends one that hangs within a minute, else: systemctl restart edge"
        )
    elif not facts.version:
        yield note(_CHECK, "The service is installed and does not run", f"sudo systemctl start edge. {_LOG}")
    else:
        yield fine(_CHECK, f"edge {facts.version} runs, for {facts.uptime_s / 3600:.1f} hours")


def _is_installed(root: Path) -> bool:
    return any((root / directory / "edge.service").exists() for directory in _UNITS)
