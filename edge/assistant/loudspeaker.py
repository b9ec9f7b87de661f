"""The assistant's own volume, silence and speech: calls that move no device because the assistant itself is meant."""

from collections.abc import Mapping
from typing import Any, Final

from edge.assistant.phrases import number
from edge.assistant.ports import Voice
from edge.router.model import Call

OWN: Final = frozenset(
    {
        "assistant.mute",
        "assistant.unmute",
        "media_player.volume_set",
        "media_player.volume_up",
        "media_player.volume_down",
        "media_player.mute",
        "media_player.unmute",
    }
)
"""Functions that, without a device, mean the assistant itself."""
_STEP: Final = 10


async def adjust(call: Call, voice: Voice | None) -> str:
    """Do it and say so; without a loudspeaker, say that."""
    if voice is None:
        return "I have no loudspeaker of my own here."
    verb = call.function.partition(".")[2]
    if verb in ("mute", "unmute"):
        await voice.mute(verb == "mute")
        return "" if verb == "mute" else "I'm speaking again."
    now = voice.volume * 100
    if verb == "volume_set":
        wanted = _percent(call.arguments, "volume_level", now)
    else:
        step = abs(_percent(call.arguments, "volume_step", _STEP))
        wanted = now + (step if verb == "volume_up" else -step)
    await voice.set_volume(max(0.0, min(1.0, wanted / 100)))
    return f"My volume is at {number(voice.volume * 100, 0)} percent."


def _percent(arguments: Mapping[str, Any], key: str, otherwise: float) -> float:
    value = arguments.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
