"""Where no service runs, a verb starts one for itself, with everything the real one has."""

from pathlib import Path

import pytest

from edge.cli.main import main


def test_what_a_command_keeps_is_there_for_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("EDGE_CONFIG", str(tmp_path / "config.toml"))
    assert main(["lists", "--add", "milk"]) == 0
    assert main(["ask", "what time is it"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["shopping", "  [ ] milk"]
    assert said[2]
    assert main(["lists"]) == 0
    assert capsys.readouterr().out == "shopping\n  [ ] milk\n"


def test_where_systemd_runs_the_service_none_is_started_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "edge.service").touch()
    for name in ("EDGE_STATE", "EDGE_RUNTIME", "EDGE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/edge")
    monkeypatch.setattr("edge.cli.session._UNITS", (tmp_path,))
    monkeypatch.setattr("edge.cli.session._SYSTEMD", tmp_path)
    monkeypatch.setattr("edge.cli.session.control_sockets", lambda _: (tmp_path / "control.sock",))
    assert main(["ask", "what time is it"]) == 1
    assert "systemctl start edge.service" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()
