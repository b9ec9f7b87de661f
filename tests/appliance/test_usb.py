"""What a stick brings: taken where it is whole and there is room, refused where it is a trap."""

import os
import shutil
from pathlib import Path

import pytest

from edge.appliance import usb
from edge.appliance.usb import WAITING, Import, import_from
from edge.models import ModelStore
from tests.gguf_maker import make


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """Mounted, with a folder for us."""
    (tmp_path / "stick/Edge").mkdir(parents=True)
    (tmp_path / "state/models").mkdir(parents=True)
    return tmp_path / "stick"


@pytest.fixture(scope="session")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("model") / "tiny.gguf"
    make(file, "tiny")
    return file


def imported(stick: Path) -> list[Import]:
    return list(import_from(stick, stick.parent / "state"))


def test_a_model_is_taken_in_and_used(stick: Path, gguf: Path) -> None:
    shutil.copy(gguf, stick / "Edge/tiny.gguf")
    (one,) = imported(stick)
    assert (one.name, one.what, one.done, one.text) == ("tiny", "language model", True, "")
    used = ModelStore(stick.parent / "state/models").in_use()
    assert used is not None
    assert used.name == "tiny"
    (again,) = imported(stick)
    assert again.text == "it was here already"


def test_only_the_folder_is_looked_at(stick: Path, gguf: Path) -> None:
    shutil.copy(gguf, stick / "tiny.gguf")
    assert imported(stick) == []
    shutil.rmtree(stick / "Edge")
    assert imported(stick) == []


def test_links_are_not_followed(stick: Path, gguf: Path, tmp_path: Path) -> None:
    (stick / "Edge/tiny.gguf").symlink_to(gguf)
    (stick / "Edge/update.bundle").symlink_to(gguf)
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.copy(gguf, outside / "other.gguf")
    (stick / "Edge/more").symlink_to(outside)
    results = imported(stick)
    assert [one.done for one in results] == [False]
    assert "link" in results[0].text
    assert ModelStore(stick.parent / "state/models").models() == ()
    assert not (stick.parent / "state/updates").exists()


def test_a_folder_that_is_a_link_is_none(stick: Path, gguf: Path, tmp_path: Path) -> None:
    shutil.rmtree(stick / "Edge")
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.copy(gguf, outside / "tiny.gguf")
    (stick / "edge").symlink_to(outside)
    assert imported(stick) == []


def test_what_is_no_model_is_told_and_the_next_is_taken(stick: Path, gguf: Path) -> None:
    (stick / "Edge/broken.gguf").write_bytes(os.urandom(2000))
    (stick / "Edge/voice.onnx").write_bytes(b"")
    os.mkfifo(stick / "Edge/pipe.gguf")
    shutil.copy(gguf, stick / "Edge/tiny.gguf")
    results = {one.name: one for one in imported(stick)}
    assert results["tiny"].done
    assert not results["broken.gguf"].done
    assert not any(one.done for name, one in results.items() if name != "tiny")


def test_a_model_that_would_fill_the_card_is_refused(stick: Path, gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(gguf, stick / "Edge/tiny.gguf")
    monkeypatch.setattr(usb, "LEFT_FREE_BYTES", 1 << 50)
    (one,) = imported(stick)
    assert not one.done
    assert "no room" in one.text


def test_an_update_waits_under_a_name_of_our_own(stick: Path) -> None:
    (stick / "Edge/edge-0.2.0.bundle").write_bytes(b"older")
    (stick / "Edge/edge-0.3.0.bundle").write_bytes(b"newer")
    (one,) = imported(stick)
    assert (one.what, one.done) == ("update", True)
    waiting = stick.parent / "state/updates" / WAITING
    assert waiting.read_bytes() == b"newer"
    assert [file.name for file in waiting.parent.iterdir()] == [WAITING]


def test_a_stick_that_is_pulled_out_leaves_no_half_update(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (stick / "Edge/edge-0.3.0.bundle").write_bytes(b"newer")
    real = os.open

    def gone(path: object, *rest: int) -> int:
        number = real(path, *rest)  # type: ignore[arg-type]
        if str(path).endswith(".bundle"):
            os.lseek(number, 3, os.SEEK_SET)
        return number

    monkeypatch.setattr("edge.appliance.usb.os.open", gone)
    (one,) = imported(stick)
    assert not one.done
    assert "pulled out" in one.text
    assert list((stick.parent / "state/updates").iterdir()) == []
