"""The bill of materials, the offer of sources, the manifest and the notes."""

import json
from datetime import UTC, datetime
from pathlib import Path

from image.debian import Lock, Package
from image.manifest import Measured, imager_manifest, measured, release_notes
from image.sbom import Part, bill, licences_in, offered_sources, python_parts
from image.sources import listed_sources

LOCK = Lock(datetime(2026, 11, 21, tzinfo=UTC), (Package("a", "1", "0" * 64, 1, "debian/a.deb"),))
ESPEAK = Part(
    name="libespeak-ng1",
    version="1.52",
    purl="pkg:deb/debian/libespeak-ng1@1.52",
    licences=("GPL-3+",),
    sha256="ab" * 32,
    source="espeak-ng=1.52",
    source_url="http://deb.debian.org/debian/pool/main/e/espeak-ng/espeak-ng_1.52.dsc",
)
NUMPY = Part("numpy", "2", "pkg:pypi/numpy@2", ("BSD-3-Clause",))
PIPER = Part("piper-tts", "1", "pkg:pypi/piper-tts@1", ("GPL-3.0-or-later",), source_url="https://pypi.org/x")


def test_the_bill_names_every_part_and_is_the_same_for_the_same_parts() -> None:
    document = bill([NUMPY, ESPEAK], "1.0", 1_795_000_000)
    assert document == bill([ESPEAK, NUMPY], "1.0", 1_795_000_000)
    assert document["bomFormat"] == "CycloneDX"
    assert [component["name"] for component in document["components"]] == ["libespeak-ng1", "numpy"]
    assert document["components"][0]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert json.loads(json.dumps(document)) == document


def test_sources_are_offered_for_copyleft_alone() -> None:
    offered = offered_sources([ESPEAK, NUMPY, PIPER], LOCK)
    assert "espeak-ng=1.52 http" in offered
    assert "piper-tts=1 https" in offered
    assert "numpy" not in offered
    assert listed_sources(offered) == ["espeak-ng=1.52"]


def test_sources_are_offered_where_no_machine_can_read_the_licence() -> None:
    crypt = Part("libcrypt1", "4.4", "pkg:deb/debian/libcrypt1@4.4", (), source="libxcrypt=4.4", source_url="http://x")
    assert "libxcrypt=4.4 http://x libcrypt1" in offered_sources([crypt], LOCK)


def test_licences_are_read_from_debians_copyright_files() -> None:
    assert licences_in("Files: *\nLicense: GPL-3+\n text\n\nFiles: b\nLicense: Expat\n") == ("Expat", "GPL-3+")
    assert licences_in("The text is in /usr/share/common-licenses/LGPL-2.1.\n") == ("LGPL-2.1",)


def test_python_packages_are_found_with_their_licences(tmp_path: Path) -> None:
    for name, lines in {
        "a": "License-Expression: MIT",
        "b": "Classifier: License :: OSI Approved :: BSD License",
    }.items():
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n{lines}\n")
    assert [(part.name, part.licences) for part in python_parts(tmp_path)] == [("a", ("MIT",)), ("b", ("BSD License",))]


def test_imager_is_told_where_the_image_is_and_what_it_must_be(tmp_path: Path) -> None:
    file = tmp_path / "edge-1.0-arm64.img.zst"
    file.write_bytes(b"packed")
    packed = measured(file)
    manifest = imager_manifest("1.0", file.name, "https://example.org/edge/", Measured(9, "ff"), packed, 1_795_000_000)
    (entry,) = manifest["os_list"]
    assert entry["url"] == "https://example.org/edge/edge-1.0-arm64.img.zst"
    assert (entry["extract_size"], entry["extract_sha256"]) == (9, "ff")
    assert (entry["image_download_size"], entry["image_download_sha256"]) == (6, packed.sha256)
    assert "pi5-64bit" in entry["devices"]


def test_notes_are_the_versions_part_of_the_changelog() -> None:
    changelog = "# Changes\n\n## [Unreleased]\n- new\n\n## [0.1.0]\n- old\n"
    assert release_notes(changelog, "0.1.0") == "- new"
    assert release_notes("# Changes\n\n## [0.2.0] - 2026-12-01\n- two\n\n## [0.1.0]\n- one\n", "0.2.0") == "- two"
    assert release_notes("# Changes\n", "0.2.0") == ""
