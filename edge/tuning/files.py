"""Small text files of the kernel, read without ever failing: what can't be read says nothing."""

from pathlib import Path


def text(path: Path) -> str:
    """The file's text; empty where it can't be read."""
    try:
        return path.read_text("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def line(path: Path) -> str:
    """The file's text without what surrounds it: blanks, line ends, and the zero byte of a device tree."""
    return text(path).strip("\0\n\t ")


def number(path: Path) -> int | None:
    """The whole number that the file holds; None where it holds anything else."""
    digits = line(path)
    return int(digits) if digits.isascii() and digits.removeprefix("-").isdecimal() and len(digits) < 25 else None


def numbers(listed: str) -> frozenset[int]:
    """The numbers of a kernel's list, "0-3,6"; what is none of these is left out, as is a list of over 8192."""
    found: set[int] = set()
    for part in listed.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isascii() and first.isdecimal() and len(first) < 6):
            continue
        if not dash:
            found.add(int(first))
        elif last.isascii() and last.isdecimal() and len(last) < 6 and int(last) - int(first) < 8192:
            found.update(range(int(first), int(last) + 1))
    return frozenset(found)
