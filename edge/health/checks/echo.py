"""Whether the assistant can hear while it speaks."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, note
from edge.health.ground import Ground
from edge.health.looking import sound


async def look(ground: Ground) -> AudioFacts | None:
    """None where this machine is not to hear."""
    if not sound.wanted(ground):
        return None
    return AudioFacts(microphone=await sound.microphone(ground), loudspeaker=await sound.loudspeaker(ground))


def check(facts: AudioFacts) -> Iterator[Finding]:
    """One finding, where there are both a microphone and a loudspeaker."""
    if facts.microphone.name is None or facts.loudspeaker.name is None:
        return
    if facts.microphone.cancels_echo:
        yield fine("echo", f"{facts.microphone.name} takes our own voice out")
    elif facts.microphone.is_served:
        yield note(
            "echo",
            "nothing takes our own voice out of what the microphone hears",
            "pactl load-module module-echo-cancel aec_method=webrtc source_name=echo-cancel sink_name=echo-cancel-out",
        )
    else:
        yield note(
            "echo",
            "nothing takes our own voice out of what the microphone hears",
            "install PulseAudio or PipeWire with an echo-cancel source, or use a speakerphone that does it itself",
        )
