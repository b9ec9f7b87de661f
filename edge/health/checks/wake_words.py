"""Whether every wake word that is wanted can be listened for."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, problem
from edge.health.ground import Ground
from edge.health.looking import sound


async def look(ground: Ground) -> AudioFacts | None:
    """None where this machine is not to hear."""
    return await sound.wake_words(ground) if sound.wanted(ground) else None


def check(facts: AudioFacts) -> Iterator[Finding]:
    """One finding for each that can't be, one for all that can."""
    for trouble in facts.wake_problems:
        text, _, remedy = trouble.rpartition(": ")
        yield problem("wake", text or trouble, remedy if text else "replace the file, or take the word out of the list")
    if facts.wake_words:
        yield fine("wake", f"listens for {', '.join(facts.wake_words)}")
    elif not facts.wake_problems:
        yield problem("wake", "no wake word is listened for", "choose one, or use push-to-talk")
