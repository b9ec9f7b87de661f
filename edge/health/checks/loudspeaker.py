"""Whether there is a loudspeaker that can be opened."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, problem


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
        )
    else:
        yield fine("loudspeaker", f"{device.name} at {device.rate_hz / 1000:g} kHz")
