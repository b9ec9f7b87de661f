"""systemd/install.sh by itself: which machines it takes, what it says, what it would do; installing is tried elsewhere
(`systemd/test_install.sh`)."""

import os
import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


def shell(script: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run with the installer's functions."""
    return subprocess.run(
        ["bash", "-euc", f"source systemd/prepare.sh; source systemd/machine.sh; {script}"],
        cwd=TOP,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("release", "taken"),
    [
        ('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"', True),
        ('ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian 13"', True),
        ("ID=debian\nPRETTY_NAME='Debian sid'", True),
        ('ID=debian\nVERSION_ID="11"', False),
        ('ID=raspbian\nVERSION_ID="12"', True),
        ('ID=ubuntu\nVERSION_ID="24.04"', True),
        ('ID=ubuntu\nVERSION_ID="26.04"', True),
        ('ID=ubuntu\nVERSION_ID="22.04"', False),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"', True),
        ("ID=alpine\nVERSION_ID=3.20", False),
    ],
)
def test_machines_are_taken_or_refused_with_the_reason(tmp_path: Path, release: str, taken: bool) -> None:
    (tmp_path / "os-release").write_text(release)
    done = shell("supported_machine", OS_RELEASE=str(tmp_path / "os-release"), TEGRA_RELEASE="/nonexistent")
    assert (done.returncode == 0) is taken
    if not taken:
        assert "needed" in done.stderr


@pytest.mark.parametrize(("release", "taken"), [("36", True), ("38", True), ("35", False), ("32", False)])
def test_older_jetpacks_are_refused_with_the_reason(tmp_path: Path, release: str, taken: bool) -> None:
    (tmp_path / "os-release").write_text('ID=ubuntu\nVERSION_ID="22.04"')
    (tmp_path / "tegra").write_text(f"# R{release} (release), REVISION: 4.0, GCID: 37537400, BOARD: generic\n")
    done = shell("supported_machine", OS_RELEASE=str(tmp_path / "os-release"), TEGRA_RELEASE=str(tmp_path / "tegra"))
    assert (done.returncode == 0) is taken
    assert ("JetPack 6" in done.stderr) is not taken


def test_a_dry_run_changes_nothing_and_says_what_it_would_do() -> None:
    done = subprocess.run(
        ["bash", "systemd/install.sh", "--dry-run"], cwd=TOP, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "/opt/edge/releases/" in done.stdout
    assert "Nothing was changed" in done.stdout


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--offline"]])
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    done = subprocess.run(
        ["bash", "systemd/install.sh", *arguments], cwd=TOP, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "install.sh" in done.stderr


def test_files_lie_where_units_look_for_them(tmp_path: Path) -> None:
    done = shell('install_system_files "$ROOT" service image', ROOT=str(tmp_path))
    assert done.returncode == 0, done.stderr
    listed = done.stdout.split()
    assert all((tmp_path / name.lstrip("/")).is_file() for name in listed)
    called = set()
    for name in listed:
        text = (tmp_path / name.lstrip("/")).read_text()
        called |= set(re.findall(r"(?<=[= ])/usr/lib/edge/[\w.-]+", text))
    assert called
    assert called <= set(listed)
    assert os.access(tmp_path / "usr/lib/edge/keep-journal", os.X_OK)


def test_removing_them_takes_the_directories_that_were_made_for_them_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "usr/local/share/zsh/site-functions").mkdir(parents=True)
    (tmp_path / "etc/profile.d").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    script = """
        source systemd/uninstall.sh
        run() { "$@"; }
        dry=false INSTALLED=$NOTES
        mkdir "$NOTES"
        for again in 1 2; do
            NEW_DIRECTORIES=$NOTES/new install_system_files "$ROOT" service | sed "s#^#$ROOT#" >"$NOTES/files"
        done
        sed "s#^#$ROOT#" "$NOTES/new" >"$NOTES/directories"
        touch "$ROOT/usr/local/share/fish/somebodys"
        remove_files
    """
    done = shell(script, ROOT=str(tmp_path), NOTES=str(tmp_path) + "-notes")
    assert done.returncode == 0, done.stderr
    fish = tmp_path / "usr/local/share/fish"
    assert sorted(tmp_path.rglob("*")) == sorted([*before, fish, fish / "somebodys"])


def test_units_are_switched_on_without_systemd_too(tmp_path: Path) -> None:
    done = shell(
        'install_system_files "$ROOT" service >/dev/null; enable_units "$ROOT" edge.service', ROOT=str(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    link = tmp_path / "etc/systemd/system/multi-user.target.wants/edge.service"
    assert str(link.readlink()) == "/usr/local/lib/systemd/system/edge.service"
    shell('disable_units "$ROOT" edge.service', ROOT=str(tmp_path))
    assert not link.is_symlink()


def test_the_warnings_of_the_journal_are_kept_within_bounds(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "journalctl").write_text("#!/bin/sh\nhead -c 3000 /dev/zero | tr '\\0' 'w'\n")
    (programs / "journalctl").chmod(0o755)
    kept = tmp_path / "kept"
    kept.mkdir()
    for _ in range(8):
        subprocess.run(
            ["sh", str(TOP / "systemd/keep-journal"), str(kept), "5000"],
            env={"PATH": f"{programs}:/usr/bin:/bin"},
            check=True,
        )
    sizes = {file.name: file.stat().st_size for file in kept.iterdir()}
    assert sizes
    assert set(sizes) <= {"warnings.log", "warnings.1.log"}
    assert max(sizes.values()) <= 5000


def test_a_cursor_that_is_damaged_does_not_end_the_keeping_of_warnings(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "journalctl").write_text(
        f"#!/bin/sh\n[ ! -e {tmp_path}/kept/cursor ] || exit 1\necho a warning\necho s=1 >{tmp_path}/kept/cursor\n"
    )
    (programs / "journalctl").chmod(0o755)
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "cursor").touch()
    subprocess.run(
        ["sh", str(TOP / "systemd/keep-journal"), str(kept), "5000"],
        env={"PATH": f"{programs}:/usr/bin:/bin"},
        check=True,
    )
    assert (kept / "warnings.log").read_text() == "a warning\n"
