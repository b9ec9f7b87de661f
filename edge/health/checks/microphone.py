"""Whether there is a microphone that can be opened."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, problem


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
        )
    else:
        yield fine("microphone", f"{device.name} at {device.rate_hz / 1000:g} kHz")
