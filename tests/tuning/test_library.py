"""What tells one build of llama.cpp from another."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.tuning.library import library_digest


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only build that is found, of two files."""
    (tmp_path / "llama_cpp" / "lib").mkdir(parents=True)
    for name in ("__init__.py", "llama_cpp.py", "lib/libllama.so"):
        (tmp_path / "llama_cpp" / name).write_text("")
    monkeypatch.delitem(sys.modules, "llama_cpp", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    library_digest.cache_clear()
    yield tmp_path / "llama_cpp"
    library_digest.cache_clear()


def test_another_library_is_another_build(build: Path) -> None:
    first = library_digest()
    assert first
    library_digest.cache_clear()
    (build / "lib" / "libllama.so").write_text("newer")
    assert library_digest() not in ("", first)


def test_a_build_of_which_files_are_gone_has_a_digest_all_the_same(build: Path) -> None:
    first = library_digest()
    library_digest.cache_clear()
    (build / "llama_cpp.py").unlink()
    (build / "lib" / "libllama.so").unlink()
    assert library_digest() not in ("", first)
