"""A start in a directory, as an update goes through it."""

from pathlib import Path

import pytest

from edge.appliance.rehearsal import main, rehearse


def test_it_leaves_nothing_outside_and_finds_nothing_wrong(tmp_path: Path) -> None:
    assert rehearse(tmp_path) == []
    assert {entry.name for entry in tmp_path.iterdir()} == {"boot", "etc", "run", "var"}


def test_what_breaks_in_a_start_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> int:
        raise TypeError("another number of arguments")

    monkeypatch.setattr("edge.appliance.boot.wifi.apply_networks", broken)
    assert main([str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "Wi-Fi: another number of arguments" in said
    assert "no wireless network was set up" in said
