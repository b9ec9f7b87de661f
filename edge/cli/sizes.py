"""Numbers of bytes as people type them."""

import argparse


def byte_count(text: str) -> int:
    """A number of bytes, as 4000000000, 4e9, 4GB or 4GiB."""
    units = {"gib": 2**30, "mib": 2**20, "kib": 2**10, "gb": 10**9, "mb": 10**6, "kb": 10**3}
    lower = text.strip().lower()
    unit = next((unit for unit in units if lower.endswith(unit)), "")
    try:
        count = float(lower.removesuffix(unit)) * units.get(unit, 1)
    except ValueError:
        count = -1.0
    if not 0 < count < 1e18:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of bytes such as 4e9, 4GB or 512MiB")
    return int(count)
