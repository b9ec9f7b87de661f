"""Names to slugs, as Home Assistant makes entity ids of names."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final


def _pairs(text: str) -> Mapping[str, str]:
    return {letter: plain for letter, _, plain in (pair.partition("=") for pair in text.split())}


_PLAIN: Final = str.maketrans(
    {
        **_pairs("ß=ss æ=ae œ=oe ø=o đ=d ð=d ł=l þ=th ħ=h ı=i °=deg µ=u μ=m ²=2 ³=3 €=eur £=ps ₂=2 ₃=3"),
        **_pairs("а=a б=b в=v г=g д=d е=e ё=io ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh"),
        **_pairs("ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=iu я=ia і=i ї=yi є=ie ґ=g"),
        **_pairs("α=a β=b γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=ph χ=kh"),
        **_pairs("ψ=ps ω=o"),
    }
)
"""Letters whose plain form taking accents off doesn't give."""

_OTHER: Final = re.compile(r"[^a-z0-9]+")


def slugify(text: str, separator: str = "_") -> str:
    """Lower case ASCII letters and digits, all else a separator; `unknown` where nothing is left."""
    if not text:
        return ""
    plain = text.lower()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.translate(_PLAIN))
        plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = plain.replace("'", "").replace("’", "")
    return _OTHER.sub(separator, plain).strip(separator) or "unknown"
