"""Characters as one kind of each: composed, with one kind of digit, quotation mark and dash; pure."""

import re
import unicodedata
from typing import Final


def plain_characters(text: str) -> str:
    """Composed, with one kind of digit, quotation mark and space, and without what can't be seen."""
    text = re.sub(r"(?<=\d)(?=[¼-¾⅐-⅞])", " ", text)
    text = unicodedata.normalize("NFKC", text).translate(_SAME)
    return "".join(map(_char, text)) if not text.isascii() else text


def _char(char: str) -> str:
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.decimal(char))
    return char


_SAME: Final = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "⁄": "/",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "‒": "–",
        "—": " – ",
        "μ": "μ",
        "\u00ad": "",
        "\u200b": "",
        "\u200d": "",
        "\ufeff": "",
    }
)
