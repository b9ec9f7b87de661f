"""What `describe` is answered with: every program and model, with all that Home Assistant insists on."""

from collections.abc import Iterable
from typing import Any

from edge import __version__
from edge.api.wyoming.ports import Model, Offer
from edge.wyoming import Event, PcmFormat

_NAME = "edge"


def info(offer: Offer, conversation: str | None, languages: tuple[str, ...]) -> Event:
    """The services; `conversation`: `handle`, `intent`, or None where there is nobody to think."""
    mind = Model(_NAME, languages, "edge", _NAME, "", __version__)
    asr = _program("Speech to text", offer.ears, supports_transcript_streaming=True, requires_external_vad=True)
    thinks = [_program("Assistant", (mind,))] if conversation else []
    for program in thinks:
        if conversation == "handle":
            program |= {"supports_handled_streaming": True, "supports_home_control": True}
    tts = _program("Text to speech", offer.voices, key="voices", supports_synthesize_streaming=True)
    return Event(
        "info",
        {
            "asr": [asr] if offer.ears else [],
            "tts": [tts] if offer.voices else [],
            "wake": [_program("Wake words", offer.wake_words)] if offer.wake_words else [],
            "handle": thinks if conversation == "handle" else [],
            "intent": thinks if conversation == "intent" else [],
            "mic": [],
            "snd": [],
        },
    )


def satellite_info(name: str, area: str | None, wake_words: tuple[Model, ...], microphone: PcmFormat) -> Event:
    """This machine's own room, as Home Assistant takes a satellite."""
    satellite = _described(name, "This machine's own microphone and loudspeaker") | {
        "area": area,
        "has_vad": False,
        "active_wake_words": [word.name for word in wake_words],
        "max_active_wake_words": len(wake_words),
        "supports_trigger": True,
    }
    mic = _described("Microphone", None) | {"mic_format": microphone.facts}
    empty: dict[str, list[Any]] = {"asr": [], "tts": [], "handle": [], "intent": [], "snd": []}
    wake = [_program("Wake words", wake_words)] if wake_words else []
    return Event("info", {**empty, "wake": wake, "mic": [mic], "satellite": satellite})


def _program(description: str, models: Iterable[Model], *, key: str = "models", **more: bool) -> dict[str, Any]:
    return _described(_NAME, description) | {key: [_model(model) for model in models], **more}


def _model(model: Model) -> dict[str, Any]:
    facts = {
        "name": model.name,
        "description": model.description,
        "version": model.version or None,
        "attribution": {"name": model.maker, "url": model.url},
        "installed": True,
        "languages": list(model.languages),
    }
    return facts | ({"phrase": model.phrase} if model.phrase is not None else {})


def _described(name: str, description: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "version": __version__,
        "attribution": {"name": _NAME, "url": ""},
        "installed": True,
    }
