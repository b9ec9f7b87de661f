"""What checks look at, gathered beforehand by whoever can reach it: they themselves do nothing but judge."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone or loudspeaker, as it was found when it was opened."""

    name: str | None = None
    """None: it could not be opened."""
    rate_hz: int = 0
    trouble: str = ""
    is_muted: bool = False
    cancels_echo: bool = False
    is_served: bool = False
    """Through PulseAudio or PipeWire."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recording was like; levels in dBFS."""

    speech_dbfs: float
    noise_dbfs: float
    peak_dbfs: float
    clipped: float
    """The share of samples at full scale."""
    offset: float
    """The mean, as a share of full scale."""
    gain_db: float
    """What was added to it by the settings."""
    had_speech: bool | None
    """None: there is nothing to tell speech with."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A voice or a recogniser that was tried out."""

    name: str
    trouble: str | None = None
    """Why it can't be used."""
    took_s: float = 0.0
    is_meant: bool = True
    """Whether it is what should be used."""
    is_slow: bool = False
    """Whether something faster is used in its place."""
    is_told: bool = False
    """Whether it was not tried out: the running service says so, or there was no time."""


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """Hearing and speaking, as far as a check looks at it."""

    microphone: Device = Device()
    loudspeaker: Device = Device()
    heard: Heard | None = None
    wake_words: tuple[str, ...] = ()
    wake_problems: tuple[str, ...] = ()
    voices: tuple[Tried, ...] = ()
    recognisers: tuple[Tried, ...] = ()
    missing: tuple[str, ...] = ()
    """Parts that are not installed or don't load, each said with its remedy."""


@dataclass(frozen=True, slots=True)
class HttpFacts:
    """How HTTP is served, or would be."""

    host: str
    https: bool
    ports: Mapping[str, str]
    """What is wrong with each; empty where nothing is."""
    tokens: int
    trouble: str = ""
    """What is wrong with all of them."""


@dataclass(frozen=True, slots=True)
class HomeAssistantFacts:
    """How the link to Home Assistant is, or would be."""

    url: str
    version: str = ""
    trouble: str = ""
    """What keeps us out, and what to do about it."""
    notice: str = ""
    """What it lacks, or keeps to itself."""
    entities: int | None = None
    """How many are taken; None where only the connection was tried."""
    with_mqtt: int = 0
    token_file: str = ""
    token_open_to: str = ""
    """Who else may read the token."""
