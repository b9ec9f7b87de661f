"""Text as it is said aloud: numbers, units, times, dates, abbreviations and devices' names in words; pure.

What comes out has no digits, no markup and no characters that a synthesiser takes as orders: whatever the text was.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from edge.speech.characters import plain_characters
from edge.speech.numerals import cardinal, decimal, digits, ordinal, year
from edge.speech.units import ALONE, SYMBOLS, unit_in_words

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SHORT_MONTHS: Final = {name[:3]: name for name in _MONTHS} | {"Sept": "September"}
_SHORT_DAYS: Final = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Tues": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Thur": "Thursday",
    "Thurs": "Thursday",
    "Fri": "Friday",
    "Sat": "Saturday",
    "Sun": "Sunday",
}
_WORDS: Final[dict[str, str]] = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "approx.": "approximately",
    "ca.": "about",
    "incl.": "including",
    "max.": "maximum",
    "min.": "minimum",
    "temp.": "temperature",
    "vs.": "versus",
    "Dr.": "Doctor",
    "Mr.": "Mister",
    "Mrs.": "Missis",
    "Ms.": "Miz",
    "A/C": "A C",
    "WiFi": "why-fie",
    "Wi-Fi": "why-fie",
    "Wifi": "why-fie",
    "HVAC": "H-vac",
    "OLED": "O LED",
    "OK": "okay",
    "pH": "P H",
    "H2O": "H two O",
}
_WORDS.update({word.capitalize(): said.capitalize() for word, said in _WORDS.items() if word.endswith(".")})
_SPELT: Final = frozenset(
    (
        "LED",
        "CO",
        "VOC",
        "TVOC",
        "AC",
        "UV",
        "USB",
        "CPU",
        "GPU",
        "ID",
        "IP",
        "IR",
        "UPS",
        "EV",
        "API",
        "URL",
        "DIY",
        "AI",
        "OS",
        "UK",
        "US",
        "EU",
        "USA",
        "RFID",
        "UHD",
        "AM",
        "AQI",
        "IAQ",
        "EC",
        "HDMI",
        "DAB",
        "UTC",
        "ETA",
        "SOS",
    )
)
"""Letters that could be read as a word; those without a vowel can't."""
_FRACTIONS: Final = {
    (1, 2): "a half",
    (1, 3): "a third",
    (2, 3): "two thirds",
    (1, 4): "a quarter",
    (3, 4): "three quarters",
    (1, 8): "an eighth",
}
_CURRENCIES: Final = {
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "$": ("dollar", "dollars", "cent", "cents"),
}
_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3}(?![\w.]))?)"
_SIGNED: Final = rf"(?:(?<![\w.])[-−+])?{_NUMBER}"
_UNIT: Final = "(?:" + "|".join(map(re.escape, SYMBOLS)) + ")"
_UNITS: Final = rf"{_UNIT}(?:/{_UNIT})?(?![A-Za-z°%])"
_MONTH: Final = "|".join((*_MONTHS, *_SHORT_MONTHS))

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]


def spoken(text: str) -> str:
    """The text as somebody would read it out: one line of words and punctuation; empty where nothing can be said."""
    text = plain_characters(text)
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    text = _ODD.sub(" ", text)
    for pattern, words in _TIDY:
        text = pattern.sub(words, text)
    return text.lstrip(" ,;.:!?-").rstrip(" ,;-")


# What numbers stand for -------------------------------------------------------------------------------------------


def _date(day: int, month: int, of_year: int | None) -> str | None:
    try:
        date(of_year or 2000, month, day)
    except ValueError:
        return None
    said = f"the {ordinal(day)} of {_MONTHS[month - 1]}"
    return f"{said} {year(of_year)}" if of_year else said


def _iso(match: re.Match[str]) -> str:
    said = _date(int(match["day"]), int(match["month"]), int(match["year"]))
    if said is None:
        return match.group()
    return f"{said}, {match['time']}" if match["time"] else said


def _slashed(match: re.Match[str]) -> str:
    """British, unless that is no date."""
    one, two, of_year = (int(match[name]) for name in ("one", "two", "year"))
    of_year += 2000 if of_year < 100 else 0
    return _date(one, two, of_year) or _date(two, one, of_year) or match.group()


def _named_month(match: re.Match[str]) -> str:
    month = _MONTHS.index(_SHORT_MONTHS.get(match["month"], match["month"])) + 1
    of_year = int(match["year"]) if match["year"] else None
    said = _date(int(match["day"]), month, of_year)
    if said is None:
        return match.group()
    return said.removeprefix("the ") if match["the"] else said


def _the_named_month(match: re.Match[str]) -> str:
    said = _named_month(match)
    return f"{match['the']}{said}" if match["the"] else said


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half = (match["half"] or "").replace(".", "").upper().strip()
    seconds = f" and {_counted(int(match['second']), 'second')}" if match["second"] else ""
    if half and not 1 <= hour <= 12:
        half = ""
    if not half and not minute and not seconds and hour in (0, 12):
        return "midnight" if hour == 0 else "noon"
    if not half and (hour > 12 or hour == 0):
        half = "PM" if hour else "AM"
    said = cardinal(hour % 12 or 12)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif not half:
        said += " o'clock"
    return said + (f" {half[0]} M" if half else "") + seconds


def _counted(number: int, unit: str) -> str:
    return f"{cardinal(number)} {unit}{'' if number == 1 else 's'}"


def _money(match: re.Match[str]) -> str:
    one, many, small_one, small_many = _CURRENCIES[match["sign"] or match["after"]]
    text = (match["before_number"] or match["number"]).replace(",", "")
    whole, _, places = text.partition(".")
    pounds, pence = whole.lstrip("0"), places.lstrip("0") if len(places) == 2 else ""
    if "e" in text.lower() or len(places) not in (0, 2) or len(whole) > 15:
        said = f"{decimal(text)} {many}"
    elif pence and not pounds:
        said = f"{cardinal(int(pence))} {small_one if pence == '1' else small_many}"
    else:
        said = f"{cardinal(int(whole))} {one if pounds == '1' else many}"
        said += f" {cardinal(int(pence))}" if pence else ""
    return f"{said} per {unit_in_words(match['per'], one=True)}" if match["per"] else said


def _measured(match: re.Match[str]) -> str:
    number, unit = match["number"], match["unit"]
    if unit == "K" and not match["space"] and len(number) < 4:
        return match.group()
    said = unit_in_words(unit, one=number in ("1", "-1", "+1"))
    return f"{decimal(number)} {said} "


def _range(match: re.Match[str]) -> str:
    first, second = match["first"], match["second"]
    if float(first.replace(",", "")) < float(second.replace(",", "")):
        return f"{decimal(first)} to {second}"
    return f"{decimal(first)}, {second}"


def _fraction(match: re.Match[str]) -> str:
    above, below = int(match["above"]), int(match["below"])
    said = _FRACTIONS.get((above, below))
    if said is not None:
        return f"{cardinal(int(match['whole']))} and {said}" if match["whole"] else said
    whole = f"{match['whole']} " if match["whole"] else ""
    return f"{whole}{above} {'out of ' if above <= below else ''}{below}"


def _ordinal(match: re.Match[str]) -> str:
    return ordinal(int(match["number"]))


def _dotted(match: re.Match[str]) -> str:
    """An address, whose longer numbers are read digit by digit, or a version."""
    parts = match.group().split(".")
    shortest, between = (3, " dot ") if len(parts) == 4 else (4, " point ")
    return between.join(digits(part) if len(part) >= shortest else cardinal(int(part)) for part in parts)


def _decimal(match: re.Match[str]) -> str:
    return f" {decimal(match.group())} "


# What letters stand for -------------------------------------------------------------------------------------------


def _site(match: re.Match[str]) -> str:
    host = re.sub(r"^www\.", "", match["host"].partition("@")[2] or match["host"])
    return host.replace(".", " dot ").replace("-", " dash ")


def _mail(match: re.Match[str]) -> str:
    return match.group().replace("@", " at ").replace(".", " dot ")


def _spelt(match: re.Match[str]) -> str:
    word, plural = match["word"], match["plural"]
    if word not in _SPELT and re.search("[AEIOUY]", word):
        return match.group()
    return " ".join(word) + ("'s" if plural else "")


def _word(match: re.Match[str]) -> str:
    return _WORDS[match.group()]


def _rule(pattern: str, words: Callable[[re.Match[str]], str] | str, flags: int = 0) -> _Rule:
    return re.compile(pattern, flags), words


_RULES: Final[tuple[_Rule, ...]] = (
    # Markup of any kind is words between signs.
    _rule(r"\[([^\[\]]{0,300})\]\(\s*\S{0,1000}?\s*\)", r"\1"),
    _rule(r"\b(?:https?|ftp)://(?P<host>[^\s/:?#<>\"]{1,253})[^\s<>\"]*[^\s<>\".,;:!?)]?", _site),
    _rule(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", _mail),
    _rule(r"^\s{0,9}(?:[-*+•]|#{1,6})\s+", " ", re.MULTILINE),
    _rule(r"[*`]{1,3}(?=\S)|(?<=\S)[*`]{1,3}(?=\s|$|[.,;:!?])|~~", " "),
    _rule(r"\s*\n\s*", ", "),
    _rule(r"\S{40}(?=\S)", r"\g<0> "),
    # Names of devices as they are configured.
    _rule(r"\b[a-z_]{2,30}\.(?=[a-z0-9]+_[a-z0-9_]+\b)", ""),
    _rule(r"_+", " "),
    # Dates and times.
    _rule(
        r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:[T ](?P<time>\d\d:\d\d)(?::\d\d(?:\.\d+)?)?"
        r"(?:Z|[+-]\d\d:?\d\d)?)?(?!\d)",
        _iso,
    ),
    _rule(r"(?<![\d/.])(?P<one>\d\d?)[/.](?P<two>\d\d?)[/.](?P<year>\d{4}|\d\d)(?![\d/]|\.\d)", _slashed),
    _rule(
        rf"\b(?P<the>the )?(?P<day>\d\d?)(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b\.?"
        r"(?:,? (?P<year>1[1-9]\d\d|20\d\d)(?![\w:]|\.\d))?",
        _the_named_month,
    ),
    _rule(
        rf"\b(?P<the>)(?P<month>{_MONTH})\b\.? (?P<day>\d\d?)(?:st|nd|rd|th)?(?![\w:]|\.\d)"
        r"(?:,? (?P<year>1[1-9]\d\d|20\d\d)(?![\w:]|\.\d))?",
        _named_month,
    ),
    _rule(
        r"\b(?P<day>" + "|".join(_SHORT_DAYS) + r")\b\.?(?=,? (?:\d|the\b|[A-Z][a-z]))", lambda m: _SHORT_DAYS[m["day"]]
    ),
    _rule(
        r"(?<![\d:.,])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:]|\.\d)"
        r"(?P<half>\s?[AaPp]\.?[Mm]\b(?:\.(?=,|\s+[a-z0-9]))?)?(?:\s?h\b)?",
        _time,
    ),
    _rule(
        r"(?<![\d:.,])(?P<hour>1[0-2]|0?[1-9])(?P<minute>)(?P<second>)(?P<half>\s?[AaPp]\.?[Mm]\b(?:\.(?=,|\s+[a-z0-9]))?)",
        _time,
    ),
    _rule(
        r"\b(?P<word>in|since|year|until) (?P<year>1[5-9]\d\d|20\d\d)(?=\s*(?:[,;:!?)]|\.(?!\d)|$))",
        lambda m: f"{m['word']} {year(int(m['year']))}",
    ),
    _rule(r"\b(?P<number>\d{1,9})(?:st|nd|rd|th)\b", _ordinal),
    # Amounts.
    _rule(
        rf"(?:(?P<sign>[£€$])\s?(?P<before_number>{_NUMBER})|(?P<number>{_NUMBER})\s?(?P<after>[£€$]))"
        rf"(?:\s?/\s?(?P<per>{_UNIT})(?![A-Za-z]))?",
        _money,
    ),
    _rule(r"(?<![\w.,])\d{1,3}(?:\.\d+){2,}(?![\w])", _dotted),
    _rule(rf"(?<![\w.,:/-])(?P<first>{_NUMBER})\s?[-–]\s?(?P<second>{_NUMBER})(?![\d-])", _range),
    _rule(r"(?<![\d/.,])(?:(?P<whole>\d{1,4}) )?(?P<above>\d{1,4})/(?P<below>\d{1,4})(?![\d/]|\.\d)", _fraction),
    _rule(r"(?<=\d)\s?[x×](?=\s?\d)", " times "),
    _rule(r"(?<=\d)[x×](?!\w)", " times "),
    _rule(rf"(?P<number>{_SIGNED})(?P<space>\s?)(?P<unit>{_UNITS})", _measured),
    _rule(
        r"(?<![A-Za-z0-9])(?:" + "|".join(map(re.escape, ALONE)) + r")(?![A-Za-z0-9])",
        lambda m: unit_in_words(m.group()),
    ),
    # Signs.
    _rule(r"(?:<=|≤)", " at most "),
    _rule(r"(?:>=|≥)", " at least "),
    _rule(r"<(?=\s?[-+]?\d)", " less than "),
    _rule(r">(?=\s?[-+]?\d)", " more than "),
    _rule(r"±|\+/-", " plus or minus "),
    _rule(r"[~≈](?=\s?\d)", " about "),
    _rule(r"#(?=\d)", " number "),
    _rule(r"(?<=\d)\s?\*(?=\s?\d)", " times "),
    _rule(r"÷", " divided by "),
    _rule(r"[→⇒]|[-=]>", " to "),
    _rule(r"&", " and "),
    _rule(r"(?<=[\w)])\s?\+\s?(?=[\w(])", " plus "),
    _rule(r"=", " equals "),
    _rule(r"%", " percent "),
    _rule(r"°", " degrees "),
    # Abbreviations, and words written together.
    _rule(r"(?<![\w.])(?:" + "|".join(map(re.escape, sorted(_WORDS, key=len, reverse=True))) + r")(?!\w)", _word),
    _rule(r"(?<=[a-z]{2})(?=[A-Z])", " "),
    _rule(r"(?<![A-Za-z])(?P<word>[A-Z]{2,5})(?P<plural>s?)(?![A-Za-z])", _spelt),
    _rule(_SIGNED, _decimal),
)
_ODD: Final = re.compile(r"[^\w\s.,;:!?'–-]|_|[^\S ]")
"""What is neither a letter nor punctuation that is heard."""
_TIDY: Final[tuple[_Rule, ...]] = (
    _rule(r"\s+", " "),
    _rule(r" ?– ?", ", "),
    _rule(r"(?<!\w)['-]+|['-]+(?!\w)", " "),
    _rule(r" {2,}", " "),
    _rule(r"\.{2,}", "."),
    _rule(r"\s+(?=[.,;:!?])", ""),
    _rule(r"[,;:]+(?=[.!?])", ""),
    _rule(r"([,;:])[,;:]+", r"\1"),
    _rule(r"([.!?])[.,;:]+", r"\1"),
    _rule(r"(?<=[.,;:!?])(?=\w)", " "),
    _rule(r" {2,}", " "),
)
