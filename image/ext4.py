"""Commands for debugfs that give every file of a file system the same times of change, which mkfs takes from here."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path


def commands(directory: Path, epoch: int) -> list[str]:
    """One or two lines a file: its time of change and its times of access and creation."""
    stamp = datetime.fromtimestamp(epoch, UTC).strftime("%Y%m%d%H%M%S")
    lines = []
    for path in sorted([directory, *directory.rglob("*")]):
        inside = "/" + str(path.relative_to(directory)).removeprefix(".")
        name = '"' + inside.replace('"', '""') + '"'
        lines += [f"set_inode_field {name} {field} {stamp}" for field in ("ctime", "atime", "crtime")]
        lines += [f"set_inode_field {name} {field} 0" for field in ("ctime_extra", "atime_extra", "crtime_extra")]
    return lines


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=["commands"])
    parser.add_argument("epoch", type=int, help="seconds since 1970")
    parser.add_argument("directory", type=Path, help="what the file system was made of")
    options = parser.parse_args(arguments)
    sys.stdout.writelines(f"{line}\n" for line in commands(options.directory, options.epoch))


if __name__ == "__main__":
    main(sys.argv[1:])
