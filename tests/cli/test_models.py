"""`edge models` as a person uses it."""

import json
import os
from pathlib import Path

import pytest

from edge.cli.main import main
from tests.gguf_maker import make


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model file, and a state directory of one's own."""
    monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
    return make(tmp_path / "tiny.gguf")


def test_a_model_is_added_listed_used_checked_and_removed(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    assert "edge models add FILE.gguf" in capsys.readouterr().out
    assert main(["models", "add", str(tiny)]) == 0
    assert "tiny: added" in capsys.readouterr().out
    other = make(tiny.with_name("other.gguf"), seed=1)
    assert main(["models", "add", str(other), "--link", "--use"]) == 0
    assert main(["models", "list"]) == 0
    assert "*  other" in capsys.readouterr().out
    assert main(["models", "use", "tiny"]) == 0
    assert main(["models", "verify"]) == 0
    assert "tiny: as it was added" in capsys.readouterr().out
    assert main(["models", "rm", "tiny"]) == 0
    assert "tiny: removed; other is used" in capsys.readouterr().out
    assert main(["models", "rm", "other"]) == 0
    assert "other: removed; there is no other language model" in capsys.readouterr().out
    assert other.exists()


def test_facts_come_as_json(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json", "add", str(tiny)]) == 0
    added = json.loads(capsys.readouterr().out)
    assert (added["name"], added["in_use"], added["quantisation"], added["fits"]) == ("tiny", True, "Q8_0", True)
    assert main(["models", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [added]


def test_an_altered_file_is_reported_and_the_others_are_listed_all_the_same(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "add", str(tiny)]) == 0
    assert main(["models", "add", str(make(tmp_path / "other.gguf", seed=1))]) == 0
    stored = tmp_path / "state" / "models" / "tiny.gguf"
    stored.write_bytes(stored.read_bytes()[:-1])
    capsys.readouterr()
    assert main(["models", "verify"]) == 1
    said = capsys.readouterr()
    assert "other: as it was added" in said.out
    assert "altered" in said.err
    assert main(["models", "list"]) == 0
    assert "altered" in capsys.readouterr().out


def test_a_model_that_is_here_already_is_not_added_twice(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify"]) == 0
    assert "nothing to verify" in capsys.readouterr().out
    assert main(["models", "add", str(tiny)]) == 0
    capsys.readouterr()
    assert main(["models", "add", str(tiny), "--name", "another"]) == 0
    assert "tiny: was here already" in capsys.readouterr().out


@pytest.mark.parametrize("verb", [["models", "add"], ["tune", "--model"]])
def test_a_pipe_is_no_model_and_nobody_waits_for_it(
    tiny: Path, capsys: pytest.CaptureFixture[str], verb: list[str]
) -> None:
    pipe = tiny.with_name("pipe.gguf")
    os.mkfifo(pipe)
    assert main([*verb, str(pipe)]) == 1
    assert "no ordinary file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["add", "/nowhere.gguf"], "can't be read"),
        (["add", "/etc/hostname"], "no GGUF"),
        (["use", "nothing"], "names no model"),
        (["rm", "nothing"], "no model called"),
        (["verify", "nothing"], "names no model"),
    ],
)
def test_what_fails_says_why_on_stderr(
    tiny: Path, capsys: pytest.CaptureFixture[str], words: list[str], reason: str
) -> None:
    assert main(["models", *words]) == 1
    said = capsys.readouterr()
    assert reason in said.err
    assert said.out == ""


def test_wrong_usage_has_its_own_status(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["models", "frobnicate"])
    assert stopped.value.code == 2
    assert "frobnicate" in capsys.readouterr().err
