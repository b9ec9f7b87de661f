"""`edge tune` and `edge bench` as a person uses them."""

import importlib.util
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from edge.cli.main import main
from edge.cli.sizes import byte_count
from tests.gguf_maker import make

CHOSEN = {
    "n_threads": int,
    "n_threads_batch": int,
    "n_ctx": int,
    "n_batch": int,
    "n_ubatch": int,
    "load_mode": str,
    "flash_attn": bool,
    "type_k": str,
    "type_v": str,
}
needs_library = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model file, and a state directory of one's own."""
    monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
    return make(tmp_path / "tiny.gguf")


@pytest.mark.llm
@needs_library
def test_a_model_is_tuned_drawn_and_told_in_json(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["tune", "--model", str(tiny), "--memory", "1GB", "--seconds", "6", "--plot", str(tmp_path / "trials.svg")]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"hardware", "plan", "predicted_bytes", "measured_bytes", "trials", "chosen"} <= told.keys()
    assert told["chosen"].keys() == CHOSEN.keys()
    assert all(type(told["chosen"][key]) is kind for key, kind in CHOSEN.items())
    assert told["chosen"]["load_mode"] in ("mmap", "none")
    assert told["plan"]["predicted_bytes"] == told["predicted_bytes"] <= 1_000_000_000
    assert told["measured_bytes"] > 0
    assert told["trials"][-1]["stage"] == "last"
    assert told["hardware"]["logical_cpus"] >= 1
    assert Path(told["kept_in"]).is_file()
    picture = ElementTree.parse(tmp_path / "trials.svg").getroot()  # noqa: S314 - our own
    assert picture.tag.endswith("svg")


@pytest.mark.llm
@needs_library
def test_a_result_that_finds_no_place_is_told_all_the_same(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "llm").write_text("in the way")
    assert main(["tune", "--model", str(tiny), "--memory", "1GB", "--seconds", "6", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["kept_in"] is None
    assert "tuning.json" in said.err


@pytest.mark.llm
@needs_library
def test_a_bench_tells_what_it_measured_and_what_it_could_not(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--model", str(tiny), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["model"]["tokens_per_s"] > 0
    assert told["model"]["tuned"] is False
    assert told["router"]["ms"] > 0
    assert told["memory"]["bytes_per_s"]["1"] > 0
    assert main(["bench"]) == 1
    said = capsys.readouterr()
    assert "edge models recommend" in said.err
    assert "ms a sentence" in said.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "there is no model to tune"),
        (["--model", "none-such.gguf"], "can't be read"),
        (["--model", "none-such"], "none-such"),
        (["--model", "{text}"], "GGUF"),
        (["--model", "{cut}"], "cut"),
        (["--model", "{tiny}", "--memory", "1MB"], "too little"),
        (["--model", "{tiny}", "--seconds", "0.5"], "at least 5 s"),
        (["--model", "{tiny}", "--plot", "/no/such/place/a.svg"], "a plot can't be written there"),
    ],
)
def test_what_can_not_be_tuned_is_said_with_the_reason(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    text, cut = tmp_path / "text.gguf", tmp_path / "cut.gguf"
    text.write_text("no model at all")
    cut.write_bytes(tiny.read_bytes()[:-1000])
    given = [word.format(text=text, cut=cut, tiny=tiny) for word in words]
    assert main(["tune", *given]) == 1
    said = capsys.readouterr()
    assert why in said.err
    assert not said.out


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "1e9", "nan"])
def test_seconds_are_a_number(tiny: Path, capsys: pytest.CaptureFixture[str], seconds: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["tune", "--model", str(tiny), "--seconds", seconds])
    assert end.value.code == 2
    assert "no number of seconds" in capsys.readouterr().err


def test_without_the_library_it_is_said_how_to_get_it(
    tiny: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert main(["tune", "--model", str(tiny)]) == 1
    assert "pip install" in capsys.readouterr().err


def test_bytes_are_read_as_people_write_them() -> None:
    assert [byte_count(text) for text in ("4e9", "4GB", "512MiB", "12 kb")] == [4 * 10**9, 4 * 10**9, 512 << 20, 12000]
