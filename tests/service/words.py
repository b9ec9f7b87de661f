"""A router for tests: knows "<verb> <device>" by the device's exact name, and what is recognised by phrases."""

from datetime import UTC, datetime

from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call, Decision, Routing
from edge.router.phrases import Context, Where, load_phrases
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
    phrases = load_phrases()
    contexts: list[Context] = []

    def route(text: str, area: str | None) -> Routing:
        for words, (verb, intent) in _VERBS.items():
            name = text.lower().removeprefix(f"{words} ")
            found = tuple(registry.device_names.exact(tokens(name))) if name != text.lower() else ()
            if found:
                device = registry.devices[found[0]]
                call = Call(f"{device.domain}.{verb}", {"name": device.name}, (device.id,), intent)
                return Routing(text, Decision.ACT, (call,), 0.99, 0.1)
        context = [one for tell in contexts for one in tell()]
        phrase = phrases.recognise(text, Where(registry, area, datetime.now(UTC)), context)
        return phrase or Routing(text, Decision.CHAT, (), 0.9, 0.1)

    return Routes(route, context=contexts.append)
