"""What the kernel says of the machine and of us."""

import json
from pathlib import Path

import pytest

from edge.health import vitals as module
from edge.health.vitals import memory, temperatures, vitals


def test_memory_is_ours_and_the_machines() -> None:
    found = memory()
    assert 0 < found["resident_bytes"] < found["total_bytes"]
    assert 0 < found["available_bytes"] <= found["total_bytes"]


def test_temperatures_go_by_the_sensors_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for zone, (name, value) in {"0": ("cpu", "45123"), "1": ("broken", "?"), "2": ("gpu", "-1000")}.items():
        directory = tmp_path / f"thermal_zone{zone}"
        directory.mkdir()
        (directory / "type").write_text(f"{name}\n")
        (directory / "temp").write_text(f"{value}\n")
    (tmp_path / "thermal_zone3").mkdir()
    monkeypatch.setattr(module, "_ZONES", tmp_path)
    assert temperatures() == {"cpu": 45.1, "gpu": -1.0}


def test_all_of_it_is_ready_for_json() -> None:
    assert json.loads(json.dumps(vitals())).keys() == {"uptime_s", "temperatures", "memory", "load"}
