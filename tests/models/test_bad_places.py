"""Disks that are full, stores that can't be written, files that vanish: a message each, and nothing half-done."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.models import GgufError, ModelError, ModelStore
from tests.models.hub_server import REPOSITORY, HubServer, digest, serving

FILE = "tiny-Q8_0.gguf"
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from edge.cli.main import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def hub(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub with one model, which a configuration names."""
    with serving() as server:
        server.files = {FILE: tiny.read_bytes()}
        monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
        monkeypatch.setenv("EDGE_MODELS__HUB", server.url)
        yield server


def limited(limit: int, *words: str) -> subprocess.CompletedProcess[str]:
    """`edge` where no file may grow beyond a limit: writing fails part of the way, as on a full disk."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *words], capture_output=True, text=True, check=False
    )


def test_a_pull_that_fills_the_disk_keeps_what_came_and_goes_on(hub: HubServer, tmp_path: Path) -> None:
    limit = len(hub.files[FILE]) // 2
    stopped = limited(limit, "models", "pull", REPOSITORY, "--yes")
    assert stopped.returncode == 1
    assert "make room, then pull again" in stopped.stderr
    models = tmp_path / "state/models"
    assert not list(models.glob("*.gguf"))
    assert (models / ".pull/tiny-Q8_0/files" / FILE).stat().st_size == limit
    sent = hub.sent
    went_on = limited(1 << 30, "models", "--json", "pull", REPOSITORY, "--yes")
    assert json.loads(went_on.stdout)["sha256"] == digest(hub.files[FILE])
    assert hub.seen[-1].headers["Range"] == f"bytes={limit}-"
    assert hub.sent - sent == len(hub.files[FILE]) - limit


def test_an_add_that_fills_the_disk_leaves_nothing(hub: HubServer, tmp_path: Path, tiny: Path) -> None:
    stopped = limited(tiny.stat().st_size // 2, "models", "add", str(tiny))
    assert stopped.returncode == 1
    assert "could not be copied" in stopped.stderr
    assert [path.name for path in (tmp_path / "state/models").iterdir()] == [".lock"]


@pytest.fixture
def without_rights() -> Iterator[Path]:
    """A directory that this process may not write to, even if it is root's."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    store = place / "models"
    store.mkdir()
    yield store
    shutil.rmtree(place)


@pytest.fixture
def as_nobody() -> Iterator[None]:
    """The rights of nobody in particular, where this process has more."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


class TestAStoreThatCanNotBeWritten:
    """Reading works, changing says why not."""

    @pytest.fixture
    def store(self, without_rights: Path, tiny: Path) -> ModelStore:
        """A store with one model, whose owner has locked it."""
        store = ModelStore(without_rights)
        store.add(tiny)
        for path in without_rights.iterdir():
            path.chmod(0o444)
        without_rights.chmod(0o555)
        return store

    def test_models_are_listed_and_checked(self, store: ModelStore, request: pytest.FixtureRequest) -> None:
        request.getfixturevalue("as_nobody")
        (model,) = store.models()
        assert store.check(model) == model
        assert store.header(model).architecture == "qwen2"
        assert store.in_use() == model

    def test_a_touched_file_is_verified_though_it_can_not_be_noted(
        self, store: ModelStore, request: pytest.FixtureRequest
    ) -> None:
        (model,) = store.models()
        os.utime(model.path, ns=(5, 5))
        request.getfixturevalue("as_nobody")
        assert store.check(model).mtime_ns == 5
        assert store.models() == (model,)

    def test_changes_say_who_may_make_them(self, store: ModelStore, request: pytest.FixtureRequest) -> None:
        request.getfixturevalue("as_nobody")
        (model,) = store.models()
        for change in (lambda: store.remove(model.name), lambda: store.use(model.name)):
            with pytest.raises(ModelError, match=r"can't be written .*run as its owner"):
                change()

    def test_a_file_that_may_not_be_read_is_named(
        self, store: ModelStore, tmp_path: Path, tiny: Path, request: pytest.FixtureRequest
    ) -> None:
        shutil.copy(tiny, tmp_path / "mine.gguf")
        (tmp_path / "mine.gguf").chmod(0o000)
        request.getfixturevalue("as_nobody")
        with pytest.raises((ModelError, GgufError), match=r"mine\.gguf can't be read: Permission denied"):
            store.add(tmp_path / "mine.gguf")


def test_a_model_removed_while_a_pull_of_it_waits_is_pulled_again(hub: HubServer, tmp_path: Path) -> None:
    assert limited(1 << 30, "models", "pull", REPOSITORY, "--yes").returncode == 0
    (tmp_path / "state/models" / FILE).unlink()
    again = limited(1 << 30, "models", "--json", "pull", REPOSITORY, "--yes")
    assert json.loads(again.stdout)["sha256"] == digest(hub.files[FILE])
    assert (tmp_path / "state/models" / FILE).exists()
