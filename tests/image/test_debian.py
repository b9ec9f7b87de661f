"""The lock of Debian packages: written, read, fetched, refused."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image.debian import DebianError, Lock, Package, Use, fetch, printed_files, read_lock, read_wanted, written

ROOT = Path(__file__).parents[2]
MOMENT = datetime(2026, 11, 21, 6, 30, 25, tzinfo=UTC)
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789+-.", min_size=1, max_size=20)


def package(name: str, content: bytes = b"deb", use: Use = Use.INSTALL) -> Package:
    digest = hashlib.sha256(content).hexdigest()
    return Package(name, "1:2.0-3", digest, len(content), f"debian/pool/main/n/{name}_2.0-3_arm64.deb", use)


@given(st.lists(st.tuples(WORDS, st.sampled_from(Use)), min_size=1, max_size=8, unique_by=lambda one: one[0]))
def test_a_lock_is_read_as_it_was_written(entries: list[tuple[str, Use]]) -> None:
    lock = Lock(MOMENT, tuple(package(name, use=use) for name, use in entries))
    again = read_lock(written(lock))
    assert again.moment == MOMENT
    assert set(again.packages) == set(lock.packages)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader_of_locks(text: str) -> None:
    try:
        read_lock(text)
    except DebianError as error:
        assert "image/lock.sh" in str(error)


def test_a_lock_says_which_line_is_wrong() -> None:
    text = written(Lock(MOMENT, (package("nano"),))) + "install nano\n"
    with pytest.raises(DebianError, match="line 4"):
        read_lock(text)


def test_the_shipped_lock_has_what_is_wanted() -> None:
    lock = read_lock((ROOT / "image/packages.lock").read_text())
    wanted = read_wanted((ROOT / "image/packages.txt").read_text())
    names = {one.name for one in lock.packages}
    assert {name for name in wanted["install"] if not name.endswith("-")} <= names
    assert any(one.name.startswith("linux-modules-") for one in lock.of(Use.UNPACK))
    assert {one.name for one in lock.of(Use.BUILD)} == set(wanted["build"])


def test_comments_and_sections_are_told_apart() -> None:
    assert read_wanted("# what\n[install]\nnano  # an editor\n\n[unpack]\na/b\n") == {
        "install": ["nano"],
        "unpack": ["a/b"],
    }
    with pytest.raises(DebianError, match="line 2"):
        read_wanted("[install]\ntwo words\n")


def test_what_apt_prints_becomes_files() -> None:
    digest = "ab" * 32
    file = "x_1%2b2_arm64.deb"
    said = f"Reading lists...\n'http://deb.debian.org/debian/pool/{file}' {file} 17 SHA256:{digest}\n"
    assert printed_files(said) == [("http://deb.debian.org/debian/pool/x_1%2b2_arm64.deb", file, 17, digest)]


def test_offline_takes_what_is_whole_and_names_what_is_missing(tmp_path: Path) -> None:
    whole, broken = package("whole", b"right"), package("broken", b"right")
    (tmp_path / whole.file).write_bytes(b"right")
    (tmp_path / broken.file).write_bytes(b"wrong")
    fetch([whole], tmp_path, offline=True, moment=MOMENT)
    with pytest.raises(DebianError, match=r"1 packages .*broken_2\.0-3"):
        fetch([whole, broken], tmp_path, offline=True, moment=MOMENT)
