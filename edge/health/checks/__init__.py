"""One small file a check: `check` takes facts and says what it finds. Imports `edge.health.finding` and `.facts` alone.

A new check is a file here and its place in one of the lists.
"""

from collections.abc import Callable, Iterable
from typing import Final

from edge.health.checks import (
    broker,
    clipping,
    echo,
    homeassistant,
    http,
    level,
    loudspeaker,
    microphone,
    noise,
    offset,
    recognisers,
    speech_parts,
    voices,
    wake_words,
)
from edge.health.checks.broker import BrokerFacts
from edge.health.facts import AudioFacts, HomeAssistantFacts, HttpFacts
from edge.health.finding import Finding

AUDIO: Final[tuple[Callable[[AudioFacts], Iterable[Finding]], ...]] = (
    speech_parts.check,
    microphone.check,
    level.check,
    clipping.check,
    noise.check,
    offset.check,
    loudspeaker.check,
    echo.check,
    wake_words.check,
    recognisers.check,
    voices.check,
)


def check_audio(facts: AudioFacts) -> list[Finding]:
    """What all checks of hearing and speaking find."""
    return [finding for check in AUDIO for finding in check(facts)]


def check_broker(facts: BrokerFacts) -> list[Finding]:
    """What the check of the MQTT broker finds."""
    return list(broker.check(facts))


def check_http(facts: HttpFacts) -> list[Finding]:
    """What the check of HTTP finds."""
    return list(http.check(facts))


def check_homeassistant(facts: HomeAssistantFacts) -> list[Finding]:
    """What the check of the link to Home Assistant finds."""
    return list(homeassistant.check(facts))
