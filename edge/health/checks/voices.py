"""Whether the voice that should speak can, and which stands in for it."""

from collections.abc import Iterator
from typing import Final

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, note, problem, told
from edge.health.ground import Ground
from edge.health.looking import sound

_REMEDY = "choose another: `edge models use NAME`, or `speech.voice` in the configuration"


HEAVY: Final = True
PATIENCE_S: Final = 4.2
"""A voice is loaded and says a word."""


async def look(ground: Ground) -> AudioFacts | None:
    """None where this machine is not to speak."""
    return await sound.voices(ground) if sound.wanted(ground) else None


def check(facts: AudioFacts) -> Iterator[Finding]:
    """One finding for each voice that can't be used, one for the one that speaks."""
    speaks = next((voice for voice in facts.voices if not voice.trouble), None)
    for voice in facts.voices:
        if not voice.trouble:
            continue
        text, remedy = told(voice.trouble, _REMEDY)
        instead = f"; {speaks.name} speaks in its place" if speaks is not None and voice.is_meant else ""
        yield (problem if voice.is_meant or speaks is None else note)("voice", f"{text}{instead}", remedy)
    if speaks is not None:
        took = "; it was not tried out" if speaks.is_told else f"; a word takes it {speaks.took_s * 1000:.0f} ms"
        yield fine("voice", f"{speaks.name} speaks{took}")
