"""Percent to a device's own range and back, rounded as Home Assistant rounds."""

Range = tuple[float, float]
"""Lowest and highest value; "off" is none of them (1..100, 1..255)."""


def to_percent(span: Range, value: float) -> int:
    """A device's value as percent, 0..100 for values from one below the range to its top."""
    low, high = span
    if high - low + 1 == 0:
        raise ValueError("the range is empty")
    return int((value - (low - 1)) * 100 // (high - low + 1))


def from_percent(span: Range, percent: float) -> float:
    """Percent as a value of the device's range."""
    low, high = span
    return percent * (high - low + 1) / 100 + (low - 1)


def from_brightness(scale: int, brightness: float) -> float:
    """Brightness 1..255 as 1..scale."""
    return brightness * scale / 255


def to_brightness(scale: int, value: float) -> int:
    """A device's 1..scale as brightness 1..255."""
    return min(255, max(1, round(value * 255 / scale)))
