"""A release made of installed packages, and the parts of the lock that it is made from."""

import io
import os
import tarfile
from pathlib import Path

from image.release import TAG, console_scripts, requirements, reuse, shape, trim

LOCK = """\
# made by hand
aiohttp==3.14.5 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via edge
lgpio==0.2.2.0 \\
    --hash=sha256:cc
"""


def installed(directory: Path) -> Path:
    site = directory / "site"
    info = site / "edge_assistant-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text("[console_scripts]\nedge = edge.cli.main:main\n\n[other]\nx = y:z\n")
    other = site / "tqdm-1.dist-info"
    other.mkdir()
    (other / "entry_points.txt").write_text("[console_scripts]\ntqdm = tqdm.cli:main\n")
    (site / "edge/tests").mkdir(parents=True)
    (site / "edge/tests/__init__.py").write_text("")
    (site / "edge/code.py").write_text("")
    (site / "edge/code.pyi").write_text("")
    (site / "bin").mkdir()
    (site / "bin/tqdm").write_text("")
    return site


def test_a_lock_is_parted_by_package() -> None:
    assert requirements(LOCK, frozenset({"lgpio"}), only=True).split() == ["lgpio==0.2.2.0", "\\", "--hash=sha256:cc"]
    without = requirements(LOCK, frozenset({"lgpio"}), only=False)
    assert "aiohttp" in without
    assert "lgpio" not in without


def test_only_our_own_programs_are_offered(tmp_path: Path) -> None:
    assert console_scripts(installed(tmp_path)) == {"edge": ("edge.cli.main", "main")}


def test_what_no_program_loads_is_left_out(tmp_path: Path) -> None:
    site = installed(tmp_path)
    trim(site)
    assert sorted(path.name for path in site.rglob("*") if path.is_file() and "dist-info" not in str(path)) == [
        "code.py"
    ]


def test_nothing_tells_where_the_builder_had_it(tmp_path: Path) -> None:
    site = installed(tmp_path)
    info = site / "tqdm-1.dist-info"
    for name in ("direct_url.json", "uv_cache.json"):
        (info / name).write_text(f"{tmp_path}")
    rows = ["edge/code.py,sha256=a,0", "../../bin/tqdm,sha256=b,3", "bin/tqdm,sha256=b,3", "tqdm-1.dist-info/RECORD,,"]
    (info / "RECORD").write_text("".join(f"{row}\n" for row in rows))
    trim(site)
    assert sorted(path.name for path in info.iterdir()) == ["RECORD", "entry_points.txt"]
    assert (info / "RECORD").read_text().splitlines() == [rows[0], rows[3]]


def test_a_release_is_a_virtual_environment_with_the_boards_python(tmp_path: Path) -> None:
    release = tmp_path / "release"
    release.mkdir()
    shape(installed(tmp_path), release, "1.2")
    assert (release / "bin/python").readlink() == Path("/usr/bin/python3.13")
    script = (release / "bin/edge").read_text()
    assert script.startswith("#!/opt/edge/releases/1.2/bin/python\n")
    assert "from edge.cli.main import main" in script
    assert os.access(release / "bin/edge", os.X_OK)
    assert "home = /usr/bin" in (release / "pyvenv.cfg").read_text()
    assert (release / "lib/python3.13/site-packages/edge/code.py").is_file()


def test_bytecode_is_taken_over_for_the_sources_that_are_the_same(tmp_path: Path) -> None:
    earlier, site = tmp_path / "earlier.tar", tmp_path / "site"
    with tarfile.open(earlier, "w") as archive:
        for name, content in {
            "./a/same.py": b"1",
            f"./a/__pycache__/same.{TAG}.pyc": b"one",
            "./a/new.py": b"2",
            f"./a/__pycache__/new.{TAG}.pyc": b"two",
        }.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    (site / "a").mkdir(parents=True)
    (site / "a/same.py").write_text("1")
    (site / "a/new.py").write_text("3")
    assert reuse(earlier, site) == [site / "a/new.py"]
    assert (site / f"a/__pycache__/same.{TAG}.pyc").read_bytes() == b"one"
    assert not (site / f"a/__pycache__/new.{TAG}.pyc").exists()


def test_without_an_earlier_build_everything_is_compiled(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    assert reuse(tmp_path / "none.tar", tmp_path) == [tmp_path / "a.py"]
