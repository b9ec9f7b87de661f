"""What kind of call one is: for devices, for the assistant itself, a question, or something nobody can do yet; pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.assistant.loudspeaker import OWN
from edge.assistant.model import Performed
from edge.assistant.questions import ANSWERED
from edge.assistant.told import Told
from edge.devices.commands import moves_devices
from edge.devices.model import Device
from edge.router.model import Call, Decision, Routing
from edge.router.vocabulary import load_vocabulary

READING: Final = frozenset({"timer.status", "alarm.status", "reminder.status", "todo.get_items"})
"""Of what the schedule keeps."""


_WHERE: Final = frozenset({"area", "floor", "domain", "device_class", "except"})


def for_devices(call: Call) -> bool:
    """Whether the call is for devices and not for the assistant itself."""
    return moves_devices(call.function) and (bool(call.targets) or call.function not in OWN)


def reads(call: Call) -> bool:
    """Whether the call only asks something."""
    return call.function in ANSWERED or call.function in READING


def aimed(call: Call, device: Device) -> Call:
    """The call for this device, by the function that the same verb has for its kind."""
    vocabulary = load_vocabulary()  # read long ago, by the router
    known = vocabulary.get(call.function)
    own = vocabulary.by_verb(device.domain, known.verb) if known is not None and known.kind == "act" else None
    function = own.name if own is not None else call.function
    return replace(call, function=function, arguments={**call.arguments, "name": device.name}, targets=(device.id,))


def repeated(call: Call, device: str) -> Call:
    """The call for another device, without what told the first one."""
    kept = {key: value for key, value in call.arguments.items() if key not in _WHERE}
    return replace(call, arguments=kept, targets=(device,), confirm=False)


def switched(one: Performed) -> bool:
    """Whether a device was turned on or off, or told to be as it was: a lamp that is dimmed still ends at its time."""
    return one.before.state != one.after.state or not one.call.data


def complete(routing: Routing) -> bool:
    """Whether a request that is asked about lacks nothing but the person's yes."""
    return bool(routing.calls) and not routing.candidates and all(call.targets for call in routing.calls)


def asks(told: Told) -> bool:
    """Whether what was told ends in a question."""
    return bool(told.candidates or told.then or told.lacks)


def asked_back(call: Call, told: Told, text: str) -> Routing:
    """What an answer to the question is to be put to; `text`: what the call was said as."""
    said = text if told.lacks else told.text
    return Routing(said, Decision.CLARIFY, told.then or (call,), question=told.text, candidates=told.candidates)


def not_found(call: Call) -> str:
    """What to say of a call that is for devices which are not there."""
    name = call.arguments.get("name")
    return f"I know nothing here called {name}." if name else "I found nothing here that does that."


def refusal(calls: Sequence[Call]) -> str:
    """Why none of the calls is carried out, empty where they can be: a part not understood makes the rest a guess."""
    told = next((str(one) for call in calls if (one := call.arguments.get("condition"))), "")
    return f"I know nothing here that tells me “{told}”, so I have done nothing." if told else ""
