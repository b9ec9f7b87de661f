"""Whether speech stands out of the noise of the room and of the microphone."""

from collections.abc import Iterator
from typing import Final

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground

_LEAST_DB: Final = 10.0
_ENOUGH_DB: Final = 18.0
_LOUD_FLOOR_DBFS: Final = -35.0


async def look(ground: Ground) -> AudioFacts | None:
    """A recording, where one was made: `edge doctor --audio`."""
    return AudioFacts(heard=ground.heard) if ground.heard is not None else None


def check(facts: AudioFacts) -> Iterator[Finding]:
    """One finding, where something was recorded."""
    heard = facts.heard
    if heard is None:
        return
    floor = f"the noise floor is at {heard.noise_dbfs:.0f} dBFS"
    above = heard.speech_dbfs - heard.noise_dbfs
    remedy = "move the microphone away from fans, power supplies and the loudspeaker, or use one with its own filtering"
    if heard.had_speech is False:
        yield note("noise", floor, remedy) if heard.noise_dbfs > _LOUD_FLOOR_DBFS else fine("noise", floor)
    elif above < _LEAST_DB:
        yield problem("noise", f"{floor}, only {above:.0f} dB below speech", remedy)
    elif above < _ENOUGH_DB:
        yield note("noise", f"{floor}, {above:.0f} dB below speech", remedy)
    else:
        yield fine("noise", f"{floor}, {above:.0f} dB below speech")
