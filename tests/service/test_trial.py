"""A release tries itself on a copy of configuration and state: apart from everything, and honestly."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge.schedule.store import SCHEMA
from edge.service.trial import golden_problems, machine_problems

CONFIG = """\
node = "attic"

[mqtt]
broker = "192.0.2.1"

[homeassistant]
url = "http://192.0.2.2:8123"
token = "a-token-of-some-length"

[http]
port = 18080
"""


@pytest.fixture
def board(tmp_path: Path) -> Path:
    (tmp_path / "etc/conf.d").mkdir(parents=True)
    (tmp_path / "state").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "etc/config.toml").write_text(CONFIG)
    with closing(sqlite3.connect(tmp_path / "state/schedule.sqlite")) as database:
        SCHEMA.bring_up(database, "schedule", ValueError)
    return tmp_path


def tried(board: Path) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [
            *(sys.executable, "-P", "-m", "edge.service.trial", "--config", board / "etc/config.toml"),
            *("--state", board / "state", "--work", board / "work"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, said


def test_a_release_that_works_says_so_and_leaves_the_state_alone(board: Path) -> None:
    before = {file.name: file.read_bytes() for file in (board / "state").iterdir()}
    status, said = tried(board)
    assert (status, said["ok"], said["problems"]) == (0, True, [])
    assert {file.name: file.read_bytes() for file in (board / "state").iterdir()} == before


def test_a_schedule_of_a_newer_release_is_a_problem(board: Path) -> None:
    with closing(sqlite3.connect(board / "state/schedule.sqlite")) as database:
        database.execute("PRAGMA user_version=99")
    status, said = tried(board)
    assert status == 1
    assert "version 99 was written by a newer edge" in said["problems"][0]


def test_a_configuration_that_is_no_toml_is_a_problem(board: Path) -> None:
    (board / "etc/config.toml").write_text("node = ")
    status, said = tried(board)
    assert status == 1
    assert "expected TOML" in said["problems"][0]


def test_a_setting_that_is_not_known_is_told_and_no_reason_to_refuse(board: Path) -> None:
    (board / "etc/conf.d/x.toml").write_text("[lights]\n")
    status, said = tried(board)
    assert status == 0
    assert "lights" in said["notes"][0]


def test_the_router_of_this_checkout_understands_what_a_release_must() -> None:
    assert golden_problems() == []


def test_the_machines_own_start_is_rehearsed(tmp_path: Path) -> None:
    assert machine_problems(tmp_path / "machine") == []
    assert (tmp_path / "machine/run/edge-boot/report.json").is_file()


def test_a_release_in_which_it_breaks_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'ModuleNotFoundError: no wifi' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(broken))
    assert machine_problems(tmp_path / "machine") == ["the machine's start: ModuleNotFoundError: no wifi"]
