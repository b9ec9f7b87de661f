"""Which entries of the schedule are meant: "it", "both", "the eggs", "the Saturday one", "the first one"; pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.assistant.following.past import Deed, targets
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens, words
from edge.schedule.agenda import Agenda
from edge.schedule.clock import Clock
from edge.schedule.model import Entry, Kind, Status

_ONE: Final = re.compile(
    r"it|that|this|that one|this one|the whole thing|that thing|mine|the thing|that again|doing (?:it|that)"
)
_SEVERAL: Final = re.compile(
    r"(?:both|all|all of|the pair|the lot|the two|every one|each)(?: of)?(?: them| these| those)?|them(?: both| all)?|"
    r"they|these|those|everything|all (?:that|this)|the whole lot"
)
_KINDS: Final = {"alarm": Kind.ALARM, "timer": Kind.TIMER, "reminder": Kind.REMINDER}
_ELSEWHERE: Final = ("rules.", "scenes.", "alarms.")
"""What functions begin with that are about something kept, but not on the schedule."""
_ORDER: Final = {"first": 0, "second": 1, "third": 2, "last": -1, "next": 0, "earlier": 0, "later": -1}
_FILLERS: Final = listed(
    "the, a, an, my, our, one, ones, about, for, of, to, at, on, in, clock, that, with, called, set, please, thing, "
    "going, have, has, got, it, is, do, i, we, minute, minutes, how, much, long, longer, up, down"
)
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_GROUPS: Final = {"weekday": DAYS[:5], "weekend": DAYS[5:], "day": DAYS}


@dataclass(frozen=True, slots=True)
class Picking:
    """Among what is on the schedule now."""

    registry: Registry
    agenda: Agenda
    clock: Clock
    deeds: Sequence[Deed]
    area: str | None

    def of(self, deed: Deed) -> list[Entry]:
        """What is left of what a deed put there."""
        known = self.agenda.entries
        return [known[one] for one in deed.entries if one in known and known[one].status is not Status.RINGING]

    def latest(self) -> list[Entry]:
        """What is left of the last deed that put anything there, unless devices or rules were spoken of since."""
        for deed in self.deeds:
            entries = self.of(deed)
            if entries:
                return entries
            if deed.moves or any(call.function.startswith(_ELSEWHERE) for call in deed.calls):
                return []
        return []

    def last_kind(self) -> Kind | None:
        """Of what kind the entries are that were spoken of last, also where they are gone by now."""
        functions = (call.function.partition(".")[0] for deed in self.deeds for call in deed.calls)
        return next((_KINDS[one] for one in functions if one in _KINDS), None)

    def kin(self) -> list[Entry]:
        """All that the deeds in a row put there, of one kind."""
        latest = self.latest()
        if not latest:
            return []
        found = {entry.id: entry for deed in self.deeds for entry in self.of(deed) if entry.kind is latest[0].kind}
        return list(found.values())

    def pronoun(self, ref: str) -> list[Entry] | None:
        """What "it" or "them" stands for; None where the words are no pronoun."""
        if _ONE.fullmatch(ref):
            return self.latest()
        if _SEVERAL.fullmatch(ref):
            return self.kin()
        return None

    def alone(self, kind: Kind, status: Status | None = None) -> list[Entry]:
        """The only one of a kind in this room, or in the house."""
        entries = [one for one in self.of_kind(kind) if status in (None, one.status)]
        here = [one for one in entries if one.area == self.area]
        return here if len(here) == 1 else entries if len(entries) == 1 else []

    def of_kind(self, kind: Kind) -> list[Entry]:
        """All of a kind that wait."""
        return [one for one in self.agenda.of_kind(kind) if one.status is not Status.RINGING]

    def sorted(self, entries: Iterable[Entry]) -> list[Entry]:
        """The soonest first."""
        return sorted(entries, key=self._due_s)

    def named(self, ref: str) -> list[Entry]:
        """What these words tell from everything else there; none where they tell nothing, or too little."""
        said = _telling(ref)
        kinds = {_KINDS[word] for word in said if word in _KINDS}
        pool = [
            one
            for one in self.agenda.entries.values()
            if (not kinds or one.kind in kinds) and one.status is not Status.RINGING
        ]
        days = days_in(ref)
        order = next((word for word in said if word in _ORDER), None)
        telling = [word for word in said if word not in _KINDS and word not in _ORDER and not days_in(word)]
        if order is not None and not telling:
            kin = self.sorted(self.kin() or pool)
            place = _ORDER[order]
            return [kin[place]] if kin and -len(kin) <= place < len(kin) else []
        if not telling and not days:
            pointed = bool(kinds) and re.match(r"(?:that|this)\b", ref) is not None
            return [one for one in self.latest() if one.kind in kinds] if pointed else []
        if telling in (["other"], ["others"]) and not days:
            kind = self.last_kind()
            alike = [one for one in pool if one.kind is kind]
            left = [one for one in alike if one not in self.latest()] or alike
            return left if len(left) == 1 else []
        if days:
            pool = [one for one in pool if self._on(one, days)]
        found = [one for one in pool if set(telling) <= self._words(one)]
        return found if len(found) == 1 or (len(found) > 1 and ref.startswith(("all ", "both ", "every "))) else []

    def planned(self, about: str, *, here: bool, days: Sequence[str]) -> list[Entry]:
        """The calls that wait for what the words name, for this room, on these days."""
        said = set(_telling(about))
        found = []
        for one in self.agenda.of_kind(Kind.CALL):
            rooms = {self.registry.devices[each].area for each in targets(one) if each in self.registry.devices}
            fits = said <= self._words(one) and (not here or self.area is None or self.area in rooms)
            if fits and (not days or set(days) & set(rule_days(one)) or self._on(one, days)):
                found.append(one)
        return found

    def devices(self, phrase: str, entries: Sequence[Entry]) -> list[str]:
        """The devices of calls that wait which a phrase means, where others are left then."""
        waiting = [device for entry in entries for device in targets(entry) if device in self.registry.devices]
        said = set(_telling(phrase))
        found = [one for one in waiting if said and said <= self._device_words(one)]
        return found if found and len(found) < len(waiting) else []

    def _due_s(self, entry: Entry) -> float:
        now = self.clock.now().timestamp()
        if entry.counts:
            return now + (entry.left_s if entry.due_boot_s is None else entry.due_boot_s - self.clock.boot_s())
        return entry.due_wall_s if entry.due_wall_s is not None else now

    def _on(self, entry: Entry, days: Sequence[str]) -> bool:
        named = set(rule_days(entry))
        if named:
            # Weekdays but for one are still the weekdays' alarm.
            return named <= set(days) if len(days) > 1 else set(days) <= named
        return len(days) == 1 and DAYS[self.clock.local(self._due_s(entry)).weekday()] == days[0]

    def _words(self, entry: Entry) -> set[str]:
        """What an entry can be told by: its name, its room, what it moves."""
        area = self.registry.areas.get(entry.area or "")
        said = [entry.label]
        if entry.kind is not Kind.CALL and area is not None:
            said += [area.name, *area.aliases]
        known = {word for one in said for word in tokens(one)}
        for device in targets(entry):
            known |= self._device_words(device)
        due = self.clock.local(self._due_s(entry))
        return known | {str(due.hour), str((due.hour - 1) % 12 + 1)}

    def _device_words(self, device: str) -> set[str]:
        one = self.registry.devices.get(device)
        if one is None:
            return set()
        area = self.registry.areas.get(one.area or "")
        names = [one.name, *one.aliases, *((area.name, *area.aliases) if area else ())]
        return {word for name in names for word in tokens(name)}


def rule_days(entry: Entry) -> tuple[str, ...]:
    """The days on which it comes; empty where it does not go by days."""
    facts = dict(part.split("=", 1) for part in entry.again.rule.split(";") if "=" in part)
    if facts.get("FREQ") == "DAILY" and "INTERVAL" not in facts:
        return DAYS
    return tuple(DAYS[_CODES.index(code)] for code in facts.get("BYDAY", "").split(",") if code in _CODES)


def days_in(text: str) -> tuple[str, ...]:
    """The days of the week that a text names, in the week's order."""
    found: set[str] = set()
    for word in re.findall(r"[a-z]+", text):
        single = word.removesuffix("s")
        found |= {word} & set(DAYS) | {single} & set(DAYS) | set(_GROUPS.get(single, ()) if single != "day" else ())
    return tuple(day for day in DAYS if day in found)


def _telling(phrase: str) -> list[str]:
    """The words that tell one from another, folded as names are."""
    said = " ".join(word for word in words(phrase) if word not in _FILLERS)
    return list(tokens(said)) if said else []
