"""What a stick brings: taken where it is whole and there is room, refused where it is a trap."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from edge.appliance import usb
from edge.appliance.offers import Judged, judge_by
from edge.appliance.usb import WAITING, Import, import_from
from edge.files import held
from edge.models import ModelStore
from tests.gguf_maker import make
from tests.upkeep.makers import OTHER_KEY, board, bundle, quiet


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
    return list(import_from(stick, stick.parent / "state", believed))


def believed(file: Path) -> Judged:
    """Every update is one, of the version in its name."""
    return Judged(file, file.stem.removeprefix("edge-"))


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
    (stick / "Edge/edge-0.9.0.bundle").write_bytes(b"older")
    (stick / "Edge/edge-0.10.0.bundle").write_bytes(b"newer")
    (one,) = imported(stick)
    assert (one.what, one.done) == ("update", True)
    waiting = stick.parent / "state/updates" / WAITING
    assert waiting.read_bytes() == b"newer"
    assert [file.name for file in waiting.parent.iterdir()] == [WAITING]


def test_an_update_that_runs_already_is_not_copied_at_every_start(stick: Path, tmp_path: Path) -> None:
    house = board(tmp_path / "house")
    shutil.copy(bundle(tmp_path, "0.2.0"), stick / "Edge")
    judge = judge_by(house.updater)
    (one,) = import_from(stick, stick.parent / "state", judge)
    assert (one.name, one.done, one.text) == ("edge-0.2.0.bundle", True, "")
    waiting = stick.parent / "state/updates" / WAITING
    house.updater.apply(waiting, quiet)
    waiting.unlink()
    for _ in range(2):
        (one,) = import_from(stick, stick.parent / "state", judge)
        assert (one.done, one.text) == (True, "it runs already")
        assert not waiting.exists()


def test_of_several_the_newest_that_fits_is_taken(stick: Path, tmp_path: Path) -> None:
    """One for another processor, one too far a step, one that nobody here knows, and two that would do."""
    house = board(tmp_path / "house")
    made = [
        bundle(tmp_path / "a", "0.9.0", architecture="riscv64"),
        bundle(tmp_path / "b", "0.8.0", least="0.7.0"),
        bundle(tmp_path / "c", "0.7.0", signers=(OTHER_KEY,)),
        bundle(tmp_path / "d", "0.2.0"),
        bundle(tmp_path / "e", "0.3.0"),
    ]
    for file in made:
        shutil.copy(file, stick / "Edge")
    (one,) = import_from(stick, stick.parent / "state", judge_by(house.updater))
    assert (one.name, one.done) == ("edge-0.3.0.bundle", True)


@pytest.mark.parametrize(
    ("version", "changes", "why"),
    [
        ("0.2.0", {"architecture": "riscv64"}, "riscv64"),
        ("0.2.0", {"signers": (OTHER_KEY,)}, "signed with the key"),
        ("0.0.9", {}, "older than"),
        ("0.2.0", {"python": "3.1"}, "Python 3.1"),
    ],
)
def test_an_update_that_is_not_for_this_machine_is_refused_before_it_is_copied(
    stick: Path, tmp_path: Path, version: str, changes: dict[str, Any], why: str
) -> None:
    house = board(tmp_path / "house")
    shutil.copy(bundle(tmp_path, version, **changes), stick / "Edge")
    (one,) = import_from(stick, stick.parent / "state", judge_by(house.updater))
    assert not one.done
    assert why in one.text
    assert str(stick) not in one.text
    assert not (stick.parent / "state/updates").exists()


def test_two_sticks_at_once_do_not_write_into_one_file(stick: Path) -> None:
    (stick / "Edge/edge-0.3.0.bundle").write_bytes(b"newer")
    updates = stick.parent / "state/updates"
    updates.mkdir()
    with held(updates, AssertionError("nobody else is here")):
        (one,) = imported(stick)
    assert not one.done
    assert "another stick" in one.text


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
