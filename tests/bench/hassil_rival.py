"""What `hassil` with `home-assistant-intents` makes of sentences, called as Home Assistant's agent calls it.

Strict matching. Slot lists are built as Home Assistant's default agent builds them: every name and alias with the
domain and the device class, areas and floors by name and alias, and the area of the speaker as context.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from hassil import Intents, recognize_best
from hassil.intents import TextSlotList
from home_assistant_intents import get_intents

from edge.devices.model import Area, Floor
from edge.devices.registry import Registry
from edge.router.model import Slot

if TYPE_CHECKING:  # the matcher's own memory is measured: it needs no numpy
    from edge.router.training.noise import Example
    from edge.router.vocabulary import Vocabulary

READING: Final = frozenset(
    {
        "HassGetState", "HassClimateGetTemperature", "HassGetWeather", "HassGetCurrentTime", "HassGetCurrentDate",
        "HassTimerStatus", "HassNevermind", "HassRespond",
    }
)  # fmt: skip
"""Intents that do nothing but answer."""
_SHORT: Final = ("Shopping", "List", "Timer", "Broadcast")
"""In the names of intents that move no device."""
_HERE: Final = "Living Room"

SlotLists = Mapping[str, TextSlotList]
_Values = list[tuple[str, str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Matched:
    """The intent that was found."""

    intent: str

    @property
    def acts(self) -> bool:
        """Whether Home Assistant would do something."""
        return self.intent not in READING

    @property
    def actuates(self) -> bool:
        """Whether that moves a device."""
        return self.acts and not any(word in self.intent for word in _SHORT)


class Rival:
    """Home Assistant's matcher for English."""

    @property
    def name(self) -> str:
        """With the versions."""
        return f"hassil {version('hassil')} with home-assistant-intents {version('home-assistant-intents')}"

    @cached_property
    def _intents(self) -> Intents:
        found = get_intents("en")
        if found is None:
            raise ValueError("home-assistant-intents has no English sentences")
        return Intents.from_dict(found)

    def match(self, text: str, lists: SlotLists) -> Matched | None:
        """A text said in the living room of a home with these slot lists; None where nothing matches."""
        found = recognize_best(
            text,
            self._intents,
            slot_lists=dict(lists),
            intent_context={"area": {"value": _HERE, "text": _HERE}},
            language="en",
            best_slot_name="name",
        )
        return None if found is None else Matched(found.intent.name)

    def in_its_home(self, example: "Example", vocabulary: "Vocabulary") -> Matched | None:
        """A sentence of ours in a home that has just what it names: its targets under these very words, of the domain
        that its function has, its lists, and its places as areas and as floors. No home could suit a matcher better."""
        names: _Values = []
        places: _Values = []
        for call in example.calls:
            function = vocabulary.get(call.function)
            for slot, text in call.spans(example.words):
                if slot == Slot.TARGET and function is not None:
                    names.append((text, text, {"domain": function.domain}))
                elif slot == Slot.PLACE:
                    places.append((text, text, {}))
                elif slot == Slot.LIST:
                    names.append((text, text, {"domain": "todo"}))
        return self.match(" ".join(example.words), _lists(names, places, places))


def lists_of(home: Registry) -> SlotLists:
    """A home's slot lists."""
    names = [
        (said, said, {"domain": device.domain} | _class(device.device_class))
        for device in home.devices.values()
        for said in (*device.aliases, device.name)
    ]
    return _lists(names, _places(home.areas.values()), _places(home.floors.values()))


def _places(found: Iterable[Area | Floor]) -> _Values:
    return [(said, one.name, {}) for one in found for said in (one.name, *one.aliases)]


def _class(device_class: str | None) -> dict[str, str]:
    return {} if device_class is None else {"device_class": device_class}


def _lists(names: _Values, areas: _Values, floors: _Values) -> SlotLists:
    return {
        name: TextSlotList.from_tuples(values, allow_template=False, name=name)
        for name, values in (("name", names), ("area", areas), ("floor", floors))
    }
