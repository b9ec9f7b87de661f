"""Numbers, years and ordinals in British words; pure."""

from typing import Final

_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_LARGE: Final = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_LARGEST: Final = 10**15
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_MOST_PLACES: Final = 4
"""Decimals that are read out; a longer tail is rounded to three."""


def cardinal(number: int) -> str:
    """ "one hundred and five", "minus three"; digit by digit from a quadrillion on."""
    if number < 0:
        return f"minus {cardinal(-number)}"
    if number >= _LARGEST:
        return digits(str(number))
    if number < 20:
        return _SMALL[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_SMALL[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = f" and {cardinal(number % 100)}" if number % 100 else ""
        return f"{_SMALL[number // 100]} hundred{rest}"
    size, name = next(large for large in _LARGE if number >= large[0])
    said, left = f"{cardinal(number // size)} {name}", number % size
    if not left:
        return said
    return f"{said} {'and ' if left < 100 else ''}{cardinal(left)}"


def digits(text: str) -> str:
    """Each digit by itself; anything else is left out."""
    return " ".join(_SMALL[int(char)] for char in text if char in "0123456789")


def ordinal(number: int) -> str:
    """ "twenty-first", "one hundred and fifth"."""
    said = cardinal(number)
    cut = max(said.rfind(" "), said.rfind("-")) + 1
    head, last = said[:cut], said[cut:]
    if last in _ORDINALS:
        return head + _ORDINALS[last]
    return f"{head}{last[:-1]}ieth" if last.endswith("y") else f"{head}{last}th"


def year(number: int) -> str:
    """ "nineteen eighty-four", "two thousand and five", "twenty twenty-six"."""
    century, rest = divmod(number, 100)
    if not 11 <= century <= 20 or (century == 20 and rest < 10):
        return cardinal(number)
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {f'oh {_SMALL[rest]}' if rest < 10 else cardinal(rest)}"


def decimal(text: str) -> str:
    """A number as it is written, with an optional sign, thousands in commas, decimals and exponent."""
    sign = "minus " if text[:1] in "-−" and text else "plus " if text[:1] == "+" else ""
    text = text.lstrip("+-−").replace(",", "").lower()
    mantissa, _, exponent = text.partition("e")
    whole, _, places = mantissa.partition(".")
    if len(places) > _MOST_PLACES:
        whole, _, places = f"{float(f'{whole or 0}.{places}'):.3f}".partition(".")
        places = places.rstrip("0")
    if len(whole) > 1 and whole.startswith("0"):
        said = digits(whole)
    else:
        said = cardinal(int(whole or 0)) if len(whole) <= len(str(_LARGEST)) else digits(whole)
    said += f" point {digits(places)}" if places else ""
    return f"{sign}{said}" + (f" times ten to the {cardinal(int(exponent))}" if exponent else "")
