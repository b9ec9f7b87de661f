"""What shells complete comes from the parsers: each verb, its options, the choices of each."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge.cli.completion import commands
from edge.cli.main import VERBS, main

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What is written for each shell."""
    directory, found = tmp_path_factory.mktemp("completion"), {}
    for shell in ("bash", "zsh", "fish"):
        written = subprocess.run(
            [*_edge(), "completion", shell], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
        )
        found[shell] = directory / shell
        found[shell].write_text(written.stdout)
    return found


def _edge() -> list[str]:
    import sys

    return [sys.executable, "-m", "edge"]


def test_every_verb_and_what_is_below_it_is_there() -> None:
    there = {command.words: command for command in commands()}
    assert set(VERBS) <= set(there)
    assert "models pull" in there
    options = {name for option in there["doctor"].options for name in option.names}
    assert {"--fix", "--yes", "--deep", "--json"} <= options


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("edge", "doc"), {"doctor"}),
        (("edge", "models", "re"), {"recommend"}),
        (("edge", "run", "--log-level", ""), {"debug", "info", "warning", "error"}),
        (("edge", "log", "service", "--fol"), {"--follow"}),
        (("edge", "completion", "f"), {"fish"}),
        (("edge", "say", "--wav", ""), set()),
    ],
)
def test_bash_completes(scripts: dict[str, Path], words: tuple[str, ...], wanted: set[str]) -> None:
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _edge; printf "%s\\n" "${COMPREPLY[@]}"'
    said = subprocess.run(
        ["bash", "-c", script, "bash", str(scripts["bash"]), *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert set(said.stdout.split()) == wanted


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_can_read_theirs(scripts: dict[str, Path], shell: str) -> None:
    text = scripts[shell].read_text()
    assert all(f"{verb}" in text for verb in VERBS)
    if shutil.which(shell) is not None:
        subprocess.run([shell, "-n", str(scripts[shell])], check=True, timeout=60)


def test_a_shell_that_is_not_known_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["completion", "tcsh"])
    assert "fish" in capsys.readouterr().err
