"""What is shipped: the wheel's contents, the version, the reasons for each dependency."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import edge
from edge.cli.main import VERBS

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements() -> Iterator[str]:
    """The name of every package that is asked for, in any extra."""
    for line in [
        *PROJECT["dependencies"],
        *(line for extra in PROJECT["optional-dependencies"].values() for line in extra),
    ]:
        yield re.split(r"[^A-Za-z0-9_-]", line)[0]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """The names of the files in a wheel of this checkout."""
    from hatchling.builders.wheel import WheelBuilder

    directory = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(directory), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        yield set(archive.namelist())


def test_the_wheel_has_every_module_and_all_data_that_runs_need(wheel: set[str]) -> None:
    in_checkout = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "edge").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and "training" not in file.parts
    }
    assert in_checkout <= wheel
    profiles = {f"edge/tuning/boards/{file.name}" for file in (ROOT / "profiles").glob("*.toml")}
    assert profiles
    assert {"edge/py.typed", "edge/router/functions.toml", *profiles} <= wheel


def test_the_wheel_leaves_training_and_tests_at_home(wheel: set[str]) -> None:
    assert not [name for name in wheel if "training" in name or name.startswith("tests")]


def test_the_command_and_the_licence_are_in_the_wheel(wheel: set[str]) -> None:
    information = f"edge_assistant-{edge.__version__}.dist-info"
    assert {f"{information}/entry_points.txt", f"{information}/licenses/LICENSE"} <= wheel


def test_the_version_is_said_once_over() -> None:
    assert PROJECT["version"] == edge.__version__
    assert f"## [{edge.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(set(requirements())))
def test_every_dependency_is_accounted_for(name: str) -> None:
    assert re.search(rf"^\| `{name}`", (ROOT / "docs/dependencies.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_file(verb: str) -> None:
    assert (ROOT / f"edge/cli/{verb}.py").is_file()


def test_no_library_keeps_or_tells_of_its_use(tmp_path: Path) -> None:
    """onnxruntime's own collector, which is on unless it is told otherwise, begins with a database in the home."""
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}  # nothing that says that tests are run, either
    program = "from edge.router.network import Network; assert Network.load().read('turn on the lamp')"
    subprocess.run([sys.executable, "-c", program], env=environ, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []
