"""What follows "remember that", "call" and "note": statements, things with the names they get, scenes; pure."""

from collections.abc import Sequence
from typing import Final

from edge.devices.model import Device
from edge.devices.nouns import NOUNS
from edge.devices.words import listed, tokens
from edge.router.phrases.filled import Filled, Where
from edge.router.resolution.sensed import Sensed, sensed
from edge.router.text import split_words

_VERBS: Final = listed(
    "is, are, was, were, am, be, has, have, had, does, do, did, can, cannot, could, will, would, should, must, may, "
    "might, needs, need, wants, want, likes, like, loves, love, hates, hate, lives, live, goes, go, comes, come, "
    "takes, take, gets, get, got, put, left, keeps, keep, kept, hid, bought, paid, went, gave, lent, works, work, "
    "means, mean, belongs, belong, sits, hangs, stands, sleeps, eats, eat, drinks, drink, plays, starts, start, "
    "ends, opens, open, closes, close, leaves, costs, said, told, met, broke, ran, sold, made, prefers, prefer, "
    "wears, uses, use, runs, turns, says, knows, expires, begins, moved, arrives, arrive, returns, return, departs, "
    "finishes, finish, happens, gives, calls, visits, isn't, aren't, wasn't, doesn't, don't, can't, won't, hasn't, "
    "didn't"
)
"""Words of which a statement has one."""
_APOSTROPHES: Final = ("'s", "’s", "'re", "’re", "'m", "’m", "'ve", "’ve")
_RECALLED: Final = listed(
    "time, day, night, summer, trip, song, film, movie, episode, guy, show, one, when, how, to, me"
)
"""What somebody only thinks back to: "remember that time in Paris"."""
_DETERMINERS: Final = listed("the, a, an, my, our, your, his, her, their, this, that, these, those")
_ARTICLES: Final = listed("the, a, an, our, my")
_RELATIONS: Final = listed("in, of, on, at, from, by, near, inside, for, to, over, under, behind, beside")
_JOINTS: Final = ("as", "by the name of", "by the name", "by")
_ENDS: Final = (
    "from now on",
    "for short",
    "as well",
    "too",
    "any more",
    "anymore",
    "instead",
    "in future",
    "again",
    "now",
)
_NO_NAMES: Final = listed(
    "it, that, this, them, these, those, one, thing, everything, all, nothing, something, anything, what, how, who, "
    "where, here, there, yes, no, stop, off, on, up, me, us, you, him, her, back, home, now, later, again, for, "
    "when, if, him back, her back, me back, and, or, not"
)
_LONGEST_NAME: Final = 5
_CLAUSES: Final = listed("then, turn, switch, because, please")
_AT_FIRST: Final = listed("for, at, from")
OWN_SCENES: Final = "scene.edge_"
"""How the ids of scenes begin that were made here."""
_ORDERS: Final = listed(
    "turn, switch, open, close, lock, start, stop, set, dim, brighten, say, announce, play, pause, shut, run, "
    "lower, raise, mute, unmute, arm, unlock, bring, change, increase, decrease, vacuum, dock, draw, pull, resume, "
    "wait, make, put, roll, activate, tell, kill, light, heat, water, send, add, remind, clean"
)
_BEFORE_ORDERS: Final = listed("you, should, please, first, to, and, then, must, will, shall, i, want, it, need, can")
_BOTH: Final = listed("both, all, every")
_CALLED: Final = listed("called, named, routine, scene, new")
_STAGED: Final = listed("scene, script")
_GENERIC: Final = listed("scene, mode, routine, setting")


def fill_statement(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001 (every filler's signature)
    """Something that is so: two words or more, one of them a verb."""
    said = [word.text for word in split_words(text)]
    said = said[1:] if said[:1] == ["that"] else said
    if len(said) < 2 or said[0] in _RECALLED:
        return None
    stated = any(_is_verb(word) for word in said[1:])
    return Filled({slot: text.strip(" ,:;")}) if stated else None


def fill_saying(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    """What somebody tells with "that" before it: three words or more."""
    said = [word.text for word in split_words(text)]
    return Filled({slot: text.strip(" ,:;")}) if len(said) > 2 and said[0] not in _RECALLED else None


def _is_verb(word: str) -> bool:
    return word in _VERBS or word.endswith(_APOSTROPHES) or (word.endswith("ed") and len(word) > 4)


def fill_noted(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    """What is to be noted: anything but how a sentence goes on that lacks it."""
    said = text.strip(" ,:;-")
    first = split_words(said)[:1]
    return None if not first or first[0].text in _AT_FIRST else Filled({slot: said})


def fill_naming(slot: str, text: str, where: Where) -> Filled | None:
    """Something of the home and the name it gets, without a word between: "the heater in the hall Vesuvius"."""
    words = split_words(text)
    if _thing(text, where) is not None:
        return None
    # "The nursery the baby cave": where a second article stands, the name begins.
    ends = range(len(words) - 1, 0, -1)
    parted = [end for end in ends if words[end].text in _ARTICLES and words[end - 1].text not in _RELATIONS]
    for end in (*parted, *ends):
        found = _thing(text[: words[end - 1].end], where)
        if found is not None:
            name = _name(text[words[end].start :])
            return None if name is None else Filled({slot: name, **found.arguments}, found.targets, found.choices)
    return None


def fill_thing(slot: str, text: str, where: Where) -> Filled | None:
    """A device or a place of the home."""
    found = _thing(text, where)
    return None if found is None else Filled({slot: text, **found.arguments}, found.targets, found.choices)


def fill_name(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    """A name that somebody gives."""
    name = _name(text)
    return None if name is None else Filled({slot: name})


def fill_scene(slot: str, text: str, where: Where) -> Filled | None:
    """A scene or a routine of the home, by its very name."""
    if not any(True for domain in _STAGED for _ in where.registry.of_kind(domain)):
        return None
    said = tuple(tokens(text))
    for name in (said, said[:-1] if said[-1:] and said[-1] in _GENERIC else ()):
        found = [one for one in where.registry.device_names.exact(name) if one.partition(".")[0] in _STAGED]
        if name and len(found) == 1:
            return Filled({slot: where.registry.devices[found[0]].name}, (found[0],))
    return None


def fill_own_scene(slot: str, text: str, where: Where) -> Filled | None:
    """A scene or a routine that was made here, by its very name: it need not be called one."""
    found = fill_scene(slot, text, where)
    return found if found is not None and found.targets[0].startswith(OWN_SCENES) else None


def fill_orders(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    """What is to be done, one thing after another: it begins as an order."""
    said = [word.text for word in split_words(text)]
    while said and said[0] in _BEFORE_ORDERS:
        said = said[1:]
    begins = bool(said) and not _ORDERS.isdisjoint({said[0], said[0].removesuffix("s"), said[0].removesuffix("es")})
    return Filled({slot: text.strip(" ,:;")}) if begins and len(said) > 1 else None


def fill_routine(slot: str, text: str, where: Where) -> Filled | None:
    """A name and what it is to do, parted by a colon, a comma, or where an order or what is moved begins."""
    words = split_words(text)
    for end in range(1, min(_LONGEST_NAME, len(words) - 1) + 1):
        between = text[words[end - 1].end : words[end].start]
        orders = fill_orders(slot, text[words[end].start :], where)
        if orders is None and not (any(mark in between for mark in ":;,") or words[end].text in _BOTH):
            continue
        name = _name(text[words[0].start : words[end - 1].end])
        if name is not None and name.lower() not in _CALLED:
            return Filled({"called": name, "orders": text[words[end].start :].strip(" ,:;.")})
    return None


def _thing(text: str, where: Where) -> Filled | None:
    said = tuple(tokens(text))
    if not said or all(word in _DETERMINERS or word in _NO_NAMES for word in said):
        return None
    places = where.registry
    if len(areas := places.area_names.exact(_bare(said))) == 1:
        return Filled({"area": areas[0], "place": places.areas[areas[0]].name})
    if len(floors := places.floor_names.exact(_bare(said))) == 1:
        return Filled({"floor": floors[0], "place": places.floors[floors[0]].name})
    found = _devices(text, where)
    if found is None:
        return None
    named = {"name": where.registry.devices[found.devices[0]].name} if len(found.devices) == 1 else {}
    return Filled(named, found.devices, found.choices)


def _devices(text: str, where: Where) -> Sensed | None:
    def rank(device: Device) -> int | None:
        if device.id.startswith(OWN_SCENES):
            return None
        measures = device.domain in ("sensor", "binary_sensor")
        return (2 if device.category is not None else 0) + measures

    found = sensed(text, where.registry, where.area, rank)
    return found if found is not None and (found.choices or len(found.devices) == 1) else None


def _bare(said: Sequence[str]) -> tuple[str, ...]:
    return tuple(said[1:]) if said[0] in _DETERMINERS else tuple(said)


def _name(text: str) -> str | None:
    """What remains of a name without what stands around it; None for what can be none."""
    said = text.strip(" ,:;.!?\"'“”‘’")
    if any(mark in said for mark in ":;,!?"):
        return None
    for joint in _JOINTS:
        if said.lower().startswith(f"{joint} "):
            said = said[len(joint) :].strip()
            break
    for end in _ENDS:
        if said.lower().endswith(f" {end}"):
            said = said[: -len(end)].strip(" ,")
    spans = split_words(said)
    if len(spans) > 1 and spans[0].text in _DETERMINERS:
        said, spans = said[spans[1].start :], spans[1:]
    words = [word.text for word in spans]
    if not _CLAUSES.isdisjoint(words):
        return None
    if not 0 < len(words) <= _LONGEST_NAME or " ".join(words) in _NO_NAMES or words[0] in _NO_NAMES:
        return None
    return said.strip("\"'“”‘’ ") or None


def common(name: str) -> bool:
    """Whether a name is no more than the word for a kind of thing: "light", "heater"."""
    return tuple(tokens(name)) in NOUNS
