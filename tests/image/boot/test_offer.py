"""The update that the boot test offers: signed, one version on, and a release for a machine that has the one before."""

import tomllib
import zipfile
from pathlib import Path

import pytest

from edge.upkeep.bundle import opened_bundle
from edge.upkeep.signature import PublicKey
from image.boot.offer import offered


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small one."""
    top = tmp_path / "checkout"
    (top / "edge/__pycache__").mkdir(parents=True)
    (top / "pyproject.toml").write_text(
        '[project]\nversion = "1.2.9"\n[project.scripts]\nedge = "edge.cli.main:main"\n'
    )
    (top / "LICENSE").write_text("as you like")
    (top / "edge/__init__.py").write_text('from typing import Final\n\n__version__: Final = "1.2.9"\n')
    (top / "edge/words.toml").write_text("a = 1\n")
    (top / "edge/__pycache__/old.pyc").write_bytes(b"")
    monkeypatch.chdir(top)
    return top


def test_it_is_signed_and_leads_one_version_on(checkout: Path, tmp_path: Path) -> None:
    offer = offered(tmp_path)
    assert (offer.before, offer.after) == ("1.2.9", "1.2.10")
    assert offer.drive.stat().st_size > 0
    key = PublicKey.parse((tmp_path / "offer/release.pub").read_text())
    with opened_bundle(tmp_path / "offer/edge.bundle", (key,)) as (bundle, _):
        assert bundle.manifest.version == "1.2.10"
        assert bundle.manifest.least == "1.2.9"
        assert sorted(file.name for file in bundle.manifest.files) == [
            "wheels/borrowed-1.whl",
            "wheels/edge_assistant-1.2.10.whl",
        ]


def test_it_is_the_checkouts_code_and_borrows_the_rest(checkout: Path, tmp_path: Path) -> None:
    offered(tmp_path)
    own, borrowed = sorted((tmp_path / "offer-wheels").iterdir(), reverse=True)
    with zipfile.ZipFile(own) as archive:
        names = set(archive.namelist())
        assert {"edge/__init__.py", "edge/words.toml", "edge_assistant-1.2.10.dist-info/entry_points.txt"} <= names
        assert not any(name.endswith(".pyc") for name in names)
        assert b'__version__: Final = "1.2.10"' in archive.read("edge/__init__.py")
    with zipfile.ZipFile(borrowed) as archive:
        where = archive.read("borrowed.pth").decode().strip()
    version = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]["version"]
    assert where == f"/opt/edge/releases/{version}/lib/python3.13/site-packages"
