"""Whether every wake word that is wanted can be listened for."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, fine, problem


def check(facts: AudioFacts) -> Iterator[Finding]:
    """One finding for each that can't be, one for all that can."""
    for trouble in facts.wake_problems:
        text, _, remedy = trouble.rpartition(": ")
        yield problem("wake", text or trouble, remedy if text else "replace the file, or take the word out of the list")
    if facts.wake_words:
        yield fine("wake", f"listens for {', '.join(facts.wake_words)}")
    elif not facts.wake_problems:
        yield problem("wake", "no wake word is listened for", "choose one, or use push-to-talk")
