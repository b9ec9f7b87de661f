"""What checks find of the program itself and of its models: release, router, language model."""

import json
import shutil
from pathlib import Path

import pytest

from edge.health.checks.model_output import OutputFacts
from edge.health.checks.model_output import check as check_output
from edge.health.finding import Severity
from edge.llm.fast_path import Verdicts, verdict_key
from edge.models import ModelStore
from edge.router import golden
from edge.router.network import NetworkError
from edge.tuning import probe
from tests.bench.faults.house import release, tree
from tests.gguf_maker import make
from tests.health.checks.test_machine import found, ground


def test_a_release_is_held_against_its_record(tmp_path: Path) -> None:
    on = ground(tmp_path)
    release(tmp_path / "i")
    assert [one.severity for one in found("release", on)] == [Severity.OK]
    site = tmp_path / "i/releases/1.0.0/lib/python3.11/site-packages"
    (site / "edge/errors.py").write_text("pass\n")
    (site / "edge/log.py").unlink()
    (finding,) = found("release", on)
    assert finding.severity is Severity.PROBLEM
    assert finding.evidence == "edge/errors.py was changed; edge/log.py is gone"
    assert "edge update --apply" in finding.remedy


def test_the_router_that_is_shipped_is_the_one_that_is_known(tmp_path: Path) -> None:
    """Where this fails after training: `python -m edge.router.golden`."""
    assert golden.known().digests == golden.digests()
    (finding,) = found("router", ground(tmp_path))
    assert (finding.severity, "10 sentences" in finding.text) == (Severity.OK, True)


def test_weights_that_are_others_answer_otherwise(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(golden.FOLDER, folder)
    words = folder / "words.bin"
    data = words.read_bytes()
    words.write_bytes(data[13 * 385 :] + data[: 13 * 385])
    assert golden.digests(folder) != golden.known().digests
    assert golden.answers(folder) != golden.known().answers
    words.unlink()
    assert "words.bin" not in golden.digests(folder)
    with pytest.raises(NetworkError):
        golden.answers(folder)


def test_a_model_file_that_lost_its_end_is_told(tmp_path: Path) -> None:
    on = ground(tmp_path)
    assert found("model", on) == []
    store = ModelStore(on.loaded.places.models)
    store.use(store.add(make(tmp_path / "talker.gguf")).name)
    assert found("model", ground(tmp_path))[0].severity is Severity.OK
    file = store.get("talker").path
    file.write_bytes(file.read_bytes()[:-1000])
    (finding,) = found("model", ground(tmp_path))
    assert finding.severity is Severity.PROBLEM
    assert "edge models add" in finding.remedy


def test_a_model_that_does_not_fit_is_told_with_what_does(tmp_path: Path) -> None:
    on = ground(tmp_path)
    tree(on.root)
    store = ModelStore(on.loaded.places.models)
    store.use(store.add(make(tmp_path / "talker.gguf")).name)
    (finding,) = found("memory", on)
    assert finding.severity is Severity.OK
    (on.root / "proc/meminfo").write_text("MemTotal: 100000 kB\nMemAvailable: 1000 kB\n")
    (finding,) = found("memory", ground(tmp_path))
    assert finding.severity is Severity.PROBLEM
    assert "MB" in finding.evidence
    assert "edge models recommend" in finding.remedy


def test_what_the_running_service_has_loaded_fits(tmp_path: Path) -> None:
    model = {"state": "ready", "model": "talker", "n_ctx": 2048, "resident_bytes": 500_000_000}
    (finding,) = found("memory", ground(tmp_path, status={"model": model}))
    assert finding.severity is Severity.OK
    limited = {"limited": True, "steps": [{"why": "it is hot"}]}
    (finding,) = found("memory", ground(tmp_path, status={"model": model, "governor": limited}))
    assert (finding.severity, "it is hot" in finding.text) == (Severity.NOTE, True)


def test_what_was_measured_of_the_output_is_told(tmp_path: Path) -> None:
    on = ground(tmp_path)
    tree(on.root)
    store = ModelStore(on.loaded.places.models)
    store.use(store.add(make(tmp_path / "talker.gguf")).name)
    header, hardware = store.header(store.get("talker")), probe(on.root)
    (tmp_path / "state/llm").mkdir()
    verdicts = Verdicts(tmp_path / "state/llm")
    (finding,) = found("model_output", on)
    if "llama" in finding.text:
        pytest.skip("the model's library is not installed")
    assert "never measured" in finding.text
    verdicts.remember(verdict_key(header, hardware, fast=False), works=True)
    assert found("model_output", ground(tmp_path))[0].severity is Severity.OK
    verdicts.remember(verdict_key(header, hardware, fast=False), works=False, why="weights of type Q8_0")
    (finding,) = found("model_output", ground(tmp_path))
    assert (finding.severity, finding.evidence) == (Severity.PROBLEM, "weights of type Q8_0")
    assert "--deep" in finding.remedy


def test_a_fast_path_that_computes_wrongly_is_a_note() -> None:
    (finding,) = check_output(OutputFacts("m", fast_wrong="it crashed", measured="2026-01-02T03:04:05"))
    assert (finding.severity, "2026-01-02" in finding.text) == (Severity.NOTE, True)


def test_known_answers_can_be_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golden, "FILE", tmp_path / "golden.json")
    golden.write()
    assert json.loads((tmp_path / "golden.json").read_text())["digests"] == golden.digests()
