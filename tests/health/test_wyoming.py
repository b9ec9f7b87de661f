"""What doctor says of Wyoming, before and while the service runs."""

import asyncio
import socket
from pathlib import Path

import pytest

from edge.health.checks.wyoming import WyomingFacts, check, look
from edge.health.finding import Severity
from edge.health.ground import Ground
from edge.settings import load


def _facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **settings: str) -> WyomingFacts | None:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path))
    monkeypatch.delenv("EDGE_RUNTIME", raising=False)
    for key, value in settings.items():
        monkeypatch.setenv(f"EDGE_WYOMING__{key.upper()}", value)
    return asyncio.run(look(Ground(load())))


def test_what_is_switched_off_is_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _facts(tmp_path, monkeypatch, enabled="false") is None
    assert _facts(tmp_path, monkeypatch, enabled="true", port="0") is None


def test_a_port_that_another_program_has_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        facts = _facts(tmp_path, monkeypatch, port=str(other.getsockname()[1]))
    assert facts is not None
    (finding,) = check(facts)
    assert finding.severity is Severity.PROBLEM
    assert "in use by another program" in finding.text
    assert "wyoming.port" in finding.remedy


def test_a_free_port_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    facts = _facts(tmp_path, monkeypatch, port=str(port))
    assert facts is not None
    assert [finding.severity for finding in check(facts)] == [Severity.OK]


@pytest.mark.parametrize(("confirms", "severity"), [(False, Severity.NOTE), (True, Severity.PROBLEM)])
def test_a_door_that_is_open_to_all_is_told(confirms: bool, severity: Severity) -> None:
    facts = WyomingFacts(["0.0.0.0:10300"], [], is_open=True, confirms=confirms)
    assert [finding.severity for finding in check(facts)] == [Severity.OK, severity]
