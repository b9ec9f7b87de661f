"""`edge models recommend`, and `edge models add` without a path."""

import json
from pathlib import Path

import pytest

from edge.cli import models_offers
from edge.cli.main import main
from tests.models.makers import make_micro, make_voice


@pytest.fixture(autouse=True)
def _state_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("EDGE_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text("", encoding="utf-8")


def test_the_table_says_what_fits_what_does_not_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "recommend", "--memory", "1.2GB", "--bandwidth", "13.2e9"]) == 0
    said = capsys.readouterr().out
    assert "1.20 GB for a model, it reads 13.2 GB/s; wanted are 6 tokens/s" in said
    assert "of memory too little" in said
    (best,) = [line for line in said.splitlines() if line.startswith("*")]
    name, quantisation = best.split()[1:3]
    assert f"next: edge models pull {name}:{quantisation} --use" in said
    assert "https://" in said.partition("best here")[2]


def test_the_same_comes_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["models", "recommend", "--memory", "2GiB", "--bandwidth", "4e9", "--pace", "3", "--all", "--json"]) == 0
    )
    facts = json.loads(capsys.readouterr().out)
    assert (facts["memory_bytes"], facts["bandwidth_bytes_per_s"], facts["pace_tokens_per_s"]) == (2 << 30, 4e9, 3.0)
    assert facts["next"] == f"edge models pull {facts['best']} --use"
    first = facts["models"][0]
    assert facts["best"] == f"{first['name']}:{first['quantisation']}"
    assert (first["fits"], first["fast_enough"], first["storable"]) == (True, True, True)
    slow = [model for model in facts["models"] if not model["fast_enough"]]
    assert all(model["tokens_per_s"] < 3 and "too slow" in model["verdict"] for model in slow)
    assert slow


def test_where_nothing_fits_it_says_by_how_much(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "recommend", "--memory", "50MB", "--bandwidth", "1e9"]) == 1
    said = capsys.readouterr()
    assert "of memory too little" in said.out
    assert "none can be used here; the smallest is smollm2-135m" in said.err
    assert "next:" not in said.out + said.err


def test_pace_and_memory_come_from_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text("[llm]\npace_tokens_per_s = 11\nmemory_limit_bytes = 700000000\n")
    assert main(["models", "recommend", "--bandwidth", "8e9"]) == 0
    assert "700.0 MB for a model, it reads 8.0 GB/s; wanted are 11 tokens/s" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", ["--pace=0", "--pace=-1", "--pace=nan", "--context=0", "--context=-5", "--context=9e9"]
)
def test_no_number_of_tokens_is_wrong_usage(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["models", "recommend", words])
    assert stopped.value.code == 2
    assert "no number of tokens" in capsys.readouterr().err


def test_a_setting_that_can_not_be_used_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text('[llm]\npace_tokens_per_s = "fast"\n')
    assert main(["models", "recommend", "--bandwidth", "8e9", "--memory", "4GB", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["pace_tokens_per_s"] == 6
    assert "llm.pace_tokens_per_s: expected a number, found 'fast': its default is used" in said.err


@pytest.mark.parametrize("words", ["lots", "-5", "", "nan", "1e40"])
def test_no_number_of_bytes_is_wrong_usage(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["models", "recommend", f"--memory={words}"])
    assert stopped.value.code == 2
    assert "no number of bytes" in capsys.readouterr().err


def test_a_stick_is_shown_with_the_commands_that_add_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stick = tmp_path / "my stick"
    stick.mkdir()
    monkeypatch.setattr(models_offers, "removable_mounts", lambda: (stick,))
    assert main(["models", "add"]) == 1
    assert "no model that could be added on" in capsys.readouterr().err
    make_micro(stick / "nabu.tflite").with_suffix(".json").unlink()
    assert main(["models", "add"]) == 1
    assert "without its JSON" in capsys.readouterr().out
    make_voice(stick / "alan.onnx")
    assert main(["models", "add"]) == 0
    said = capsys.readouterr().out
    assert f"edge models add '{stick}/alan.onnx'" in said
    assert "without its JSON" in said
    assert main(["models", "add", "--json"]) == 0
    offered = {Path(fact["path"]).name: fact for fact in json.loads(capsys.readouterr().out)}
    assert offered["alan.onnx"]["kind"] == "voice"
    assert "error" in offered["nabu.tflite"]
    monkeypatch.setattr(models_offers, "removable_mounts", tuple)
    assert main(["models", "add"]) == 1
    assert "no USB stick" in capsys.readouterr().err


def test_a_voice_is_added_and_listed_beside_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    voice = make_voice(tmp_path / "alan.onnx")
    assert main(["models", "add", str(voice)]) == 0
    assert "alan: added, a voice" in capsys.readouterr().out
    assert main(["models", "list"]) == 0
    assert "alan  voice" in capsys.readouterr().out
    assert main(["models", "list", "--json"]) == 0
    (fact,) = json.loads(capsys.readouterr().out)
    assert (fact["kind"], fact["in_use"]) == ("voice", True)
