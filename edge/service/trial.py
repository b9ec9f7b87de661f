"""Tries this release before it is switched to: on a copy of the configuration and state, apart from everything outside.

`python -I -m edge.service.trial --config FILE --state DIR --work DIR`; see `edge.upkeep.trials` for what it must print.
It starts the whole service with a broker, sockets and files of its own, and ends it in order.
"""

import argparse
import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.errors import EdgeError
from edge.settings import Loaded, Places, load

if TYPE_CHECKING:
    from edge.settings.model import Settings

WITHIN_S: Final = 300.0
_REHEARSED_WITHIN_S: Final = 120.0
_MOST_COPIED_BYTES: Final = 256 << 20
"""A larger database is not copied: that its form is known has to do."""
_MOST_SMALL_BYTES: Final = 4 << 20
GOLDEN: Final = {
    "turn on the kitchen light": ("light.turn_on",),
    "dim the kitchen light to 30 percent": ("light.set",),
    "lock the front door": ("lock.lock",),
    "set a timer for ten minutes": ("timer.start",),
    "add milk to the shopping list": ("todo.add_item",),
    "turn off the kitchen light and lock the front door": ("light.turn_off", "lock.lock"),
}
"""Sentences, and what the router must make of them in a home with a light and a lock."""
_HOME: Final = {
    "areas": [{"id": "kitchen", "name": "Kitchen"}, {"id": "hall", "name": "Hall"}],
    "devices": [
        {"id": "light.kitchen", "name": "Kitchen Light", "area": "kitchen", "state": "off"},
        {"id": "lock.front_door", "name": "Front Door", "area": "hall", "state": "unlocked"},
    ],
}


@dataclass(slots=True)
class Trial:
    """What is wrong so far."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def said(self) -> str:
        """The line that whoever started this waits for."""
        return json.dumps({"ok": not self.problems, "problems": self.problems, "notes": self.notes})


def main(arguments: list[str]) -> int:
    """0 where the release works here."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    args, _ = parser.parse_known_args(arguments)
    trial = Trial()
    try:
        places = copied(args.config, args.state, args.work, trial)
        if not trial.problems:
            asyncio.run(_within(tried(places, trial)))
        trial.problems += machine_problems(args.work / "machine")
    except BaseExceptionGroup as group:
        trial.problems.append(f"the service does not start: {_first(group)}")
    except (EdgeError, OSError, sqlite3.Error, TimeoutError) as error:
        trial.problems.append(f"the service does not start: {error or type(error).__name__}")
    print(trial.said(), flush=True)
    return int(bool(trial.problems))


def copied(config: Path, state: Path, work: Path, trial: Trial) -> Places:
    """Configuration and state in `work`, as far as they can be copied."""
    from edge.upkeep.databases import copy_database
    from edge.upkeep.schemas import known_databases

    places = Places(config=work / "etc" / config.name, state=work / "state", runtime=work / "run")
    for directory in (places.conf_d, places.state, places.runtime):
        directory.mkdir(parents=True, exist_ok=True)
    for source, target in ((config, places.config), (config.parent / "conf.d", places.conf_d)):
        _copy_small(source, target)
    for schema in known_databases():
        file = state / schema.file
        if not file.is_file() or file.is_symlink():
            continue
        if file.stat().st_size > _MOST_COPIED_BYTES:
            trial.notes.append(f"{schema.file} is too large to be tried with")
            continue
        copy_database(file, places.state / schema.file)
    for file in sorted(state.iterdir()):
        if file.suffix in (".json", ".toml") and not file.is_symlink():
            _copy_small(file, places.state / file.name)
    return places


async def tried(places: Places, trial: Trial) -> None:
    """Start the service apart, ask it, end it."""
    from edge.service.routing import shipped_router
    from edge.service.service import running

    loaded = await asyncio.to_thread(load, places, {})
    trial.notes += [str(problem) for problem in loaded.problems]
    if any(not problem.key for problem in loaded.problems):
        trial.problems += [str(problem) for problem in loaded.problems if not problem.key]
        return
    trial.problems += await asyncio.to_thread(golden_problems)
    async with running(apart(loaded), shipped_router) as service:
        status = await asyncio.to_thread(service.status)
        await asyncio.to_thread(json.dumps, status, default=str)
        trial.problems += [text for text in service.problems if "weights" in text]


def apart(loaded: Loaded) -> Loaded:
    """The same settings without anything that others could notice, or that takes much memory."""
    from edge.settings.homeassistant import HomeAssistantSettings
    from edge.settings.mqtt import MqttSettings

    settings = loaded.settings
    # Where there is no broker to be started, none is found: a service must stand that, too.
    broker = (
        {}
        if shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        else {"broker": "127.0.0.1", "port": 9}
    )
    changes: dict[str, Any] = {
        "node": f"{settings.node[:50]}-trial",
        "mqtt": MqttSettings(announce=False, **broker),
        "homeassistant": HomeAssistantSettings(),
        "satellites": (),
        "hardware": (),
    }
    off = {"enabled": False}
    for name in ("llm", "speech", "http", "wyoming"):
        changes[name] = getattr(settings, name).model_copy(update=off)
    return replace(loaded, settings=_changed(settings, changes), problems=())


def golden_problems() -> list[str]:
    """What the router makes of sentences that it must understand."""
    from edge.devices.home import parse_home
    from edge.router.router import Router

    home, router = parse_home(_HOME, "the home of the trial"), Router.load()
    wrong = []
    for text, functions in GOLDEN.items():
        calls = tuple(call.function for call in router.route(text, home, None).calls)
        if calls != functions:
            wrong.append(f"the router makes {calls} of {text!r}, and not {functions}")
    return wrong


def machine_problems(directory: Path) -> list[str]:
    """What goes wrong in this release's start of a flashed machine: by a process of its own, in a directory."""
    directory.mkdir()
    command = [sys.executable, "-I", "-m", "edge.appliance.rehearsal", str(directory)]
    try:
        done = subprocess.run(  # noqa: S603 (this release)
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_REHEARSED_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        return [f"the machine's start was not over after {_REHEARSED_WITHIN_S:.0f} s"]
    if done.returncode == 0:
        return []
    said = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return [f"the machine's start: {line[:300]}" for line in said[-3:]] or ["the machine's start fails"]


def _changed(settings: "Settings", changes: dict[str, Any]) -> "Settings":
    return settings.model_copy(update=changes)


async def _within(work: Any) -> None:
    async with asyncio.timeout(WITHIN_S):
        await work


def _copy_small(source: Path, target: Path) -> None:
    """A file, or those of a directory; what is too large for settings stays."""
    if source.is_dir():
        for file in sorted(source.iterdir()):
            if file.is_file():
                _copy_small(file, target / file.name)
        return
    if source.is_file() and source.stat().st_size <= _MOST_SMALL_BYTES:
        target.write_bytes(source.read_bytes())


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
