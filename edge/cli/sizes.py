"""Numbers of bytes, and other numbers above nothing, as people type them."""

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


def token_count(text: str) -> int:
    """A whole number of tokens, at least 1."""
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 10 or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of tokens such as 2048")
    return int(text)


def pace(text: str) -> float:
    """Tokens a second, more than none."""
    try:
        tokens_per_s = float(text)
    except ValueError:
        tokens_per_s = 0.0
    if not 0 < tokens_per_s < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of tokens a second such as 6")
    return tokens_per_s
