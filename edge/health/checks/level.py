"""Whether speech arrives loud enough."""

from collections.abc import Iterator
from typing import Final

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground

_SILENT_DBFS: Final = -85.0
_FAINT_DBFS: Final = -45.0
_LOUD_DBFS: Final = -9.0
_WANTED_DBFS: Final = -24.0


async def look(ground: Ground) -> AudioFacts | None:
    """A recording, where one was made: `edge doctor --audio`."""
    return AudioFacts(heard=ground.heard) if ground.heard is not None else None


def check(facts: AudioFacts) -> Iterator[Finding]:
    """One finding, where something was recorded."""
    heard = facts.heard
    if heard is None:
        return
    level = f"{heard.speech_dbfs:.0f} dBFS"
    if heard.peak_dbfs < _SILENT_DBFS:
        yield problem(
            "level",
            "the microphone gives digital silence",
            "it is switched off, muted, or not the one meant: look at its switch, and choose another with --microphone",
        )
    elif heard.had_speech is False:
        yield note("level", f"nobody spoke (the loudest was {level})", "run this again and speak while it records")
    elif heard.speech_dbfs < _FAINT_DBFS:
        more = round(_WANTED_DBFS - heard.speech_dbfs)
        yield problem(
            "level",
            f"speech arrives faintly, at {level}",
            f"raise the capture level (alsamixer, F4) by {more} dB, or add that as gain, or come nearer",
        )
    elif heard.speech_dbfs > _LOUD_DBFS:
        less = round(heard.speech_dbfs - _WANTED_DBFS)
        yield note("level", f"speech arrives very loud, at {level}", f"lower the capture level by {less} dB")
    else:
        gain = f", {heard.gain_db:+.0f} dB of it gain" if heard.gain_db else ""
        yield fine("level", f"speech at {level}{gain}, peaks at {heard.peak_dbfs:.0f} dBFS")
