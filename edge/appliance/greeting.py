"""What is said once the service runs: that it is ready, and what it lacks; nothing where nothing has changed."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.appliance.files import read_bounded, write_private
from edge.appliance.places import Machine
from edge.appliance.report import Report

_SAID: Final = "greeting"
_MOST_SAID: Final = 2
_FULL_BYTES: Final = 64 << 20
_GIVEN_UP_S: Final = 1800.0
"""How long after the machine's start what could not be said is tried again."""
_JOINED_WITHIN_S: Final = 60.0
_MUTED: Final = "muted"
"""The ending of what was not said because the assistant was told to be silent."""


def greeting(report: Report, status: Mapping[str, Any], *, online: bool) -> str:
    """The sentences, from this start's report and what `edge status` says; empty where there is nothing to say."""
    said = []
    if report.first:
        said.append("Hello. I am ready.")
    said += _problems(report)
    if report.wants_wifi and not online:
        said.append("I can't reach the network: see the name and password of the Wi-Fi in edge.toml.")
    if int((status.get("disk") or {}).get("free_bytes", _FULL_BYTES)) < _FULL_BYTES:
        said.append("The card is full: remove what is not needed.")
    broker = status.get("broker") or {}
    if broker.get("trouble"):
        said.append("I can't reach the M Q T T broker.")
    if report.first and (status.get("model") or {}).get("state") == "absent":
        said.append("There is no language model yet: I understand orders and questions about the house.")
    if said and not report.first:
        said.insert(0, "I am ready, but:")
    return " ".join(said)


def is_owed(machine: Machine) -> bool:
    """Whether nothing was ever said here: a first start that could not be heard is greeted at a later one."""
    return not (machine.memory / _SAID).exists()


def tell_news(machine: Machine, text: str, say: Callable[[str], str], up_s: float) -> bool:
    """Say it where it is news; False where that was not possible, and is to be tried again. Raises OSError.

    `say` gives how it ended, empty where there was nothing to say it with. What nobody heard is news at the next start
    as well. `up_s`: since the machine's start.
    """
    if not is_news(machine, text):
        return True
    ending = say(text) if text else ""
    if not text or ending not in ("", _MUTED):
        remember(machine, text)
        return True
    return ending == _MUTED or up_s >= _GIVEN_UP_S


def is_news(machine: Machine, text: str) -> bool:
    """Whether it is something else than what was said last. Raises OSError."""
    try:
        before = read_bounded(machine.memory / _SAID, 1000).decode("ascii", "replace").strip()
    except FileNotFoundError:
        before = _digest("")
    return before != _digest(text)


def remember(machine: Machine, text: str) -> None:
    """It was said, or there was nothing to say. Raises OSError."""
    machine.memory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(machine.memory / _SAID, f"{_digest(text)}\n".encode())


def comes_online(look: Callable[[], bool], sleep: Callable[[float], None] = time.sleep) -> bool:
    """Whether there is a way out, or comes within a minute: Wi-Fi is joined while the service is ready already."""
    waited_s = 0.0
    while not look():
        if waited_s >= _JOINED_WITHIN_S:
            return False
        sleep(1.0)
        waited_s += 1.0
    return True


def is_online(routes: str, routes_6: str) -> bool:
    """Whether the kernel has a way out, from /proc/net/route and /proc/net/ipv6_route."""
    by_ipv4 = any(fields[1:2] == ["00000000"] for fields in map(str.split, routes.splitlines()[1:]))
    zero = "0" * 32
    by_ipv6 = any(
        fields[0] == zero and fields[1] == "00" and fields[-1] != "lo"
        for fields in map(str.split, routes_6.splitlines())
        if len(fields) >= 10
    )
    return by_ipv4 or by_ipv6


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def as_json(report: Report, text: str) -> str:
    """For `--json`."""
    return json.dumps({"name": report.name, "text": text, "problems": list(report.problems)}, ensure_ascii=False)


def _problems(report: Report) -> list[str]:
    if not report.problems:
        return []
    lines = len(report.problems) - report.own
    said = [f"{_short(problem)}." for problem in report.problems[: report.own]]
    said = [one[0].upper() + one[1:] for one in said]
    if lines > _MOST_SAID:
        return [*said, f"{lines} lines of edge.toml can't be used: see edge-problems.txt on the card."]
    return [*said, *(f"In edge.toml, {_short(problem)}." for problem in report.problems[report.own :])]


def _short(problem: str) -> str:
    """As much of it as one listens to; edge-problems.txt has the rest."""
    return problem.partition(";")[0].partition(" (")[0]
