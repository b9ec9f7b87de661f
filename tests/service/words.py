"""A router for tests: knows "<verb> <device>" by the device's exact name and no more."""

from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call, Decision, Routing
from edge.service import Routes
from edge.settings import Loaded

_VERBS = {
    "turn on": ("turn_on", "HassTurnOn"),
    "turn off": ("turn_off", "HassTurnOff"),
    "open": ("open", "HassTurnOn"),
    "close": ("close", "HassTurnOff"),
    "unlock": ("unlock", "HassTurnOff"),
}


def load_words(loaded: Loaded, registry: Registry) -> Routes:
    def route(text: str, area: str | None) -> Routing:
        for words, (verb, intent) in _VERBS.items():
            name = text.lower().removeprefix(f"{words} ")
            found = tuple(registry.device_names.exact(tokens(name))) if name != text.lower() else ()
            if found:
                device = registry.devices[found[0]]
                call = Call(f"{device.domain}.{verb}", {"name": device.name}, (device.id,), intent)
                return Routing(text, Decision.ACT, (call,), 0.99, 0.1)
        return Routing(text, Decision.CHAT, (), 0.9, 0.1)

    return Routes(route)
