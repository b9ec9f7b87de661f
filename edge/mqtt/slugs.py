"""Names to slugs, as Home Assistant makes entity ids of names."""

import re
import unicodedata
from typing import Final

_SPECIAL: Final = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ħ": "h", "ı": "i",
        "°": "deg", "µ": "u", "μ": "u", "²": "2", "³": "3", "€": "eur", "£": "ps", "₂": "2", "₃": "3",
    }
)  # fmt: skip
"""Characters whose plain form the decomposition doesn't give."""

_CYRILLIC: Final = str.maketrans(
    dict(
        zip(
            "абвгдеёзийклмнопрстуфыэъь",
            "a b v g d e io z i i k l m n o p r s t u f y e".split() + ["", ""],
            strict=True,
        )
    )
    | {
        "ж": "zh",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ю": "iu",
        "я": "ia",
        "і": "i",
        "ї": "yi",
        "є": "ie",
    }
)
_GREEK: Final = str.maketrans(dict(zip("αβγδεζηικλμνξοπρσςτυω", "abgdeziiklmnxoprsstyo", strict=True)) | {"θ": "th", "φ": "ph", "χ": "kh", "ψ": "ps"})  # fmt: skip
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def slugify(text: str, separator: str = "_") -> str:
    """Lower case ASCII letters and digits, all else a separator; `unknown` where nothing is left."""
    if not text:
        return ""
    plain = text.lower().translate(_SPECIAL)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.translate(_CYRILLIC).translate(_GREEK))
        plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = plain.replace("'", "").replace("’", "")
    return _OTHER.sub(separator, plain).strip(separator) or "unknown"
