"""Colours by the names of CSS, and whites by their colour temperature."""

import re
from dataclasses import dataclass
from typing import Final

from edge.router.values.numbers import number, split

NAMES: Final = frozenset(
    name
    for row in (
        "aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet",
        "brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan",
        "darkblue darkcyan darkgray darkgoldenrod darkgreen darkgrey darkkhaki darkmagenta darkolivegreen",
        "darkorange darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey",
        "darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite",
        "forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew",
        "hotpink indianred indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue",
        "lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon",
        "lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime",
        "limegreen linen magenta maroon mediumaquamarine mediumblue mediumorchid mediumpurple",
        "mediumseagreen mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue",
        "mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab orange orangered orchid",
        "palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink plum",
        "powderblue purple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna",
        "silver skyblue slateblue slategray slategrey snow springgreen steelblue tan teal thistle tomato",
        "turquoise violet wheat white whitesmoke yellow yellowgreen homeassistant",
    )
    for name in row.split()
)
"""CSS names, and Home Assistant's own."""

KELVIN: Final = {
    "candlelight": 1900,
    "candle": 1900,
    "extra warm white": 2200,
    "very warm": 2200,
    "warm yellow": 2400,
    "warm white": 2700,
    "soft white": 2700,
    "warm": 2700,
    "warmer": 2700,
    "incandescent": 2700,
    "neutral white": 3500,
    "neutral": 3500,
    "natural white": 4000,
    "natural": 4000,
    "cool white": 4500,
    "cool": 5000,
    "cooler": 5000,
    "cold white": 6000,
    "cold": 6000,
    "colder": 6000,
    "whiter": 6000,
    "bright white": 5000,
    "daylight": 6500,
    "day light": 6500,
    "day white": 5500,
}
"""Whites by name, in kelvin."""

_OTHER: Final = {
    "amber": "orange",
    "navyblue": "navy",
    "olivegreen": "olive",
    "rose": "pink",
    "peach": "peachpuff",
    "mint": "mintcream",
    "lilac": "plum",
    "mauve": "plum",
    "scarlet": "red",
    "ruby": "crimson",
    "cherry": "crimson",
    "blood": "darkred",
    "burgundy": "maroon",
    "wine": "maroon",
    "emerald": "green",
    "jade": "seagreen",
    "grass": "green",
    "sea": "blue",
    "ocean": "blue",
    "sky": "skyblue",
    "sun": "yellow",
    "sunshine": "yellow",
    "lemon": "yellow",
    "banana": "yellow",
    "fire": "orangered",
    "flame": "orangered",
    "sand": "sandybrown",
    "cream": "ivory",
    "rust": "sienna",
    "bronze": "peru",
    "copper": "peru",
    "ice": "lightcyan",
    "cobalt": "mediumblue",
    "sapphire": "royalblue",
    "charcoal": "darkslategray",
    "mustard": "goldenrod",
    "raspberry": "crimson",
    "strawberry": "crimson",
    "apricot": "peachpuff",
    "aubergine": "indigo",
    "eggplant": "indigo",
    "fuschia": "fuchsia",
    "purpel": "purple",
    "turqoise": "turquoise",
    "bluish": "blue",
    "reddish": "red",
    "greenish": "green",
    "yellowish": "yellow",
    "pinkish": "pink",
    "orangish": "orange",
    "purplish": "purple",
    "whitish": "white",
    "brownish": "brown",
    "greyish": "grey",
}
_SHADES: Final = {"pale": "light", "deep": "dark", "dark": "dark", "light": "light", "bright": "", "hot": "hot"}
_LEFT_OUT: Final = frozenset(
    ["the", "colour", "color", "of", "a", "an", "like", "shade", "some", "kind", "bit", "very"]
)
_KELVIN: Final = re.compile(r"^k(?:elvin|elvins)?$")


@dataclass(frozen=True, slots=True)
class Color:
    """A colour's name; `kelvin` for whites, and then it is what to send."""

    name: str
    kelvin: int | None = None


def color(text: str) -> Color | None:
    """The colour a text names; None where it names none."""
    tokens = split(text)
    if any(_KELVIN.match(token) for token in tokens) and (value := number(text)) is not None:
        kelvin = round(min(9000.0, max(1500.0, value)))
        return Color(f"{kelvin} kelvin", kelvin)
    said = [token for token in tokens if token not in _LEFT_OUT]
    if " ".join(said) in KELVIN:
        return Color(" ".join(said), KELVIN[" ".join(said)])
    for size in range(min(3, len(said)), 0, -1):
        for at in range(len(said) - size, -1, -1):
            found = _name(said[at : at + size])
            if found is not None:
                return found
    return None


def _name(words: list[str]) -> Color | None:
    joined = "".join(words)
    if joined in NAMES:
        return Color(joined)
    if joined in _OTHER:
        return Color(_OTHER[joined])
    if len(words) > 1 and " ".join(words) in KELVIN:
        return Color(" ".join(words), KELVIN[" ".join(words)])
    if len(words) == 1:
        return Color(joined, KELVIN[joined]) if joined in KELVIN else None
    shade = _SHADES.get(words[0])
    if shade is not None and shade + "".join(words[1:]) in NAMES:
        return Color(shade + "".join(words[1:]))
    return None
