from pathlib import Path

import pytest

from edge.cli.main import main


def test_a_table_is_scored_row_by_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.csv"
    table.write_text(
        "timestamp,value\n" + "".join(f"{300 * step},{5 if step != 900 else 50}\n" for step in range(1000))
    )
    assert main(["sensors", "score", str(table)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "timestamp,value,score"
    assert len(lines) == 1001
    assert max(lines[1:], key=lambda line: float(line.split(",")[2])).startswith("270000,50,")


def test_rows_that_can_not_be_read_are_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.csv"
    table.write_text("timestamp,value\nnow,1\n60,warm\n")
    assert main(["sensors", "score", str(table)]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[1:] == ["now,1,0.000000", "60,warm,0.000000"]
    assert told.err.count("\n") == 1
    assert "2 rows" in told.err


@pytest.mark.parametrize("text", ["timestamp\n5\n", '60,1\n61,"' + "x" * 200_000])
def test_what_is_no_table_is_said(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.csv"
    table.write_text(text)
    assert main(["sensors", "score", str(table)]) == 1
    assert "edge sensors:" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensors", "score", "/nowhere/table.csv"]) == 1
    assert "/nowhere/table.csv" in capsys.readouterr().err
