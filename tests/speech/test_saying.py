"""How things are read out; the table is what people say in Britain."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.saying import spoken

TABLE = {
    # Numbers
    "Lamp 2 of 105": "Lamp two of one hundred and five",
    "1,234.5 or 1234567": "one thousand two hundred and thirty-four point five or one million two hundred and "
    "thirty-four thousand five hundred and sixty-seven",
    "-3 and +5": "minus three and plus five",
    "pi is 3.14159265": "pi is three point one four two",
    "1.2e-05": "one point two times ten to the minus five",
    "code 007": "code zero zero seven",
    "12345678901234567890": "one two three four five six seven eight nine zero one two three four five six seven "
    "eight nine zero",
    "192.168.1.10": "one nine two dot one six eight dot one dot ten",
    "version 1.2.3": "version one point two point three",
    "2½ cups, ½ cup": "two and a half cups, a half cup",
    "3/10, 24/7": "three out of ten, twenty-four seven",
    "the 21st and the 112th": "the twenty-first and the one hundred and twelfth",
    "٣ lamps, ① more": "three lamps, one more",
    "~5, ±2, <5, >= 3": "about five, plus or minus two, less than five, at least three",
    "2 + 3 = 5": "two plus three equals five",
    "10k": "ten thousand",
    "£12.50, 5€, $1, €0.30/kWh": "twelve pounds fifty, five euros, one dollar, thirty cents per kilowatt hour",
    # Units
    "It is 21.5 °C.": "It is twenty-one point five degrees.",
    "It's 1 °C, or -3°C": "It's one degree, or minus three degrees",
    "at 40%": "at forty percent",
    "45 % RH": "forty-five percent R H",
    "3.25 kWh, 1 kWh": "three point two five kilowatt hours, one kilowatt hour",
    "PM2.5 is 12 µg/m³": "P M two point five is twelve micrograms per cubic metre",
    "1013 hPa": "one thousand and thirteen hectopascals",
    "2700 K on the 4K TV": "two thousand seven hundred kelvin on the four K T V",
    "3 x 60 W": "three times sixty watts",
    "5 Mbit/s": "five megabits per second",
    "in kWh": "in kilowatt hours",
    # Ranges, durations
    "18–22 °C": "eighteen to twenty-two degrees",
    "5-10 minutes": "five to ten minutes",
    "555-1234": "five hundred and fifty-five to one thousand two hundred and thirty-four",
    "1h30min": "one hour thirty minutes",
    "1 h 5 min 1 s": "one hour five minutes one second",
    # Times and dates
    "at 19:30": "at seven thirty P M",
    "at 7:05": "at seven oh five",
    "at 7:00": "at seven o'clock",
    "12:00, 0:00, 00:15": "noon, midnight, twelve fifteen A M",
    "7am, 7:30 p.m. or so": "seven A M, seven thirty P M or so",
    "Friday the 3rd of January 2025": "Friday the third of January twenty twenty-five",
    "2026-11-21T14:30:00+00:00": "the twenty-first of November twenty twenty-six, two thirty P M",
    "21/11/2026, 11/21/2026": "the twenty-first of November twenty twenty-six, the twenty-first of November twenty "
    "twenty-six",
    "on 21 Nov": "on the twenty-first of November",
    "Sun Nov 1, 1905": "Sunday the first of November nineteen oh five",
    "in 1984, since 2003.": "in nineteen eighty-four, since two thousand and three.",
    "2026-13-45": "two thousand and twenty-six thirteen forty-five",
    # Abbreviations
    "The TV, TVs and CO2": "The T V, T V's and C O two",
    "CO₂ and H2O": "C O two and H two O",
    "e.g. WiFi, OK": "for example why-fie, okay",
    "Max. temp. 5": "Maximum temperature five",
    "Dr. Who": "Doctor Who",
    # Names of devices
    "kitchen_light": "kitchen light",
    "light.kitchen_main": "kitchen main",
    "LivingRoomTV": "Living Room T V",
    "Lamp #2 (hall)": "Lamp number two hall",
    "Lamp2 E27": "Lamp two E twenty-seven",
    "on/off & up": "on off and up",
    # What is written for the eye, and what would be an order elsewhere
    "**bold**, `code`": "bold, code",
    "- milk\n- eggs": "milk, eggs",
    "[the page](https://example.org/x)": "the page",
    "see https://www.example.org/a?b=1": "see example dot org",
    "a.b@example.org": "a dot b at example dot org",
    "<break time='5s'/>hi <b>there</b>": "break time equals five seconds hi b there b",
    "[[h@l@U]] \x0150P hello 😀": "h l U fifty P hello",
    "…": "",
    "": "",
}


@pytest.mark.parametrize(("text", "said"), TABLE.items())
def test_it_is_read_out_as_people_say_it(text: str, said: str) -> None:
    assert spoken(text) == said


PIECES = st.sampled_from(
    (
        *(
            "1",
            "0",
            "12",
            "2026",
            "7:05",
            "-3",
            ".5",
            "21.5",
            "1,234",
            "1/2",
            "°C",
            "%",
            "kWh",
            "m³",
            "µg/m³",
            "£",
            "€",
        ),
        *(
            "[[",
            "]]",
            "<",
            ">",
            "&",
            "#",
            "*",
            "_",
            "`",
            "~",
            "-",
            "–",
            "/",
            ":",
            ".",
            ",",
            ";",
            "'",
            '"',
            "(",
            ")",
            "=",
        ),
        *("+", "x", "K", "TV", "CO2", "am", "PM", "Nov", "Mon", "3rd", "https://", "a@b.c", "light.on_off", "\n", "\t"),
        *("\x01", "\u2028", "½", "²", "😀", "é", " "),
    )
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES).map(" ".join)))
def test_whatever_comes_no_digit_and_no_order_comes_out(text: str) -> None:
    said = spoken(text)
    assert not re.search(r"[0-9\[\]<>\x00-\x1f\x7f|\\{}@#*_`]", said), said
    assert all(char.isprintable() for char in said)
    assert said == said.strip()
    assert "  " not in said


@given(st.integers(0, 10**15 - 1))
def test_each_number_has_words_of_its_own(number: int) -> None:
    assert spoken(str(number)) != spoken(str(number + 1))
    assert spoken(f"{number:,}") == spoken(str(number))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["1" * 50_000, "a" * 50_000, "<" * 50_000, "- " * 50_000, "1-" * 50_000, "_a." * 20_000]
)
def test_long_nonsense_takes_no_long_time(text: str) -> None:
    assert spoken(text) is not None
