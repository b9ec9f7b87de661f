"""Whether there is a microphone that can be opened."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, Fix, fine, problem
from edge.health.ground import Ground
from edge.health.looking import sound


async def look(ground: Ground) -> AudioFacts | None:
    """None where this machine is not to hear."""
    return AudioFacts(microphone=await sound.microphone(ground)) if sound.wanted(ground) else None


def check(facts: AudioFacts) -> Iterator[Finding]:
    """One finding."""
    device = facts.microphone
    if device.name is None:
        text, _, remedy = device.trouble.partition(": ")
        yield problem("microphone", text or "no microphone could be opened", remedy or "plug one in")
    elif device.is_muted:
        yield problem(
            "microphone",
            f"{device.name} is muted in the sound server",
            f"switch it on: pactl set-source-mute {device.name} 0",
            fix=Fix("unmute", f"source {device.name}"),
        )
    else:
        yield fine("microphone", f"{device.name} at {device.rate_hz / 1000:g} kHz")
