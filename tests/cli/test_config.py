"""`edge config` and `edge status`."""

import json
from pathlib import Path

import pytest

from edge.cli.main import main
from edge.cli.status import lines


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config.toml"
    file.write_text('node = "kitchen"\n[mqtt]\npassword = "sesame"\n')
    monkeypatch.setenv("EDGE_CONFIG", str(file))
    monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
    return file


def test_show_names_the_files_and_hides_secrets(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert str(config) in out
    assert 'node = "kitchen"' in out
    assert "sesame" not in out


def test_json_has_settings_places_and_problems(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert "sesame" not in json.dumps(facts)
    assert facts["problems"] == []
    assert facts["places"]["config"] == str(config)


def test_check_fails_on_a_slip_and_says_where(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text('[mqtt]\nbrokr = "x"\n')
    assert main(["config", "check"]) == 1
    assert f"{config}: mqtt.brokr: is not a setting (did you mean `broker`?)" in capsys.readouterr().err


def test_check_looks_into_devices_and_the_home_file(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text('home_file = "/no/such/home.json"\n[[devices]]\nid = "light.desk"\ncommand_topc = "a"\n')
    assert main(["config", "check"]) == 1
    err = capsys.readouterr().err
    assert "/no/such/home.json" in err
    assert "command_topic" in err


def test_check_is_content_with_what_is_right(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check"]) == 0
    assert "no problems" in capsys.readouterr().out


def test_status_without_a_service_says_how_to_start_one(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 1
    assert "edge run" in capsys.readouterr().err


def test_status_tells_trouble_and_problems() -> None:
    facts = {
        "version": "1",
        "node": "n",
        "uptime_s": 90_061,
        "broker": {"state": "lost", "trouble": "no connection", "host": "h", "port": 1},
        "devices": 2,
        "areas": 1,
        "model": {"state": "failed", "model": "m", "reason": "too large"},
        "memory": {"resident_bytes": 100_000_000},
        "clock_trusted": False,
        "temperatures": {"cpu": 45.0},
        "problems": ["file: key: bad"],
    }
    text = "\n".join(lines(facts))
    for expected in ("1 d 1 h 1 min", "lost at h:1", "no connection", "too large", "file: key: bad", "45.0 °C"):
        assert expected in text
