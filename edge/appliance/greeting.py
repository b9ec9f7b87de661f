"""What is said once the service runs: that it is ready, and what it lacks; nothing where nothing has changed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from edge.appliance.files import read_bounded, write_private
from edge.appliance.places import Machine
from edge.appliance.report import Report

_SAID: Final = "greeting"
_MOST_SAID: Final = 2
_FULL_BYTES: Final = 64 << 20


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
    if len(report.problems) > _MOST_SAID:
        return [f"{len(report.problems)} lines of edge.toml can't be used: see edge-problems.txt on the card."]
    return [f"In edge.toml, {problem.partition(';')[0].partition(' (')[0]}." for problem in report.problems]
