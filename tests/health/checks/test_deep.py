"""`--deep` with a real language model of the smallest kind: its library is measured, and what is found is kept."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.health.finding import Severity
from edge.models import ModelStore
from tests.gguf_maker import make
from tests.health.checks.test_machine import found, ground
from tests.llm.sabotage import Library

pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra"),
    pytest.mark.timeout(180),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A state with a model in use, where nothing was ever measured; the machine is the one that this runs on."""
    store = ModelStore(ground(tmp_path).loaded.places.models)
    store.use(store.add(make(tmp_path / "tiny.gguf")).name)
    (tmp_path / "tree").rmdir()
    (tmp_path / "tree").symlink_to("/")
    return tmp_path


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """One that does as it is told."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    return Library(tmp_path / "site/sitecustomize.py")


def test_what_was_measured_deep_is_known_afterwards(house: Path, library: Library) -> None:
    library.does(fast="well", plain="well")
    (finding,) = found("model_output", ground(house))
    assert "never measured" in finding.text
    (finding,) = found("model_output", ground(house, deep=True))
    assert (finding.severity, "measured now" in finding.text) == (Severity.OK, True), finding
    (finding,) = found("model_output", ground(house))
    assert (finding.severity, "as measured on" in finding.text) == (Severity.OK, True), finding


@pytest.mark.parametrize(
    ("fast", "plain", "severity", "said"),
    [
        ("crash", "well", Severity.NOTE, "fast path crashes"),
        ("nonsense", "well", Severity.NOTE, "fast path gives another output"),
        ("well", "nonsense", Severity.PROBLEM, "not to be believed"),
        ("crash", "crash", Severity.PROBLEM, "not to be believed"),
    ],
)
def test_a_library_that_fails_is_told_and_so_it_stays(
    house: Path, library: Library, fast: str, plain: str, severity: Severity, said: str
) -> None:
    library.does(fast=fast, plain=plain)
    for deep in (True, False):
        (finding,) = found("model_output", ground(house, deep=deep))
        assert (finding.severity, said in finding.text) == (severity, True), finding
        assert "--deep" in finding.remedy


def test_the_command_measures_with_the_library_as_it_is(house: Path) -> None:
    env = os.environ | {"EDGE_CONFIG": str(house / "config.toml"), "EDGE_STATE": str(house / "state")}
    command = [sys.executable, "-m", "edge", "doctor", "--deep", "--json", "model", "model_output", "memory"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    findings = {one["check"]: one for one in json.loads(done.stdout)["findings"]}
    assert findings["model"]["severity"] == findings["memory"]["severity"] == "ok"
    # A fast path that this machine's build gets wrong is a note; the plain one computes what it should.
    assert findings["model output"]["severity"] in ("ok", "note")
    assert "measured now" in findings["model output"]["text"]
    assert (house / "state/llm/fast-path.json").is_file()
