"""`edge sensors list|show|plot|export|import`: beside the service and without it."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from edge.cli.main import main

START_S = 1_780_272_000  # midnight UTC, 1 June 2026
ROWS = "time,sensor,value,unit\n" + "".join(
    f"{START_S + 60 * number},sensor.freezer,{-18 + number % 60 / 10},°C\n" for number in range(1440)
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path))
    monkeypatch.setenv("EDGE_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n')
    (tmp_path / "rows.csv").write_text(ROWS)
    return tmp_path


def test_what_was_taken_in_is_listed_shown_and_written_out_again(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sensors", "import", str(place / "rows.csv")]) == 0
    assert "1440 readings taken in" in capsys.readouterr().out
    assert main(["sensors", "list"]) == 0
    assert "sensor.freezer" in capsys.readouterr().out
    span = ["--since", "2026-06-01 00:00", "--until", "2026-06-02 00:00"]
    assert main(["sensors", "show", "freezer", *span, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["count"], shown["low"], shown["high"]["value"]) == (1440, {"time": START_S, "value": -18}, -12.1)
    assert main(["sensors", "show", "freezer", *span, "--unit", "°F"]) == 0
    assert "lowest   -0.4 °F" in capsys.readouterr().out
    assert main(["sensors", "export", "--since", "2026-06-01"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1441
    assert "2026-06-01T00:01:00.000+00:00,sensor.freezer,-17.9,°C,measurement" in out


def test_a_plot_is_drawn_in_the_terminal_and_as_a_picture(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["sensors", "import", str(place / "rows.csv")])
    capsys.readouterr()
    span = ["--since", "2026-06-01 00:00", "--until", "2026-06-02 00:00"]
    assert main(["sensors", "plot", "sensor.freezer", *span]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].strip().startswith("-12.1")
    assert any("\u2801" <= sign <= "\u28ff" for sign in "".join(lines))
    assert main(["sensors", "plot", "sensor.freezer", *span, "--svg", str(place / "plot.svg")]) == 0
    assert ElementTree.parse(place / "plot.svg").getroot().tag.endswith("svg")  # noqa: S314 (our own)
    assert main(["sensors", "plot", "sensor.freezer", *span, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out.splitlines()[-1])["slices"]) == 144


def test_what_is_not_remembered_is_said_so(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensors", "list"]) == 1
    assert "nothing has been remembered yet" in capsys.readouterr().err
    main(["sensors", "import", str(place / "rows.csv")])
    assert main(["sensors", "show", "sensor.attic"]) == 1
    assert "nothing is remembered of sensor.attic" in capsys.readouterr().err
    assert main(["sensors", "show", "freezer", "--unit", "kWh"]) == 1
    assert "they measure different things" in capsys.readouterr().err


def test_a_damaged_file_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "history.sqlite").write_bytes(b"no database at all, but long enough to look like one" * 100)
    assert main(["sensors", "list"]) == 1
    assert "is damaged" in capsys.readouterr().err
