"""The sources that go with an image: which are fetched, from where, and only as Debian has signed them."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from image import sources
from image.debian import MIRROR, DebianError, Lock, printed_files
from image.sources import File, fetch_file, listed_sources

LOCK = Lock(datetime(2026, 11, 21, tzinfo=UTC), ())
DATA = b"a source"
SIGNED = hashlib.sha256(DATA).hexdigest()
PATH = "debian/pool/main/c/cpp/cpp_1%2b2%7ebpo.orig.tar.xz"


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Debian's, and the one that keeps what is gone from it."""
    monkeypatch.setattr(sources, "MIRROR", f"file://{tmp_path}/mirror")
    monkeypatch.setattr(sources, "SNAPSHOT", f"file://{tmp_path}/snapshot")
    (tmp_path / "out").mkdir()
    return tmp_path


def put(root: Path, data: bytes) -> None:
    file = root / PATH.replace("%2b", "+").replace("%7e", "~")
    file.parent.mkdir(parents=True)
    file.write_bytes(data)


def test_of_what_is_offered_debians_are_fetched() -> None:
    text = f"# head\nacl=2.3 {MIRROR}/debian/a.dsc libacl1\npiper=1 https://pypi.org/project/piper/1/#files piper\n\n"
    assert listed_sources(text) == ["acl=2.3"]


def test_apts_own_words_for_files_are_read() -> None:
    line = f"'{MIRROR}/{PATH}' cpp_1+2~bpo.orig.tar.xz 8 SHA256:{SIGNED}\nNeed to get 8 B\n"
    assert printed_files(line) == [(f"{MIRROR}/{PATH}", "cpp_1+2~bpo.orig.tar.xz", 8, SIGNED)]


def test_a_source_lies_there_under_its_own_name(mirror: Path) -> None:
    put(mirror / "mirror", DATA)
    for _ in range(2):
        fetch_file(File(PATH, SIGNED), LOCK, mirror / "out")
    assert (mirror / "out/cpp_1+2~bpo.orig.tar.xz").read_bytes() == DATA


def test_what_is_gone_from_the_mirror_is_had_as_it_was_then(mirror: Path) -> None:
    put(mirror / "snapshot/debian/20261121T000000Z", DATA)
    moved = mirror / "snapshot/debian/20261121T000000Z"
    (moved / "debian/pool").rename(moved / "pool")
    fetch_file(File(PATH, SIGNED), LOCK, mirror / "out")
    assert [file.name for file in (mirror / "out").iterdir()] == ["cpp_1+2~bpo.orig.tar.xz"]


def test_what_debian_has_not_signed_is_not_kept(mirror: Path) -> None:
    put(mirror / "mirror", b"something else")
    with pytest.raises(DebianError, match="not the one that Debian signed"):
        fetch_file(File(PATH, SIGNED), LOCK, mirror / "out")
    assert list((mirror / "out").iterdir()) == []
