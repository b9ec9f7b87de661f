"""Colour spaces and colour temperatures, converted with the constants Home Assistant uses so that results agree.

RGB and xy: the wide-gamut D65 matrices of Philips' Hue guide. Temperature to RGB: Tanner Helland's fit. xy to
temperature: McCamy's approximation. Hue 0..360, saturation 0..100, channels 0..255, temperatures in kelvin.
"""

import colorsys
import math
from collections.abc import Sequence

from edge.mqtt.components.color_names import Rgb

Pair = tuple[float, float]


def mired_to_kelvin(mired: float) -> int:
    """Raises `ZeroDivisionError` for 0."""
    return math.floor(1_000_000 / mired)


def kelvin_to_mired(kelvin: float) -> int:
    """Raises `ZeroDivisionError` for 0."""
    return math.floor(1_000_000 / kelvin)


def hs_to_rgb(hue: float, saturation: float, value: float = 100.0) -> Rgb:
    """`value` in percent."""
    red, green, blue = colorsys.hsv_to_rgb(hue / 360, saturation / 100, value / 100)
    return round(red * 255), round(green * 255), round(blue * 255)


def rgb_to_hs(red: float, green: float, blue: float) -> Pair:
    """Hue and saturation, to three places."""
    hue, saturation, _value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    return round(hue * 360, 3), round(saturation * 100, 3)


def rgb_to_xy(red: float, green: float, blue: float) -> Pair:
    """CIE 1931 x and y, to three places; black is (0, 0)."""
    if red + green + blue == 0:
        return 0.0, 0.0
    r, g, b = (_linear(channel / 255) for channel in (red, green, blue))
    x = r * 0.664511 + g * 0.154324 + b * 0.162028
    y = r * 0.283881 + g * 0.668433 + b * 0.047685
    z = r * 0.000088 + g * 0.072310 + b * 0.986039
    return round(x / (x + y + z), 3), round(y / (x + y + z), 3)


def xy_to_rgb(x: float, y: float) -> Rgb:
    """At full brightness."""
    y = y or 1e-11
    wide_x, wide_z = x / y, (1 - x - y) / y
    linear = (
        wide_x * 1.656492 - 0.354851 - wide_z * 0.255038,
        -wide_x * 0.707196 + 1.655397 + wide_z * 0.036152,
        wide_x * 0.051713 - 0.121364 + wide_z * 1.011530,
    )
    channels = [max(0.0, _gamma(channel)) for channel in linear]
    top = max(channels)
    if top > 1:
        channels = [channel / top for channel in channels]
    red, green, blue = (int(channel * 255) for channel in channels)
    return red, green, blue


def _linear(channel: float) -> float:
    return ((channel + 0.055) / 1.055) ** 2.4 if channel > 0.04045 else channel / 12.92


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def hs_to_xy(hue: float, saturation: float) -> Pair:
    """By way of RGB."""
    return rgb_to_xy(*hs_to_rgb(hue, saturation))


def xy_to_hs(x: float, y: float) -> Pair:
    """By way of RGB."""
    return rgb_to_hs(*xy_to_rgb(x, y))


def xy_to_kelvin(x: float, y: float) -> int:
    """Good between 2000 K and 10000 K."""
    n = (x - 0.3320) / (0.1858 - y)
    return int(437 * n**3 + 3601 * n**2 + 6861 * n + 5517)


def kelvin_to_rgb(kelvin: float) -> tuple[float, float, float]:
    """The tint of a white, between 1000 K and 40000 K."""
    hundreds = min(max(kelvin, 1_000), 40_000) / 100
    warm = hundreds <= 66
    red = 255.0 if warm else _channel(329.698727446 * (hundreds - 60) ** -0.1332047592)
    if warm:
        green = _channel(99.4708025861 * math.log(hundreds) - 161.1195681661)
    else:
        green = _channel(288.1221695283 * (hundreds - 60) ** -0.0755148492)
    if hundreds >= 66:
        blue = 255.0
    else:
        blue = 0.0 if hundreds <= 19 else _channel(138.5177312231 * math.log(hundreds - 10) - 305.0447927307)
    return red, green, blue


def _channel(value: float) -> float:
    return min(max(value, 0.0), 255.0)


def kelvin_to_hs(kelvin: float) -> Pair:
    """The tint of a white."""
    return rgb_to_hs(*kelvin_to_rgb(kelvin))


def kelvin_to_rgbww(kelvin: float, brightness: float, least: float, most: float) -> tuple[int, ...]:
    """Red, green, blue, cold and warm white for a lamp whose whites are `least` and `most` kelvin."""
    warmest, coldest = kelvin_to_mired(least), kelvin_to_mired(most)
    cold = (warmest - kelvin_to_mired(kelvin)) / (warmest - coldest) * brightness
    return 0, 0, 0, round(cold), round(brightness - cold)


def rgb_to_rgbw(red: int, green: int, blue: int) -> tuple[int, ...]:
    """What the colours have in common goes to the white channel."""
    white = min(red, green, blue)
    return _matched((red, green, blue), (red - white, green - white, blue - white, white))


def rgbw_to_rgb(red: int, green: int, blue: int, white: int) -> tuple[int, ...]:
    """The white channel goes to the colours."""
    return _matched((red, green, blue, white), (red + white, green + white, blue + white))


def rgb_to_rgbww(rgb: Sequence[int], whites: tuple[float, float]) -> tuple[int, ...]:
    """What the colours have in common with the middle white goes to both whites; `whites` in kelvin, the warm first."""
    coldest = kelvin_to_mired(whites[1])
    middle = mired_to_kelvin(coldest + (kelvin_to_mired(whites[0]) - coldest) / 2)
    tint = kelvin_to_rgb(middle)
    level = min(channel / part if part else 0 for channel, part in zip(rgb, tint, strict=True))
    rest = tuple(channel - part * level for channel, part in zip(rgb, tint, strict=True))
    return _matched(rgb, (*rest, round(level * 255), round(level * 255)))


def rgbww_to_rgb(rgbww: Sequence[int], whites: tuple[float, float]) -> tuple[int, ...]:
    """The whites go to the colours, in their tint; red, green, blue, cold, warm."""
    cold, warm = rgbww[3], rgbww[4]
    coldest = kelvin_to_mired(whites[1])
    share = warm / (cold + warm) if cold + warm else 0.5
    mired = coldest + share * (kelvin_to_mired(whites[0]) - coldest)
    tint = kelvin_to_rgb(mired_to_kelvin(mired) if mired else 0)
    level = max(cold, warm) / 255
    rgb = tuple(channel + part * level for channel, part in zip(rgbww[:3], tint, strict=True))
    return _matched(rgbww, rgb)


def _matched(given: Sequence[float], made: Sequence[float]) -> tuple[int, ...]:
    """Scaled so that the largest channel stays as large as it was."""
    top = max(made)
    factor = max(given) / top if top else 0.0
    return tuple(round(channel * factor) for channel in made)
