"""`edge update`, `edge backup` and `edge restore` at the command line."""

import json
from pathlib import Path

import pytest

from edge.cli.main import main
from tests.upkeep.makers import KEY, OTHER_KEY, bundle, installed


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in (("CONFIG", "etc/config.toml"), ("STATE", "state"), ("INSTALLATION", "opt")):
        monkeypatch.setenv(f"EDGE_{name}", str(tmp_path / value))
    (tmp_path / "etc/keys").mkdir(parents=True)
    (tmp_path / "etc/config.toml").write_text('node = "attic"\n[mqtt]\nbroker = "b"\npassword = "hunter2"\n')
    (tmp_path / "etc/keys/release.pub").write_text(KEY.public.text())
    (tmp_path / "state").mkdir()
    installed(tmp_path / "opt", "0.1.0")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str | Path, status: int = 0) -> dict[str, object]:
    assert main([*(str(word) for word in words), "--json"]) == status
    facts: dict[str, object] = json.loads(capsys.readouterr().out)
    return facts


def test_update_tells_what_runs_and_whom_it_believes(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = said(capsys, "update")
    assert facts["running"] == "0.1.0"
    assert facts["keys"] == [KEY.id]
    assert facts["last"] is None


def test_check_tells_what_can_be_applied_and_why_something_can_not(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = bundle(board, "0.2.0")
    facts = said(capsys, "update", "--check", good)
    assert facts["offered"] == [
        {
            "source": str(good),
            "version": "0.2.0",
            "signed_by": KEY.id,
            "bytes": facts["offered"][0]["bytes"],  # type: ignore[index]
            "notes": "",
            "why_not": "",
            "already": False,
        }
    ]
    strange = bundle(board, "0.3.0", signers=(OTHER_KEY,))
    facts = said(capsys, "update", "--check", strange, status=1)
    assert OTHER_KEY.id in facts["offered"][0]["why_not"]  # type: ignore[index]


def test_the_newest_of_a_stick_is_applied_and_can_be_gone_back_from(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stick = board / "stick"
    (stick / "edge").mkdir(parents=True)
    for version in ("0.2.0", "0.3.0"):
        bundle(board, version).rename(stick / f"edge/{version}.bundle")
    facts = said(capsys, "update", "--apply", stick)
    assert facts["ended"]["version"] == "0.3.0"  # type: ignore[index]
    assert said(capsys, "update")["running"] == "0.3.0"
    assert "runs already" in str(said(capsys, "update", "--apply", stick)["why_not"])


def test_nothing_offered_is_said(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (board / "empty").mkdir()
    assert main(["update", "--apply", str(board / "empty")]) == 1
    assert "has no bundle" in capsys.readouterr().err


def test_where_edge_is_not_installed_in_releases_that_is_said(
    board: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDGE_INSTALLATION", str(board / "nowhere"))
    assert main(["update", "--rollback"]) == 1
    assert "edge is not installed in releases here" in capsys.readouterr().err


def test_a_backup_and_back(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = board / "words"
    words.write_text("correct horse\n")
    facts = said(capsys, "backup", board / "a.backup", "--passphrase-file", words)
    assert facts["encrypted"] is True
    (board / "etc/config.toml").write_text("")
    facts = said(capsys, "restore", board / "a.backup", "--passphrase-file", words)
    assert facts["node"] == "attic"
    assert "hunter2" in (board / "etc/config.toml").read_text()
    assert said(capsys, "restore", "--recover") == {"recovered": False}


def test_daily_backups_go_where_the_settings_say_and_the_oldest_go(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (board / "etc/config.toml").open("a") as stream:
        stream.write("[backup]\nkeep = 1\n")
    old = board / "state/backups/edge-attic-20200101T000000Z.backup"
    old.parent.mkdir()
    old.write_text("")
    facts = said(capsys, "backup", "--daily")
    assert facts["removed"] == [str(old)]
    assert len(list(old.parent.iterdir())) == 1
    assert facts["left_out"]


def test_a_directory_that_is_not_there_is_not_made(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "--keep", "3", str(board / "media/stick")]) == 1
    assert "is the stick or drive mounted?" in capsys.readouterr().err


def test_restore_wants_a_file(board: Path) -> None:
    assert main(["restore"]) == 2
