"""Bundles that are damaged, or made by somebody who means harm: refused, with nothing left behind."""

import hashlib
import io
import json
import os
import stat
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.upkeep.archive import BLOCK, ArchiveReader, header
from edge.upkeep.bundle import MANIFEST, SIGNATURES, head
from edge.upkeep.errors import BundleError, SignatureError, UpdateError
from edge.upkeep.manifest import Manifest, Packed
from image.bundle import described
from tests.upkeep.makers import KEY, MACHINE, OTHER_KEY, PYTHON, Board, board, bundle, edge_wheel, quiet, write

KEYS = (KEY.public,)


@pytest.fixture
def here(tmp_path: Path) -> Board:
    return board(tmp_path, "0.1.0")


def refused(here: Board, file: Path, said: str) -> None:
    """It is, and the board is as it was."""
    with pytest.raises(UpdateError, match=said):
        here.updater.apply(file, quiet)
    assert sorted(one.name for one in here.installation.releases.iterdir()) == ["0.1.0"]
    assert here.installation.current() == "0.1.0"
    assert here.updater.records.read() is None
    assert here.service.done == []


def test_a_bundle_that_ends_too_early_is_refused_wherever_it_ends(here: Board, tmp_path: Path) -> None:
    whole = bundle(tmp_path, "0.2.0").read_bytes()
    for length in {0, 1, 511, 512, 600, 1500, 2500, len(whole) // 2, len(whole) - BLOCK - 1, len(whole) - BLOCK * 3}:
        file = tmp_path / "short.bundle"
        file.write_bytes(whole[:length])
        refused(here, file, "short.bundle")


def test_a_bit_that_was_turned_anywhere_is_found(here: Board, tmp_path: Path) -> None:
    file = bundle(tmp_path, "0.2.0")
    whole = file.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        bent = bytearray(whole)
        bent[at] ^= 0x10
        file.write_bytes(bent)
        try:
            with file.open("rb") as stream:
                _, reader = head(stream, "it", KEYS)
                while (member := reader.following()) is not None:
                    data = b"".join(reader.pieces())
                    assert hashlib.sha256(data).hexdigest() == wheel_digests(whole).get(member.name), at
        except (BundleError, AssertionError):
            continue
        # What no digest covers are the fields of a header that are not looked at, and padding.
        assert bent[at] != whole[at]


def wheel_digests(whole: bytes) -> dict[str, str]:
    offered, _ = head(io.BytesIO(whole), "it", KEYS)
    return {packed.name: packed.sha256 for packed in offered.manifest.files}


def test_a_wheel_that_was_changed_is_refused(here: Board, tmp_path: Path) -> None:
    file = bundle(tmp_path, "0.2.0")
    whole = bytearray(file.read_bytes())
    whole[-3 * BLOCK] ^= 1
    file.write_bytes(whole)
    refused(here, file, "is damaged")


def test_a_manifest_that_was_changed_is_refused_unread(here: Board, tmp_path: Path) -> None:
    file = bundle(tmp_path, "0.2.0")
    file.write_bytes(file.read_bytes().replace(b'"version": "0.2.0"', b'"version": "9.9.9"', 1))
    refused(here, file, "its signature with the key 00112233AABBCCDD is wrong")


def test_somebody_elses_key_with_our_keys_number_is_no_help(here: Board, tmp_path: Path) -> None:
    refused(here, bundle(tmp_path, "0.2.0", signers=(replace(OTHER_KEY, id=KEY.id),)), "is wrong: it was changed")


def test_any_of_several_signatures_will_do(here: Board, tmp_path: Path) -> None:
    here.updater.apply(bundle(tmp_path, "0.2.0", signers=(OTHER_KEY, KEY)), quiet)
    assert here.installation.current() == "0.2.0"


def test_a_comment_that_was_changed_is_found(tmp_path: Path) -> None:
    file = bundle(tmp_path, "0.2.0")
    file.write_bytes(file.read_bytes().replace(b"trusted comment: edge 0.2.0", b"trusted comment: edge 0.3.0"))
    with file.open("rb") as stream, pytest.raises(SignatureError, match="is wrong"):
        head(stream, "it", KEYS)


def signed(tmp_path: Path, members: list[tuple[str, bytes]], **changes: Any) -> Path:
    """A bundle of anything, signed by us: what unpacking must stand even then."""
    files = tuple(Packed(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in members)
    base = described([edge_wheel(tmp_path / "w", "0.2.0")], least="0.1.0", architecture=MACHINE, python=PYTHON)
    manifest = replace(base, files=files, installed_bytes=1 << 20, schemas={}, **changes)
    raw = manifest.data()
    file = tmp_path / "signed.bundle"
    with file.open("wb") as stream:
        for name, data in ((MANIFEST, raw), (SIGNATURES, KEY.sign(raw, "").encode()), *members):
            stream.write(header(name, len(data)) + data + bytes(-len(data) % BLOCK))
        stream.write(bytes(2 * BLOCK))
    return file


def zipped(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize("name", ["../../../escaped", "/escaped", "a/../../../../escaped", "a//b", "a\\..\\b", "./a"])
def test_a_wheel_that_leads_elsewhere_is_refused(here: Board, tmp_path: Path, name: str) -> None:
    refused(here, signed(tmp_path, [("wheels/a.whl", zipped((name, b"x")))]), "which leads elsewhere")
    assert not list(tmp_path.rglob("escaped"))


def test_a_link_in_a_wheel_is_refused(here: Board, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("edge/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(here, signed(tmp_path, [("wheels/a.whl", zipped((link, b"/etc")))]), "is no plain file")


def test_a_wheel_that_swells_is_stopped_at_what_the_manifest_says(here: Board, tmp_path: Path) -> None:
    bomb = zipped(*[(f"bomb{number}", bytes(1 << 20)) for number in range(8)])
    refused(here, signed(tmp_path, [("wheels/a.whl", bomb)]), "unpacks to more than its manifest says")


def test_a_wheel_that_lies_about_its_size_is_refused(here: Board, tmp_path: Path) -> None:
    bomb = bytearray(zipped(("bomb", bytes(1 << 20))))
    at = bomb.index(b"PK\x01\x02") + 24
    bomb[at : at + 4] = (10).to_bytes(4, "little")
    refused(here, signed(tmp_path, [("wheels/a.whl", bytes(bomb))]), "no wheel that can be unpacked")


def test_what_is_no_wheel_is_refused(here: Board, tmp_path: Path) -> None:
    refused(here, signed(tmp_path, [("wheels/a.sh", b"#!/bin/sh\n")]), "is no wheel")
    refused(here, signed(tmp_path, [("wheels/a.whl", b"nothing")]), "no wheel that can be unpacked")
    refused(here, signed(tmp_path, [("wheels/a.whl", zipped(("a.py", b"")))]), "there is no bin/edge in it")


def test_programs_of_a_wheel_do_not_write_through_the_python_of_the_system(here: Board, tmp_path: Path) -> None:
    before = Path(os.path.realpath("/proc/self/exe")).stat()
    wheel = zipped(("x-1.data/scripts/python", b"#!/bin/sh\n"), ("x-1.data/scripts/python3", b"#!/bin/sh\n"))
    refused(here, signed(tmp_path, [("wheels/a.whl", wheel)]), "no bin/edge")
    after = Path(os.path.realpath("/proc/self/exe")).stat()
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def test_more_or_other_files_than_the_manifest_lists_are_refused(here: Board, tmp_path: Path) -> None:
    wheel = edge_wheel(tmp_path / "w", "0.2.0")
    manifest = described([wheel], least="0.1.0", architecture=MACHINE, python=PYTHON)
    file = write(tmp_path / "a.bundle", replace(manifest, schemas={}), [wheel], KEY)
    whole = file.read_bytes()[: -2 * BLOCK]
    file.write_bytes(whole + header("wheels/more.whl", 3) + b"abc".ljust(BLOCK, b"\0") + bytes(2 * BLOCK))
    refused(here, file, "more is in it than its manifest lists")
    file.write_bytes(whole + bytes(2 * BLOCK) + b"x" * 40)
    refused(here, file, "something follows its end")


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, b"x", b"L", b"g"]
)
def test_nothing_but_plain_files_is_read_of_an_archive(kind: bytes) -> None:
    info = tarfile.TarInfo(MANIFEST)
    info.type, info.linkname = kind, "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    with pytest.raises(BundleError, match="something else than a plain file"):
        ArchiveReader(io.BytesIO(info.tobuf(tarfile.USTAR_FORMAT) + bytes(1024))).following()


def test_a_size_beyond_all_bounds_is_refused() -> None:
    block = bytearray(header("a", 1))
    block[124:136] = b"777777777777"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    with pytest.raises(BundleError, match="too large"):
        ArchiveReader(io.BytesIO(bytes(block))).following()


def test_tar_reads_what_we_write(tmp_path: Path) -> None:
    with tarfile.open(bundle(tmp_path, "0.2.0")) as archive:
        assert archive.getnames()[:2] == [MANIFEST, SIGNATURES]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=3000))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(BundleError):
        head(io.BytesIO(data), "it", KEYS)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["version", "from", "architecture", "python", "installed_bytes", "schemas", "files", "keys"]),
        st.none() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=3),
        min_size=1,
    )
)
def test_a_manifest_of_any_values_is_a_manifest_or_refused(changes: dict[str, Any]) -> None:
    packed = [{"name": "wheels/a.whl", "bytes": 1, "sha256": "0" * 64}]
    good = {"kind": "edge-update", "format": 1, "version": "0.2.0", "from": "0.1.0", "architecture": "any"}
    plain = {**good, "python": "3.13", "installed_bytes": 1, "files": packed, **changes}
    try:
        manifest = Manifest.parse(json.dumps(plain).encode())
    except BundleError:
        return
    assert Manifest.parse(manifest.data()) == manifest


def test_a_bad_copy_is_not_held_against_a_good_one(here: Board, tmp_path: Path) -> None:
    file = bundle(tmp_path, "0.2.0")
    good = file.read_bytes()
    file.write_bytes(good[: -3 * BLOCK] + bytes(BLOCK) + good[-2 * BLOCK :])
    refused(here, file, "damaged")
    file.write_bytes(good)
    here.updater.apply(file, quiet)
    assert here.installation.current() == "0.2.0"
