"""Sampled values: levels, colours, modes, states, durations and clock times, as people say them."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

_ONES: Final = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
_TENS: Final = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def spoken(number: int) -> str:
    """0..999 in words."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")
    rest = f" {spoken(number % 100)}" if number % 100 else ""
    return f"{_ONES[number // 100]} hundred{rest}"


def number(random: Random, low: int, high: int) -> str:
    """A whole number as digits or words, round ones more often."""
    value = random.randint(low, high)
    if random.random() < 0.4:
        value = max(low, min(high, value // 5 * 5))
    return str(value) if random.random() < 0.5 else spoken(value)


def _pick(*words: str) -> Callable[[Random], str]:
    flat = tuple(word for group in words for word in group.split("|"))
    return lambda random: random.choice(flat)


_PERCENT_WORDS = _pick(
    "half|full|maximum|max|minimum|a quarter|three quarters|a third|full brightness|one hundred percent|100%|the maximum|the minimum|the lowest|the highest|the lowest level|the highest setting|halfway|medium|low|high"
)


def percent(random: Random) -> str:
    """ "20 percent", "45%", "half" …"""
    if random.random() < 0.16:
        return _PERCENT_WORDS(random)
    value = number(random, 1, 100)
    roll = random.random()
    if roll < 0.5:
        return f"{value} percent"
    if roll < 0.7 and value.isdigit():
        return f"{value}%"
    return value


def temperature(random: Random) -> str:
    value = number(random, 14, 30) if random.random() < 0.75 else number(random, 55, 85)
    if random.random() < 0.12:
        value += random.choice((".5", " point five", " and a half"))
    return value + random.choice(
        (
            "",
            "",
            " degrees",
            " degrees",
            " degrees",
            " degree",
            "°",
            " degrees celsius",
            " celsius",
            " degrees fahrenheit",
            " fahrenheit",
            " c",
            "°c",
        )
    )


_SPEED = _pick(
    "low|medium|high|full|maximum|max|slow|fast|full speed|the lowest setting|half speed|top speed|one|two|three|speed two|level 3"
)
_VOLUME = _pick(
    "max|full|maximum|minimum|half|the loudest|low|high|medium|zero|five|ten|three|level four|the max|the lowest|the maximum|full blast|7|4|a lower level|eleven"
)
_POSITION = _pick("half|halfway|half way|a quarter|three quarters|a third|a little|a crack|partly")
_STEP = _pick(
    "a bit|a little|a little bit|a lot|slightly|a touch|a tad|some|a notch|two notches|a level|way|much|a smidge|one step|just a bit|a little more|a bit more|three steps|loads|one notch"
)
_COLOR = _pick(
    "red|blue|green|yellow|orange|purple|pink|white|violet|turquoise|cyan|magenta|teal|gold|lime|indigo|lavender|salmon|coral|crimson|navy|maroon|olive|beige|brown|amber|aqua|ivory",
    "warm white|cool white|cold white|daylight|soft white|warm|cooler|warmer|candlelight|warm yellow|light blue|dark blue|sky blue|bright red|deep purple|hot pink|forest green|pale green|navy blue|mint green|natural white|warm orange|ice blue|rose|peach|dark red|light green|2700 kelvin|4000 kelvin|neon green|blood red|ocean blue|sunset orange|bluish|reddish|black|grey",
)  # fmt: skip
_MODES: Final[Mapping[str, Callable[[Random], str]]] = {
    "climate": _pick("heat|cool|auto|dry|fan only|heating|cooling|eco|away|comfort|boost|sleep|home|automatic|fan|heat cool|energy saving|economy|night|vacation|frost protection|holiday"),
    "fan": _pick("auto|low|medium|high|sleep|quiet|turbo|natural|breeze|automatic|silent|night|on|circulate|diffuse|baby|smart"),
    "preset": _pick("eco|away|comfort|boost|sleep|home|activity|none|night|auto|quiet|baby|vacation|turbo|normal"),
    "alarm": _pick("away|home|night|stay|vacation|holiday|sleep|perimeter|at home|not home|instant"),
    "source": _pick("hdmi 1|hdmi 2|hdmi one|hdmi two|netflix|youtube|spotify|bluetooth|aux|channel five|channel 7|bbc one|tuner|radio|line in|disney plus|the playstation|usb|optical|channel 12|fm|plex|the news channel|vinyl|the blu ray|prime video|airplay"),
    "effect": _pick("rainbow|party|candle|fireplace|colorloop|color loop|strobe|sunrise|sunset|disco|christmas|romantic|reading|relax|night|movie|focus|sleep|concentrate|fire|blink|aurora|pulse|lightning|bedtime|energize|cozy|something romantic|police"),
    "option": _pick("eco|cotton|quick wash|normal|intensive|delicate|fast|forward|reverse|winter|summer|auto|manual|english|weekend|weekday|rinse|boost|wool|level 2|solar only|rainbow|short|spin"),
}  # fmt: skip
_STATES: Final[Mapping[str, Callable[[Random], str]]] = {
    "on": _pick("on|off|running|turned on|switched on|turned off|switched off|active|lit|working"),
    "open": _pick("open|closed|shut|opened|up|down|wide open|ajar"),
    "lock": _pick("locked|unlocked|secure|secured|bolted|locked up|closed and locked"),
    "home": _pick("home|away|at home|not home|in the house|out|back|at work|at school|on board"),
    "any": _pick("playing|charging|docked|cleaning|armed|disarmed|paused|jammed|wet|detected|occupied|low|full|empty|heating|cooling|idle|muted|stuck|moving|online|offline|connected|finished|plugged in|triggered|dirty"),
}  # fmt: skip
_MEASURE = _pick(
    "temperature|humidity|battery|battery level|power|energy|co2|carbon dioxide|pressure|air quality|humid|warm|hot|cold|cool|moisture|brightness|light level|wind speed|water level|voltage|power consumption|power usage|electricity|current|signal strength|rainfall|moist|damp|dry|soil moisture|dew point|particulate matter|noise level|charge|bright|consumption|flow|speed|ph|salinity|weight|uv index|air pressure|degrees"
)
_AGGREGATE = _pick(
    "average|highest|lowest|maximum|minimum|coldest|hottest|warmest|total|how many|how often|how long|max|min|mean|peak|how many times|when|sum|median|most|least|wettest|normal|trend|coolest|overall|top|last|first"
)
_UNITS = ("seconds", "minutes", "minutes", "minutes", "minutes", "hours", "hours")


def duration(random: Random) -> str:
    """ "five minutes", "an hour and a half", "90 secs" …"""
    unit = random.choice(_UNITS)
    roll = random.random()
    if roll < 0.1:
        return random.choice(("an hour", "a minute", "half an hour", "half a minute", "a quarter of an hour", "an hour and a half", "an hour and a quarter", "two and a half hours", "a couple of minutes", "a few minutes", "one hour", "one minute", "forty five mins", "30 secs", "a couple of hours", "three quarters of an hour", "5 min", "1h", "a day"))  # fmt: skip
    top = {"seconds": 90, "minutes": 90, "hours": 24}[unit]
    first = number(random, 2, top)
    if roll < 0.2:
        return f"{first} and a half {unit}"
    if roll < 0.36 and unit != "seconds":
        smaller = {"minutes": "seconds", "hours": "minutes"}[unit]
        return f"{first} {unit}{random.choice((' and ', ' ', ' and '))}{number(random, 2, 59)} {smaller}"
    if roll < 0.42:
        return f"1 {unit[:-1]}" + (
            f" and {number(random, 1, 59)} {'minutes' if unit == 'hours' else 'seconds'}" if unit != "seconds" else ""
        )
    if roll < 0.47:
        return f"{first} {unit[:3]}" if unit != "hours" else f"{first} hrs"
    return f"{first} {unit}"


def clock(random: Random) -> str:
    """ "half past nine", "7:30 am", "quarter to seven", "nineteen hundred" …"""
    hour = random.randint(1, 12)
    name = str(hour) if random.random() < 0.45 else spoken(hour)
    roll = random.random()
    half = random.choice(("", "", " am", " pm", " a.m.", " p.m.", " in the morning", " in the evening", " tonight", " at night", " in the afternoon", " this evening"))  # fmt: skip
    if roll < 0.28:
        return name + (half or random.choice(("", " o'clock", " o clock")))
    if roll < 0.42:
        return f"{random.choice(('half past', 'quarter past', 'quarter to', 'ten past', 'twenty to', 'five to', 'a quarter past', '10 to', 'ten minutes to', 'twenty past', 'half'))} {name}{half if random.random() < 0.3 else ''}"  # fmt: skip
    if roll < 0.75:
        minute = random.choice((0, 5, 10, 15, 20, 30, 30, 30, 40, 45, 50, random.randint(1, 59)))
        return f"{random.randint(0, 23) if random.random() < 0.3 else hour}:{minute:02d}{half}"
    if roll < 0.92:
        minute = random.choice((10, 15, 20, 25, 30, 30, 35, 40, 45, 50, 55, random.randint(10, 59)))
        return f"{spoken(hour)} {spoken(minute)}{half}"
    return random.choice(
        ("noon", "midnight", "midday", "eighteen hundred", "7am", "6pm", "10pm", "8.30", "22:00", "0700", "twelve noon")
    )


_LEVELS: Final[Mapping[str, Callable[[Random], str]]] = {
    "percent": percent, "brightness": percent, "humidity": percent, "temperature": temperature,
    "speed": lambda random: _SPEED(random) if random.random() < 0.4 else percent(random),
    "volume": lambda random: _VOLUME(random) if random.random() < 0.4 else percent(random),
    "position": lambda random: _POSITION(random) if random.random() < 0.4 else percent(random),
    "number": lambda random: number(random, 0, 250),
}  # fmt: skip


def level(random: Random, kind: str) -> str:
    return _LEVELS.get(kind, percent)(random)


def step(random: Random, kind: str) -> str:
    kind = kind or random.choice(("percent", "amount", "amount"))
    if kind == "percent":
        return f"{number(random, 1, 60)}{random.choice((' percent', '%', ' percent', ''))}"
    if kind == "degrees":
        return random.choice(("one", "two", "three", "1", "2", "3", "4", "five", "half a", "a couple of", "a few", "a")) + random.choice((" degrees", " degree", " degrees"))  # fmt: skip
    return _STEP(random)


def sample(random: Random, slot: str, kind: str) -> str:
    """The words of a slot whose values are few or made of numbers; the others are `phrases.py`'s."""
    match slot:
        case "level":
            return level(random, kind)
        case "step":
            return step(random, kind)
        case "mode":
            return _MODES.get(kind, _MODES[random.choice(tuple(_MODES))])(random)
        case "state":
            return _STATES.get(kind, _STATES["any"])(random)
        case "duration" | "delay":
            return duration(random)
        case _:
            return _PLAIN[slot](random)


_PLAIN: Final[Mapping[str, Callable[[Random], str]]] = {"color": _COLOR, "measure": _MEASURE, "aggregate": _AGGREGATE}
