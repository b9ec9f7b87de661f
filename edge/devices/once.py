"""Which functions do the same when they are carried out twice, and which add up; pure."""

from typing import Final

_STEPS: Final = ("brighten", "dim", "next", "previous", "increase_", "decrease_", "volume_up", "volume_down")
_OTHERS: Final = ("toggle", "press", "send_message")


def adds_up(function: str) -> bool:
    """Whether doing it twice is not the same as doing it once: a toggle, a step, a press, a script."""
    domain, _, verb = function.partition(".")
    return domain == "script" or verb.startswith(_STEPS) or verb in _OTHERS
