"""What there is to hear and speak with: devices, wake words, voices, recognisers.

Where a service runs that has them, it is asked: a device that is in use can't be opened once more, and what it says of
itself is what counts.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from edge.health.facts import AudioFacts, Device, Tried
from edge.health.ground import Ground

if TYPE_CHECKING:
    from edge.speech.opening import DeviceState

_NOTHING: Final = AudioFacts()
_TRY_S: Final = 3.2
"""What can't be loaded in this time is taken at its word."""


async def microphone(ground: Ground) -> Device:
    """As it opens now, or as the service has it open."""
    found: Device = await ground.once("microphone", lambda: _device(ground, "microphone"))
    return found


async def loudspeaker(ground: Ground) -> Device:
    """As it opens now, or as the service has it open."""
    found: Device = await ground.once("loudspeaker", lambda: _device(ground, "loudspeaker"))
    return found


def wanted(ground: Ground) -> bool:
    """Whether this machine is meant to hear and speak, as far as anybody has said so."""
    return ground.loaded.settings.speech.enabled is not False


def speaks(ground: Ground) -> bool:
    """Whether the running service hears and speaks here, so that it knows best."""
    return str(ground.told("voice").get("state") or "off") != "off"


async def wake_words(ground: Ground) -> AudioFacts:
    """Which can be listened for."""
    from edge.speech.wake import load as load_words
    from edge.speech.wake.micro import bundled

    speech = ground.loaded.settings.speech
    chosen = ground.sound.wake_words or (speech.wake_words if "wake_words" in speech.model_fields_set else bundled())
    sensitivities = {word: speech.sensitivities.get(word, speech.sensitivity) for word in chosen}
    wake = await ground.aside(load_words, sensitivities, ground.loaded.places.models)
    return replace(_NOTHING, wake_words=wake.words, wake_problems=wake.problems)


async def voices(ground: Ground) -> AudioFacts:
    """Each tried out; of a service that speaks, what it says of its voice."""
    if speaks(ground) and not ground.deep:
        voice = ground.told("voice")
        trouble = voice.get("voice_trouble")
        name = ground.loaded.settings.speech.voice or "the voice"
        return replace(_NOTHING, voices=(Tried(name, str(trouble) if trouble else None, is_told=True),))
    from edge.models import ModelStore
    from edge.speech.trial import try_voices

    places, speech = ground.loaded.places, ground.loaded.settings.speech
    tried = await try_voices(ModelStore(places.models), speech.voice, places.runtime, _patience_s(ground))
    return replace(_NOTHING, voices=tuple(Tried(**asdict(one)) for one in tried))


async def recognisers(ground: Ground) -> AudioFacts:
    """Each tried out, by what the settings or this board want."""
    from edge.models import ModelStore
    from edge.speech import usual
    from edge.speech.trial import try_recognisers

    places, speech = ground.loaded.places, ground.loaded.settings.speech
    board = await ground.aside(usual.of_this_board)
    tried = await try_recognisers(ModelStore(places.models), usual.recogniser(speech, board), _patience_s(ground))
    return replace(_NOTHING, recognisers=tuple(Tried(**asdict(one)) for one in tried))


def _patience_s(ground: Ground) -> float | None:
    return None if ground.deep else _TRY_S


def opened(state: "DeviceState") -> Device:
    """A device as a check judges it."""
    node = state.node
    return Device(
        name=state.device,
        rate_hz=state.rate_hz,
        trouble=state.trouble or "",
        is_muted=bool(node and node.muted),
        cancels_echo=bool(node and node.cancels_echo),
        is_served=node is not None,
    )


async def _device(ground: Ground, kind: str) -> Device:
    from edge.speech import pulse
    from edge.speech.devices import Direction
    from edge.speech.opening import tried

    sound, speech = ground.sound, ground.loaded.settings.speech
    direction = Direction.INPUT if kind == "microphone" else Direction.OUTPUT
    if speaks(ground) and not await pulse.nodes(direction):
        # Without a sound server in between, the service alone can have it open.
        return _as_told(ground.told("voice"), kind)
    chosen = (sound.microphone or speech.microphone) if kind == "microphone" else None
    chosen = (sound.loudspeaker or speech.loudspeaker) if kind == "loudspeaker" else chosen
    return opened(await tried(direction, chosen))


def _as_told(voice: Mapping[str, Any], kind: str) -> Device:
    trouble = voice.get("trouble" if kind == "microphone" else "loudspeaker_trouble")
    return Device(None if trouble else f"the {kind} of the service", trouble=str(trouble or ""))
