"""What is written byte by byte: wheels, and times of a file system."""

import csv
import hashlib
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

from image.ext4 import commands
from image.wheel import write_wheel


def wheel(directory: Path, files: dict[str, bytes]) -> Path:
    directory.mkdir()
    return write_wheel(
        directory,
        name="thing",
        version="1",
        tag="py3-none-any",
        metadata=b"Name: thing\n",
        files=files,
        licences={"L": b"l"},
    )


def test_a_wheel_lists_every_file_with_its_digest(tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel(tmp_path / "a", {"thing.py": b"x = 1\n"})) as archive:
        names = set(archive.namelist())
        record = {row[0]: row[1] for row in csv.reader(archive.read("thing-1.dist-info/RECORD").decode().splitlines())}
        assert (
            set(record)
            == names
            == {"thing.py"} | {f"thing-1.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD", "licenses/L")}
        )
        digest = urlsafe_b64encode(hashlib.sha256(b"x = 1\n").digest()).rstrip(b"=").decode()
        assert record["thing.py"] == f"sha256={digest}"


def test_a_wheels_bytes_depend_on_its_contents_alone(tmp_path: Path) -> None:
    one = wheel(tmp_path / "a", {"a.py": b"", "b.py": b""})
    other = wheel(tmp_path / "b", {"b.py": b"", "a.py": b""})
    assert one.read_bytes() == other.read_bytes()


def test_every_file_gets_the_same_times(tmp_path: Path) -> None:
    (tmp_path / "with blank").write_text("")
    lines = commands(tmp_path, 1_795_000_000)
    assert 'set_inode_field "/" ctime 20261118110640' in lines
    assert 'set_inode_field "/with blank" crtime 20261118110640' in lines


def test_the_partition_that_is_written_to_is_the_one_whose_blocks_are_given_back() -> None:
    """It is mounted before systemd starts, so no list of file systems that fstrim looks at has it."""
    tree = Path(__file__).parents[2] / "image/files"
    assert "/sysroot/data\n" in (tree / "init").read_text()
    assert "/data" not in (tree / "tree/etc/fstab").read_text().replace("# ", "").partition("LABEL=")[2]
    drop_in = (tree / "tree/usr/lib/systemd/system/fstrim.service.d/edge.conf").read_text()
    assert drop_in.splitlines()[-2:] == ["ExecStart=", "ExecStart=/sbin/fstrim --verbose --quiet-unsupported /data"]
    assert "enable fstrim.timer" in (tree / "tree/usr/lib/systemd/system-preset/10-edge.preset").read_text()
