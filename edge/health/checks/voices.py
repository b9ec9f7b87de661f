"""Whether the voice that should speak can, and which stands in for it."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, note, problem, told

_REMEDY = "choose another: `edge models use NAME`, or `speech.voice` in the configuration"


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
        yield fine("voice", f"{speaks.name} speaks; a word takes it {speaks.took_s * 1000:.0f} ms")
