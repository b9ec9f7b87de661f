"""Text as it is said: numbers, units, times and names in words; pure."""


def spoken(text: str) -> str:
    """The text in words."""
    return text
