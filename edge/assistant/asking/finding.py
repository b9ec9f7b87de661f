"""Which series a draft is about, and what they are tested for: states where it names one, numbers otherwise."""

from dataclasses import replace
from typing import Final

from edge.assistant.asking.draft import Draft
from edge.assistant.asking.lexicon import STATES
from edge.assistant.asking.subjects import Group, Subjects, Wanted, classes_of
from edge.assistant.asking.testing import EVENTS, TESTED, Tests, has_power, running_test, state_word
from edge.sensors.history.model import Sort
from edge.sensors.questions import Form, Test, What

_SPELLS: Final = frozenset({What.COUNT, What.DURATION, What.LASTING, What.LONGEST})
_STATEFUL: Final = frozenset({"moisture", "water", "power", "energy", "battery"})
"""Measures of things that are also on or off, wet or dry."""
_METERS: Final = frozenset({"meter", "meters", "counter"})
_JUDGED: Final = frozenset({"open", "closed", "locked", "unlocked", "on", "off"})
_SWITCHED: Final = frozenset(
    {"switch", "light", "fan", "media_player", "climate", "humidifier", "water_heater", "valve", "siren", "vacuum",
     "input_boolean", "binary_sensor", "sensor", "lawn_mower"}
)  # fmt: skip
_OPENINGS: Final = (frozenset({"binary_sensor", "cover", "valve"}), frozenset({"lock"}))
_LOCKS: Final = (frozenset({"lock"}), frozenset({"binary_sensor", "cover"}))
_PEOPLE: Final = (frozenset({"person", "device_tracker"}),)
_DOMAINS: Final = {
    "on": (_SWITCHED,),
    "off": (_SWITCHED,),
    "open": _OPENINGS,
    "closed": _OPENINGS,
    "locked": _LOCKS,
    "unlocked": _LOCKS,
    "detected": (frozenset({"binary_sensor", "alarm_control_panel"}), _SWITCHED),
    "heating": (frozenset({"climate", "water_heater"}),),
    "home": _PEOPLE,
    "not_home": _PEOPLE,
}
"""By state: what can be in it, and what else where there is none of those."""


def _held(draft: Draft, test: Test | None) -> Test | None:
    """ "For more than ten minutes"."""
    return None if test is None else replace(test, least_s=draft.sentence.held_s)


class Finder:
    """Looks in one home."""

    def __init__(self, subjects: Subjects, tests: Tests) -> None:
        self._subjects = subjects
        self._tests = tests

    def find(self, draft: Draft) -> tuple[list[Group], Test | None]:
        """For each thing that is named, the series that may be meant, and the test for them."""
        if self._wants_state(draft):
            groups = self._of_states(draft)
            if groups:
                return groups, _held(draft, self._tests.of_states(draft, groups[0]))
            groups = self._groups(draft, Wanted(Sort.NUMBER, ("power",)), named=True)
            if groups and has_power(groups[0][0]):
                word = state_word(draft.sentence, draft.domains) or ("on", 0)
                event = draft.kind.what in EVENTS
                return groups, running_test(word[0], STATES[word[0]], groups[0][0], event=event)
            if not draft.measure and draft.kind.what in TESTED and not draft.kind.direction:
                return [], None
        groups = self._of_numbers(draft)
        if not groups and not draft.measure and draft.kind.what is What.VALUE:
            return self._groups(draft, Wanted(Sort.STATE)), None
        return groups, _held(draft, self._tests.of_number(draft, groups[0][0])) if groups else None

    def _of_numbers(self, draft: Draft) -> list[Group]:
        sentence = draft.sentence
        if not sentence.measures() and not draft.found and not _METERS.isdisjoint(sentence.tokens):
            meters = self._subjects.meters()
            return [meters] if meters else []
        groups = self._groups(draft, Wanted(Sort.NUMBER, classes_of(draft.meant)))
        if not groups and draft.meant != draft.measure:
            groups = self._groups(draft, Wanted(Sort.NUMBER, classes_of(draft.measure)))
        if not groups and not draft.measure and sentence.bounds and not draft.found:
            groups = self._groups(draft, Wanted(Sort.NUMBER, ("temperature",)))
        if not groups and draft.measure and draft.kind.what is What.TOTAL:
            groups = self._groups(draft, Wanted(Sort.NUMBER))
        return groups

    def _of_states(self, draft: Draft) -> list[Group]:
        """Series that can be in the state asked about: a lock where something is locked, a contact where it is open."""
        word = state_word(draft.sentence, draft.domains)
        for domains in _DOMAINS.get(STATES[word[0]] if word else "", (frozenset(),)):
            groups = self._groups(draft, Wanted(Sort.STATE, domains=domains))
            if groups:
                return [tuple(one for one in group if one.key.endswith(":hvac_action")) or group for group in groups]
        return []

    def _wants_state(self, draft: Draft) -> bool:
        sentence, kind = draft.sentence, draft.kind
        told = bool(sentence.measures() or kind.measure) if kind.what in _SPELLS else bool(draft.measure)
        if sentence.bounds or draft.measure == "precipitation" or (told and draft.measure not in _STATEFUL):
            return False
        if kind.what is What.NORMAL and _JUDGED.isdisjoint(sentence.rest):
            return False
        figures = TESTED | {What.VALUE}
        if kind.what not in figures and kind.of not in figures:
            return False
        routed = any(call.function == "state.get" for call in draft.calls)
        return routed or state_word(sentence, draft.domains) is not None

    def _groups(self, draft: Draft, wanted: Wanted, *, named: bool = False) -> list[Group]:
        words = draft.sentence.tokens
        if draft.kind.form is Form.WHICH:
            several = len(draft.found) > 1
            each = self._subjects.groups(words, draft.found, draft.calls, wanted, None) if several else []
            listed = tuple(series for group in each for series in group)
            group = listed or self._subjects.everywhere(words, wanted, rooms=draft.kind.rooms)
            return [group] if group else []
        return self._subjects.groups(
            words, draft.found, draft.calls, wanted, draft.area, outdoors=draft.of_weather, named=named
        )
