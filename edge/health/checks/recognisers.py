"""Whether what should recognise speech can, and what stands in for it."""

from collections.abc import Iterator
from typing import Final

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, note, problem, told
from edge.health.ground import Ground
from edge.health.looking import sound

_REMEDY = "add the model again: `edge models pull`, or set `speech.recogniser` to another"


HEAVY: Final = True
PATIENCE_S: Final = 4.2
"""A recogniser is started and hears a murmur."""


async def look(ground: Ground) -> AudioFacts | None:
    """None where this machine is not to hear, and where the running service hears already."""
    if not sound.wanted(ground) or (sound.speaks(ground) and not ground.deep):
        return None
    return await sound.recognisers(ground)


def check(facts: AudioFacts) -> Iterator[Finding]:
    """One finding for each that can't be used, one for the one that hears."""
    hears = next((one for one in facts.recognisers if not one.trouble and not one.is_slow), None)
    for one in facts.recognisers:
        if one.trouble:
            text, remedy = told(one.trouble, _REMEDY)
            instead = f"; {hears.name} hears in its place" if hears is not None and one.is_meant else ""
            yield (problem if one.is_meant or hears is None else note)("recogniser", f"{text}{instead}", remedy)
        elif one.is_slow:
            text = f"{one.name} takes {one.took_s:.1f} s over a short sentence, so it is not used"
            yield note("recogniser", text, "use a smaller model, or set `speech.recogniser` to it all the same")
    if hears is not None:
        took = f"; {hears.took_s * 1000:.0f} ms after the end of a sentence"
        yield fine("recogniser", f"{hears.name} hears{'; it was not tried out' if hears.is_told else took}")
