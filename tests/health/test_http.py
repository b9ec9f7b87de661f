"""What doctor says of HTTP."""

import asyncio
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.api.http.server import ListenError, bound
from edge.cli.main import main
from edge.health.checks.http import check, look
from edge.health.facts import HttpFacts
from edge.health.finding import Severity
from edge.health.ground import Ground
from edge.mqtt.broker import free_port
from edge.settings import load, places
from tests.api.http.test_access import certificate


def facts(directory: Path, table: str) -> HttpFacts:
    file = directory / "config.toml"
    file.write_text(f"[http]\nollama_port = 0\nport = {free_port()}\n{table}")
    loaded = load(places({"EDGE_CONFIG": str(file), "EDGE_STATE": str(directory)}), {})
    found = asyncio.run(look(Ground(loaded)))
    assert found is not None
    return found


def test_all_is_well(tmp_path: Path) -> None:
    (finding,) = check(facts(tmp_path, ""))
    assert finding.severity is Severity.OK
    assert "http://127.0.0.1" in finding.text


def test_a_network_without_a_token_is_a_problem(tmp_path: Path) -> None:
    (finding,) = check(facts(tmp_path, 'host = "0.0.0.0"'))
    assert finding.severity is Severity.PROBLEM
    assert "edge config token add" in finding.remedy


def test_a_port_in_use_is_a_problem() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        (finding,) = check(HttpFacts("127.0.0.1", False, {"1": _trouble(taken)}, 0))
        assert finding.severity is Severity.PROBLEM
        assert "another program" in finding.text
        assert "ollama_port" in finding.remedy


def _trouble(taken: socket.socket) -> str:
    with pytest.raises(ListenError) as caught:
        bound("127.0.0.1", taken.getsockname()[1])
    return str(caught.value)


def test_an_expired_certificate_is_a_problem(tmp_path: Path) -> None:
    made, _ = certificate(tmp_path, datetime.now(UTC) - timedelta(days=1))
    (finding,) = check(facts(tmp_path, f'certificate = "{made.file}"\nkey = "{made.key}"'))
    assert finding.severity is Severity.PROBLEM
    assert "expired" in finding.text


def test_switched_off_there_is_nothing_to_say(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[http]\nenabled = false\n")
    loaded = load(places({"EDGE_CONFIG": str(file), "EDGE_STATE": str(tmp_path)}), {})
    assert asyncio.run(look(Ground(loaded))) is None


def test_tokens_are_made_listed_and_revoked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path))
    assert main(["config", "token", "add", "panel"]) == 0
    secret = capsys.readouterr().out.strip()
    assert secret.startswith("edge_")
    assert main(["config", "token", "list", "--json"]) == 0
    listed = capsys.readouterr().out
    assert [one["name"] for one in json.loads(listed)["tokens"]] == ["panel"]
    assert secret not in listed
    assert main(["config", "token", "revoke", "panel"]) == 0
    assert main(["config", "token", "revoke", "panel"]) == 1
    assert main(["config", "token", "dance"]) == 1
    assert main(["config", "show", "more"]) == 1
