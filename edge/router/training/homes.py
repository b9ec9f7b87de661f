"""Sampled homes: how people name things and places, with names no list foresees."""

from random import Random
from typing import Final

from edge.router.training.grammar import Piece

AREAS: Final = tuple(
    """kitchen|bedroom|living room|bathroom|hallway|hall|office|study|garage|dining room|basement|cellar|attic|loft|
    porch|front porch|patio|balcony|garden|back garden|yard|backyard|shed|greenhouse|guest room|spare room|kids room|
    kid's room|children's room|nursery|playroom|laundry room|utility room|pantry|lounge|sitting room|family room|den|
    library|entrance|foyer|corridor|landing|stairs|staircase|closet|wardrobe|toilet|restroom|washroom|ensuite|shower|
    terrace|deck|driveway|workshop|barn|stable|cabin|galley|cockpit|saloon|pump room|boiler room|server room|lab|
    conservatory|sunroom|gym|home gym|music room|game room|cinema room|media room|studio|mudroom|bar|wine cellar|
    pool|pool house|sauna|front yard|carport|bedroom two|master bedroom|main bedroom|master bath|small bathroom|
    upstairs bathroom|downstairs hall|front room|back room|tv room|reading corner|breakfast nook|rooftop|lobby|
    meeting room|reception|warehouse|storage room|engine room|barn loft|tent|caravan|camper""".replace(
        "\n    ", ""
    ).split("|")
)
PEOPLE: Final = tuple(
    """anna|tom|maria|john|emma|lucas|sofia|oliver|mia|noah|lena|ben|sarah|david|julia|max|kate|peter|nina|paul|grandma|
    grandpa|mum|dad|mom|baby|kids|ravi|priya|wei|yuki|ahmed|fatima|carlos|ingrid|sven|olga|pablo|chloe|jack|lily|sam|
    alex|charlie|daisy|oscar|leo|ella|hugo|zoe|violet|rose|jasmine|amber|ruby|iris|hazel|april|june|mark|frank|grace|
    dawn|ivy|heather|penny|summer|ray|jade|basil|bill|aunt may|the twins|my wife|my husband|my daughter|my son""".replace(
        "\n    ", ""
    ).split("|")
)
FLOORS: Final = ("upstairs", "downstairs")
FLOORS_ON: Final = (
    "first floor", "second floor", "ground floor", "top floor", "main floor", "upper floor", "lower floor", "third floor",
    "upper level", "basement level", "lower deck", "upper deck", "attic floor", "whole first floor", "entire second floor",
)  # fmt: skip
WHOLE: Final = (
    "house", "home", "whole house", "entire house", "apartment", "flat", "whole apartment", "building", "boat", "cabin",
    "whole place", "entire home", "place",
)  # fmt: skip
HERE: Final = ("here", "this room", "the room", "my room", "this area", "this space", "in here", "our room")
OUTSIDE: Final = ("outside", "outdoors", "inside", "indoors", "out front", "out back")
INSIDE: Final = ("inside", "indoors")

_ADJECTIVES: Final = tuple(
    """main|big|small|little|left|right|middle|upper|lower|front|back|rear|side|old|new|red|blue|green|white|black|brown|
    tall|round|long|corner|overhead|hanging|standing|floor|table|desk|bedside|ceiling|wall|night|reading|accent|ambient|
    mood|party|disco|christmas|fairy|string|under cabinet|spot|rope|track|pendant|recessed|cupboard|mirror|vanity|
    pool|path|walkway|landscape|flood|security|dining|kitchen island|fireplace|smart|hue|wemo|philips|ikea|lifx|zigbee|
    second|first|third|other|outdoor|indoor|north|south|east|west|sunset|moon|star|tiffany|lava|salt|industrial|bar|
    aquarium|fish tank|piano|sofa|couch|tv|bookshelf|hutch|stove|sink|shower|toilet|crib|cot|bunk bed|workbench""".replace(
        "\n    ", ""
    ).split("|")
)
_NOUNS: Final[dict[str, tuple[str, ...]]] = {
    "light": ("light", "lamp", "bulb", "lights", "lamps", "bulbs", "lighting", "light bulb", "chandelier", "spotlight",
              "spotlights", "led", "leds", "led strip", "light strip", "downlights", "sconce", "lantern", "nightlight",
              "floodlight", "fairy lights", "string lights", "uplighter", "light fixture", "strip light"),
    "switch": ("plug", "switch", "socket", "outlet", "smart plug", "power strip", "plug socket", "power outlet", "relay",
               "smart switch", "wall switch", "wall plug", "extension cord", "smart socket", "power point"),
    "appliance": ("coffee machine", "coffee maker", "kettle", "heater", "space heater", "wifi", "router", "printer",
                  "washing machine", "washer", "dryer", "dishwasher", "oven", "toaster", "fridge", "freezer", "computer",
                  "pc", "monitor", "christmas tree", "fountain", "pump", "pool pump", "sprinkler", "sprinklers",
                  "irrigation", "aquarium", "towel warmer", "electric blanket", "dehumidifier", "air purifier",
                  "charger", "car charger", "3d printer", "soldering iron", "compressor", "doorbell", "camera",
                  "cameras", "microwave", "rice cooker", "slow cooker", "iron", "hair dryer", "projector", "amplifier",
                  "game console", "xbox", "playstation", "server", "nas", "bilge pump", "water pump", "grow light",
                  "heat lamp", "diffuser", "espresso machine", "crockpot", "hot tub", "jacuzzi", "power", "electricity"),
    "fan": ("fan", "fans", "ceiling fan", "extractor fan", "exhaust fan", "ventilation", "ventilator", "extractor",
            "tower fan", "desk fan", "cooker hood", "air purifier", "vent", "bathroom fan", "pedestal fan"),
    "cover": ("blinds", "blind", "curtains", "curtain", "shutters", "shutter", "shades", "shade", "awning", "drapes",
              "roller blind", "venetian blinds", "garage door", "gate", "front gate", "skylight", "roller shutters",
              "blackout curtains", "sunshade", "patio awning", "driveway gate", "sheer curtains", "screen",
              "projector screen", "garage doors", "louvers", "roof window", "shutter door", "sliding door", "hatch"),
    "window": ("window", "windows", "skylight", "roof window", "bay window", "vent window"),
    "garage": ("garage", "garage door", "garage doors", "gate", "big garage door", "left garage door", "carport door"),
    "valve": ("valve", "water valve", "main valve", "gas valve", "irrigation valve", "water main", "radiator valve",
              "drip line", "garden tap", "tap", "zone one valve", "water supply", "main water"),
    "lock": ("door", "front door", "back door", "lock", "door lock", "side door", "patio door", "garage door",
             "smart lock", "doors", "deadbolt", "gate", "main door", "cellar door", "shed", "locks", "front doors",
             "balcony door", "entrance", "safe", "gun cabinet", "car", "all doors"),
    "climate": ("thermostat", "heating", "heater", "air conditioner", "ac", "air conditioning", "radiator", "aircon",
                "heat pump", "a c", "central heating", "floor heating", "underfloor heating", "radiators", "boiler",
                "furnace", "mini split", "climate control", "nest", "ecobee", "hvac", "heat", "air con", "radiator valve"),
    "humidifier": ("humidifier", "dehumidifier", "air humidifier", "mister", "fogger"),
    "heater": ("water heater", "boiler", "hot water", "immersion heater", "geyser", "hot water tank"),
    "media": ("tv", "television", "speaker", "speakers", "radio", "stereo", "music", "sonos", "soundbar", "chromecast",
              "apple tv", "telly", "music player", "kitchen radio", "bluetooth speaker", "receiver", "hifi", "amp",
              "fire stick", "roku", "homepod", "record player", "projector", "smart tv", "sound system", "playstation",
              "echo", "nest mini", "media player", "spotify", "headphones"),
    "vacuum": ("vacuum", "robot", "roomba", "hoover", "vacuum cleaner", "robot vacuum", "cleaning robot", "cleaner",
               "mop", "sweeper", "roborock", "dusty", "rosie", "robot cleaner", "vacuum robot", "vac", "robot mop"),
    "mower": ("mower", "lawn mower", "lawnmower", "robot mower", "grass cutter", "mowing robot", "automower"),
    "panel": ("alarm", "alarm system", "security system", "house alarm", "burglar alarm", "security", "alarm panel",
              "home security", "intruder alarm"),
    "siren": ("siren", "alarm", "horn", "strobe", "alarm siren", "buzzer"),
    "scene": ("movie night", "movie time", "dinner", "party", "relax", "bedtime", "good night", "romantic", "reading",
              "focus", "good morning", "sunset", "night", "cozy", "gaming", "guests", "away", "christmas", "wake up",
              "cleaning", "date night", "concentrate", "chill", "work", "goodbye", "arrival", "evening", "cooking"),
    "script": ("good night", "party time", "morning routine", "leaving home", "bedtime", "welcome home", "water plants",
               "feed the cat", "lockdown", "wake up", "backup", "siesta", "open house", "vacation", "night watch",
               "coffee time", "irrigation cycle", "storm mode", "anchor watch", "school run", "laundry day"),
    "button": ("doorbell", "restart button", "gate button", "identify button", "reset", "feeder button", "call button",
               "reboot", "dispense", "boost"),
    "number": ("pump interval", "target level", "alarm threshold", "spray time", "feed amount", "delay", "dose",
               "charging current", "charge limit", "boost time", "volume limit", "sensitivity"),
    "select": ("washer program", "heating program", "input", "fan direction", "display language", "dishwasher program",
               "operating mode", "irrigation program", "charging mode", "led pattern", "ventilation level"),
    "sensor": ("sensor", "temperature sensor", "thermometer", "humidity sensor", "freezer", "fridge",
               "soil sensor", "water tank", "battery", "solar panels", "power meter", "outdoor sensor",
               "smoke detector", "co2 sensor", "rain gauge", "barometer", "wind sensor", "water level", "bilge",
               "aquarium", "pool", "washing machine", "electric meter", "gas meter", "motion sensor", "door sensor",
               "weather station", "incubator", "wine fridge", "compost", "boiler", "inverter", "tank", "well"),
}  # fmt: skip
_ODD: Final = tuple(
    """vesuvius|bob|godzilla|the beast|sparky|mr sunshine|lumos|jarvis lamp|big bertha|steve|r2d2|snowflake|the eye|
    mothership|glow worm|moonbase|henry|old faithful|thunder|zeus|apollo|tinkerbell|marvin|hal|dragon|buddha|elvis|
    the cube|cloud|the tower|batcave|sunny|nemo|totoro|falcon|unit seven|relay 4|node three|zone 2|channel b|l1|alpha""".replace(
        "\n    ", ""
    ).split("|")
)
_COLOURED: Final = tuple(
    """red|blue|green|white|black|yellow|orange|purple|pink|violet|amber|golden|gold|silver|copper|bronze|turquoise|
    scarlet|crimson|indigo|lavender|lilac|teal|ivory|ruby|emerald|sapphire|coral|peach|olive|lime|rose|rainbow|warm white|
    dark blue|light green|bright red|blue and white""".replace("\n    ", "").split("|")
)
_NUMBERED: Final = ("room one", "room two", "room 3", "bedroom four", "room five", "cabin two", "bay six", "stall 4",
                    "flat two", "bathroom two", "room 101", "number five", "hall b", "zone one", "level two")  # fmt: skip
_NAMED: Final = tuple(
    """violet|ginger|olive|rose|amber|jasmine|pearl|ruby|hazel|ivy|lily|daisy|poppy|iris|heather|rosemary|basil|sage|
    saffron|pepper|cinnamon|nutmeg|clover|willow|holly|fern|maple|oak|cherry|lemon|mint|peach|plum|coral|indigo|sienna|
    scarlet|goldie|blanche|blackie|snowy|jade|opal|crystal|ember|dawn|eve|april|june|august|autumn|summer|paris|london|
    vienna|sydney|brooklyn|austin|madison|florence|china|rio|sahara|oslo|orion|luna|stella|mars|venus|neptune|saturn|
    pluto|victor|bertha|big ben|little tom|old george|frank|grace|joy|hope|faith|mark|bill|art|gene|chip|sandy|
    rusty|dusty|sunny|misty|stormy|dimple|sparkle|blaze|lucky|happy|number one|number two|number five|
    number seven|number thirty|lamp seven|unit three|zone b|sony|bosch|dyson|miele|samsung|tradfri|ikea|
    philips|govee|nanoleaf|yeelight|tapo|shelly|sonoff|aqara|kasa|eve strip|aurora|symfonisk|fado|hektor|ranarp""".replace(
        "\n    ", ""
    ).split("|")
)
_COLOURABLE: Final = ("light", "lamp", "bulb", "strip", "lantern", "lamps", "bulbs", "led", "globe", "spot", "lava lamp",
                      "night light", "fairy lights", "desk lamp", "floor lamp", "chandelier", "light strip")  # fmt: skip
_QUANTIFIED: Final = (
    "all",
    "all the",
    "every",
    "all of the",
    "both",
    "both the",
    "each",
    "the other",
    "all my",
    "any",
    "two",
    "three",
)
EVERYTHING: Final = (
    "everything", "all", "all devices", "all the devices", "every device", "it all", "all appliances", "everything electric",
    "all electronics", "the whole lot", "all of them", "every single thing", "all the stuff", "all switches",
)  # fmt: skip
_RELATION: Final = (
    "by the",
    "next to the",
    "over the",
    "under the",
    "above the",
    "near the",
    "behind the",
    "on the",
    "in the corner by the",
)
_FURNITURE: Final = (
    "sofa",
    "bed",
    "desk",
    "stairs",
    "window",
    "table",
    "tv",
    "door",
    "sink",
    "fireplace",
    "bookshelf",
    "piano",
    "couch",
    "cot",
    "bench",
)


class Names:
    """Names of things; `strange` is a list of ordinary words that may become a name ("turn on falcon")."""

    def __init__(self, strange: tuple[str, ...]) -> None:
        self._strange = strange

    def area(self, random: Random) -> str:
        roll = random.random()
        if roll < 0.06:
            return f"{random.choice(PEOPLE)}'s {random.choice(('room', 'bedroom', 'office', 'bathroom', 'den', 'corner', 'workshop'))}"
        if roll < 0.1:
            return f"{random.choice(self._strange)} {random.choice(('room', 'cabin', 'hall', 'house', 'corner', 'wing', 'lab'))}"
        if roll < 0.12:
            return random.choice(self._strange)
        if roll < 0.14:
            return f"{random.choice(_COLOURED[:33])} {random.choice(('room', 'bedroom', 'lounge', 'hall', 'bathroom', 'corner'))}"
        if roll < 0.15:
            return random.choice(_NUMBERED)
        return random.choice(AREAS)

    def place(self, random: Random, kind: str) -> list[Piece]:
        roll = random.random()
        if kind in ("in", "within"):
            return self._place_in(random, roll, OUTSIDE if kind == "in" else INSIDE)
        if kind == "room":
            return [Piece(self.area(random), "place")]
        if roll < 0.1:
            return [Piece(random.choice((*FLOORS, *OUTSIDE)), "place")]
        if roll < 0.16:
            return [Piece(random.choice(FLOORS_ON), "place")]
        if roll < 0.24:
            return [Piece(random.choice(WHOLE), "place")]
        return [Piece(self.area(random), "place")]

    def _place_in(self, random: Random, roll: float, adverbs: tuple[str, ...]) -> list[Piece]:
        the = random.choice(("the ", "the ", "the ", "my ", "", "our "))
        if roll < 0.09:
            return [Piece(random.choice((*FLOORS, *adverbs)), "place")]
        if roll < 0.15:
            return [Piece("on the "), Piece(random.choice(FLOORS_ON), "place")]
        if roll < 0.23:
            return [
                Piece(
                    random.choice(
                        ("in the ", "throughout the ", "in my ", "across the ", "all over the ", "around the ")
                    )
                ),
                Piece(random.choice(WHOLE), "place"),
            ]
        if roll < 0.34:
            here = random.choice(HERE)
            if here == "in here":
                return [Piece("in "), Piece("here", "place")]
            word, _, rest = here.partition(" ")
            return [Piece("in "), Piece(here, "place")] if word != "the" else [Piece("in the "), Piece(rest, "place")]
        preposition = random.choice(("in ", "in ", "in ", "in ", "in ", "at ", "on ", "inside ", "from "))
        return [Piece(preposition + the), Piece(self.area(random), "place")]

    def target(self, random: Random, kind: str) -> list[Piece]:  # noqa: C901  # one table of shares
        """A noun phrase with its determiner as a plain piece before it."""
        if kind == "any" or kind not in _NOUNS:
            if kind == "person":
                return [Piece(random.choice(PEOPLE), "target")]
            if random.random() < 0.15:
                return [Piece(random.choice(EVERYTHING), "target")]
            kind = random.choice(("light", "light", "switch", "appliance", "fan", "media", "climate", "cover"))
        if kind == "light" and random.random() < 0.1:
            return self._coloured(random)
        roll = random.random()
        if kind in ("scene", "script"):
            the = random.choice(("", "", "", "the ", "my "))
            name = random.choice(_NOUNS[kind]) if roll < 0.75 else self._odd(random)
            return [Piece(the), Piece(name, "target")]
        noun = random.choice(_NOUNS[kind][:9] if random.random() < 0.7 else _NOUNS[kind])
        if roll < 0.30:
            return [Piece(self._the(random)), Piece(noun, "target")]
        if roll < 0.52:
            return [Piece(self._the(random)), Piece(f"{self.area(random)} {noun}", "target")]
        if roll < 0.70:
            return [Piece(self._the(random)), Piece(f"{random.choice(_ADJECTIVES)} {noun}", "target")]
        if roll < 0.76:
            return [Piece(self._quantified(random, noun), "target")]
        if roll < 0.80:
            return [
                Piece(self._the(random)),
                Piece(f"{self.area(random)} {random.choice(_ADJECTIVES)} {noun}", "target"),
            ]
        if roll < 0.84:
            number = random.choice(
                ("1", "2", "3", "4", "one", "two", "three", "four", "a", "b", "number two", "5", "12")
            )
            return [
                Piece(self._the(random)),
                Piece(f"{random.choice(('', self.area(random) + ' '))}{noun} {number}", "target"),
            ]
        if roll < 0.88:
            return [
                Piece(
                    f"{random.choice(PEOPLE)}'s {random.choice(('', random.choice(_ADJECTIVES) + ' '))}{noun}", "target"
                )
            ]
        if roll < 0.91:
            return [
                Piece(self._the(random)),
                Piece(f"{noun} {random.choice(_RELATION)} {random.choice(_FURNITURE)}", "target"),
            ]
        if roll < 0.94:
            word = random.choice(_NAMED if random.random() < 0.5 else self._strange)
            return [Piece(self._the(random)), Piece(f"{word} {noun}", "target")]
        return [Piece(self._odd(random), "target")]

    def exception(self, random: Random) -> list[Piece]:
        if random.random() < 0.4:
            return [Piece(random.choice(("the ", "the ", "my ", ""))), Piece(self.area(random), "except")]
        pieces = self.target(random, random.choice(("light", "appliance", "media", "fan", "switch")))
        return [Piece(piece.text, "except" if piece.slot else None) for piece in pieces]

    def _coloured(self, random: Random) -> list[Piece]:
        """A light that is told from others by a colour or is called like one: always after a determiner or a possessor,
        since "turn on blue light" asks for the colour."""
        colour = random.choice(_COLOURED if random.random() < 0.6 else _NAMED)
        noun = random.choice(_COLOURABLE)
        roll = random.random()
        if roll < 0.12:
            return [Piece(f"{random.choice(PEOPLE)}'s {colour} {noun}", "target")]
        area = f"{self.area(random)} " if roll < 0.22 else ""
        the = random.choice(("the ", "the ", "the ", "the ", "my ", "our ", "that "))
        return [Piece(the), Piece(f"{area}{colour} {noun}", "target")]

    def _odd(self, random: Random) -> str:
        roll = random.random()
        if roll < 0.25:
            return random.choice(_NAMED)
        if roll < 0.4:
            return random.choice(_ODD)
        if roll < 0.8:
            return " ".join(random.sample(self._strange, random.choice((1, 1, 2))))
        return f"{random.choice(PEOPLE)} {random.choice(self._strange)}"

    def _the(self, random: Random) -> str:
        return random.choice(
            ("the ", "the ", "the ", "the ", "my ", "", "", "", "our ", "that ", "these ", "this ", "those ")
        )

    def _quantified(self, random: Random, noun: str) -> str:
        quantity = random.choice(_QUANTIFIED)
        middle = random.choice(("", "", f"{self.area(random)} "))
        return f"{quantity} {middle}{noun}"
