"""Sampled values: levels, colours, times, durations, lists, messages, media, as people say them."""

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
    "low|medium|high|full|maximum|max|slow|fast|full speed|the lowest setting|half speed|top speed|one|two|three|speed two|level 3|quiet"
)
_VOLUME = _pick(
    "max|full|maximum|minimum|half|the loudest|low|high|medium|zero|five|ten|three|level four|the max|the lowest|the maximum|full blast|7|4|a lower level|eleven"
)
_POSITION = _pick(
    "half|halfway|half way|a quarter|three quarters|a third|fully|all the way|completely|a little|a crack|partly"
)
_STEP = _pick(
    "a bit|a little|a little bit|a lot|slightly|a touch|a tad|some|a notch|two notches|a level|way|much|a smidge|one step|just a bit|a little more|a bit more|three steps|loads|one notch"
)
_COLOR = _pick(
    "red|blue|green|yellow|orange|purple|pink|white|violet|turquoise|cyan|magenta|teal|gold|lime|indigo|lavender|salmon|coral|crimson|navy|maroon|olive|beige|brown|amber|aqua|ivory",
    "warm white|cool white|cold white|daylight|soft white|warm|cooler|warmer|candlelight|warm yellow|light blue|dark blue|sky blue|bright red|deep purple|hot pink|forest green|pale green|navy blue|mint green|natural white|warm orange|ice blue|rose|peach|dark red|light green|2700 kelvin|4000 kelvin|neon green|blood red|ocean blue|sunset orange|bluish|reddish|black|grey",
)  # fmt: skip
_MODES: Final[Mapping[str, Callable[[Random], str]]] = {
    "climate": _pick("heat|cool|auto|off|dry|fan only|heating|cooling|eco|away|comfort|boost|sleep|home|automatic|fan|heat cool|energy saving|economy|night|vacation|frost protection|holiday"),
    "fan": _pick("auto|low|medium|high|sleep|quiet|turbo|natural|breeze|automatic|silent|night|on|circulate|diffuse|baby|smart"),
    "preset": _pick("eco|away|comfort|boost|sleep|home|activity|none|night|auto|quiet|baby|vacation|turbo|normal"),
    "alarm": _pick("away|home|night|stay|vacation|holiday|sleep|perimeter|at home|not home|instant"),
    "source": _pick("hdmi 1|hdmi 2|hdmi one|hdmi two|netflix|youtube|spotify|bluetooth|aux|channel five|channel 7|bbc one|tuner|radio|line in|disney plus|the playstation|usb|optical|channel 12|fm|plex|the news channel|vinyl|the blu ray|prime video|airplay"),
    "effect": _pick("rainbow|party|candle|fireplace|colorloop|color loop|strobe|sunrise|sunset|disco|christmas|romantic|reading|relax|night|movie|focus|sleep|concentrate|fire|blink|aurora|pulse|lightning|bedtime|energize|cozy|something romantic|police"),
    "option": _pick("eco|cotton|quick wash|normal|intensive|delicate|fast|forward|reverse|winter|summer|auto|manual|english|weekend|weekday|rinse|boost|wool|level 2|solar only|rainbow|short|spin"),
}  # fmt: skip
_STATES: Final[Mapping[str, Callable[[Random], str]]] = {
    "on": _pick("on|off|running|turned on|switched on|turned off|on or off|still on|on now|switched off|active|lit|working"),
    "open": _pick("open|closed|shut|opened|up|down|still open|wide open|open or closed|ajar"),
    "lock": _pick("locked|unlocked|secure|secured|bolted|locked up|still locked|closed and locked"),
    "home": _pick("home|away|at home|not home|in the house|out|back|still at work|at work|at school|on board"),
    "any": _pick("playing|charging|docked|cleaning|armed|disarmed|paused|jammed|wet|detected|occupied|low|full|empty|heating|cooling|idle|muted|stuck|moving|online|offline|connected|finished|plugged in|triggered|dirty"),
}  # fmt: skip
_MEASURE = _pick(
    "temperature|humidity|battery|battery level|power|energy|co2|carbon dioxide|pressure|air quality|humid|warm|hot|cold|cool|moisture|brightness|light level|wind speed|water level|voltage|power consumption|power usage|electricity|current|signal strength|rainfall|moist|damp|dry|soil moisture|dew point|particulate matter|noise level|charge|bright|consumption|flow|speed|ph|salinity|weight|uv index|air pressure|degrees"
)
_AGGREGATE = _pick(
    "average|highest|lowest|maximum|minimum|coldest|hottest|warmest|total|how many|how often|how long|max|min|mean|peak|how many times|when|sum|median|most|least|wettest|normal|trend|coolest|overall|top|last|first"
)
_UNITS = ("seconds", "minutes", "minutes", "minutes", "minutes", "hours", "hours")
_TIMER_LABEL = _pick(
    "pizza|pasta|egg|eggs|tea|laundry|bread|rice|chicken|cookies|cake|oven|workout|nap|potato|homework|break|study|coffee|washing|dinner|steak|meditation|game|laundry|plank|roast|dough|soup|screen time|parking|first|second|bath|kitchen|medicine|lasagna|brownies|kids|yoga|muffins|turkey|five minute|bbq|brisket"
)
_DAY = _pick(
    "tomorrow|today|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|next monday|this friday|next week|the day after tomorrow|tomorrow morning|this evening|tomorrow evening|this afternoon|saturday morning|march third|the 5th of may|june 12th|christmas day|new year's eve|the twentieth|next month|sunday night|the weekend|this weekend|october 3|the end of the week"
)
_WHEN = _pick(
    "sunset|sunrise|noon|midnight|dusk|dawn|midday|bedtime|lunchtime|nightfall|dinner time|half an hour before sunset|an hour after sunrise|ten minutes before sunrise|the morning|the evening|the afternoon|night|first light"
)
_RECURRING = _pick(
    "every day|every morning|every evening|every night|every weekday|every monday|on weekdays|on weekends|daily|weekly|every day at seven|every weekday at six thirty|every saturday at noon|every hour|every other day|each morning|every sunday at 9 am|every friday night|monday to friday|every two hours|each night at eleven|nightly|every evening at sunset|mondays and thursdays at eight|every tuesday and friday|every weekend at ten|hourly"
)
_PAST = _pick(
    "last night|yesterday|today|this morning|since tuesday|in the past two hours|last week|this week|in the last hour|over the last day|since midnight|yesterday evening|last month|the last three days|on monday|since this morning|last weekend|overnight|right now|now|currently|at the moment|in the last 24 hours|so far today|this month|between noon and four|since yesterday|all day|an hour ago|around midnight|last tuesday|at noon|this afternoon|the other day|in march|this year|during the night|the whole week|since i left|so far"
)
_CONDITION = _pick(
    "when i come home|when i arrive|if the window is open|when it gets dark|when the sun goes down|if nobody is home|when everyone leaves|if it rains|when motion is detected in the hall|if the temperature drops below 18|when the door opens|when the washing machine is done|if it's too cold|when i leave the house|if anyone is in the kitchen|when the phone rings|once the movie starts|as soon as i get home|when the alarm goes off|whenever somebody rings|if the freezer gets too warm|when the humidity goes above sixty percent|if the door is left open for five minutes|when tom gets home|after the movie ends|when i wake up|unless someone is in the room|if the soil is dry|when the battery is low|when the sun comes up|once everybody is asleep|while i am away|if there is no motion for ten minutes|when the dryer finishes|when i say so|whenever it is dark|as soon as the baby wakes up|until i come back|if the light is on|when the tv is on|if the power price is low|the moment the gate opens|when i go to bed|when my alarm rings|every time the door opens|before i get home|if the wind is above thirty"
)
_ITEM_A = ["milk", "eggs", "bread", "butter", "cheese", "apples", "bananas", "toilet paper", "coffee", "tea", "sugar", "flour", "rice", "pasta", "tomatoes", "onions", "chicken", "beer", "wine", "dish soap", "batteries", "shampoo", "toothpaste", "cat food", "dog food", "orange juice", "olive oil", "salt", "pepper", "garlic", "potatoes", "carrots", "yogurt", "cereal", "paper towels", "light bulbs", "nails", "screws", "paint", "printer paper", "diapers", "ice cream", "chocolate", "water", "lettuce", "salmon", "ham", "oat milk", "basil", "honey", "jam", "peanut butter", "cucumbers", "avocados", "lemons", "tin foil", "bin bags", "soap", "detergent", "sponges", "candles", "flowers", "stamps", "bacon", "beef", "oranges", "strawberries", "cookies", "chips", "ketchup", "mustard", "vinegar", "cinnamon"]  # fmt: skip
_ITEM_B = ["call the plumber", "pay the rent", "book the dentist", "clean the gutters", "fix the bike", "wash the car", "renew passport", "return the library books", "change the oil", "buy a present for mum", "vacuum the car", "send the invoice", "water the plants", "walk the dog", "mow the lawn", "file taxes", "fix the sink", "iron shirts", "write to the landlord", "order firewood", "sharpen the knives", "finish the report", "do laundry", "take out the trash", "service the boiler"]  # fmt: skip
_LIST = _pick(
    "shopping|grocery|groceries|to do|todo|to-do|hardware store|packing|christmas|wish|chores|task|tasks|party|weekend|camping|birthday|reading|movie|work|costco|costco|bucket|gift|cleaning|holiday|school|supermarket|farm|boat|workshop|things to buy|errands|target|pharmacy|garden|ikea|meal|new|drinks|house|daily"
)
_MESSAGE = _pick(
    "dinner is ready|call mum|take the pizza out|water the plants|the guests are here|it's time for bed|we are leaving in five minutes|feed the cat|take out the trash|take my medicine|pick up the kids|lunch is on the table|buy milk|turn off the oven|check the laundry|someone is at the door|breakfast is ready|charge the car|pay the bills|the movie is starting|go to the dentist|call the doctor|put the bins out|the bath is ready|come downstairs|stretch|drink water|submit the report|the dog needs a walk|bring in the washing|lock the doors|phone grandma|i'm home|school bus is here|get dressed|move the car|close the windows|turn the compost|the washing is done|check the anchor|leave for the airport|ring the bank|return the drill|my meeting with anna|the birthday party|a doctor's appointment|time to go|take a break|send the email|order pizza|read the meter"
)
_MEDIA = _pick(
    "some jazz|jazz|the beatles|bohemian rhapsody|bohemian rhapsody by queen|my workout playlist|some music|music|classical music|rock music|radio four|bbc radio 2|adele|taylor swift|hello by adele|some relaxing music|christmas songs|my favorite songs|the latest album by coldplay|a podcast|white noise|rain sounds|heavy metal|hip hop|beethoven|mozart|the radio|lullabies|stranger things|a movie|the lion king|the audiobook|harry potter|my playlist|country music|eighties hits|disco|thriller by michael jackson|something by abba|frank sinatra|miles davis|the office|star wars|the daily podcast|reggae|party music|dance music|ocean sounds|the top forty|my chill mix|techno|piano music|rolling stones|lo fi beats|imagine by john lennon|jazz fm|the next episode|sleep sounds|blues|whale songs|the game|another song|my discover weekly|bach|pop songs|songs from the nineties|the soundtrack of frozen|a song by prince|old school rap|opera|indie folk|the latest episode of this american life|npr|salsa|that song from the film|bob marley"
)


def duration(random: Random) -> str:
    """ "five minutes", "an hour and a half", "90 secs" …"""
    unit = random.choice(_UNITS)
    roll = random.random()
    if roll < 0.1:
        return random.choice(("an hour", "a minute", "half an hour", "half a minute", "a quarter of an hour", "an hour and a half", "an hour and a quarter", "two and a half hours", "a couple of minutes", "a few minutes", "one hour", "one minute", "forty five mins", "30 secs", "a couple of hours", "three quarters of an hour", "5 min", "1h", "a day", "a second"))  # fmt: skip
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


def time(random: Random, kind: str) -> str:
    kind = kind or random.choice(("clock", "clock", "day", "when", "recurring", "clockday"))
    if kind == "clock":
        return clock(random) + (f" {_DAY(random)}" if random.random() < 0.15 else "")
    if kind == "clockday":
        return f"{_DAY(random)} at {clock(random)}"
    return {"day": _DAY, "when": _WHEN, "recurring": _recurring, "past": _PAST}.get(kind, _DAY)(random)


def _recurring(random: Random) -> str:
    if random.random() < 0.5:
        return _RECURRING(random)
    return f"every {random.choice(('day', 'morning', 'weekday', 'monday', 'friday', 'evening', 'sunday', 'night', 'weekend'))} at {clock(random)}"


def item(random: Random) -> str:
    if random.random() < 0.15:
        return random.choice(_ITEM_B)
    base = random.choice(_ITEM_A)
    roll = random.random()
    if roll < 0.2:
        return f"{random.choice(('two', 'three', 'a dozen', 'a bottle of', 'a pack of', 'some', 'six', 'a bag of', '2', 'a loaf of', 'more', 'two pounds of', 'a can of', 'organic'))} {base}"  # fmt: skip
    if roll < 0.3:
        return f"{base} and {random.choice(_ITEM_A)}"
    return base


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
    """The words of one value slot."""
    match slot:
        case "level":
            return level(random, kind)
        case "step":
            return step(random, kind)
        case "mode":
            return _MODES.get(kind, _MODES[random.choice(tuple(_MODES))])(random)
        case "state":
            return _STATES.get(kind, _STATES["any"])(random)
        case "time":
            return time(random, kind)
        case "duration" | "delay":
            return duration(random)
        case "item":
            return item(random)
        case _:
            return _PLAIN[slot](random)


_PLAIN: Final[Mapping[str, Callable[[Random], str]]] = {
    "color": _COLOR, "measure": _MEASURE, "aggregate": _AGGREGATE, "condition": _CONDITION, "label": _TIMER_LABEL,
    "list": _LIST, "message": _MESSAGE, "media": _MEDIA,
}  # fmt: skip
