"""Whether there is a loudspeaker that can be opened."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, Fix, fine, problem
from edge.health.ground import Ground
from edge.health.looking import sound


async def look(ground: Ground) -> AudioFacts | None:
    """None where this machine is not to speak."""
    return AudioFacts(loudspeaker=await sound.loudspeaker(ground)) if sound.wanted(ground) else None


def check(facts: AudioFacts) -> Iterator[Finding]:
    """One finding."""
    device = facts.loudspeaker
    if device.name is None:
        text, _, remedy = device.trouble.partition(": ")
        yield problem("loudspeaker", text or "no loudspeaker could be opened", remedy or "plug one in")
    elif device.is_muted:
        yield problem(
            "loudspeaker",
            f"{device.name} is muted in the sound server",
            f"switch it on: pactl set-sink-mute {device.name} 0",
            fix=Fix("unmute", f"sink {device.name}"),
        )
    else:
        yield fine("loudspeaker", f"{device.name} at {device.rate_hz / 1000:g} kHz")
