"""A satellite and the room it makes: connected to, listened to and spoken through for as long as it is there."""

import asyncio
import functools
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from edge.assistant.model import Reply, Utterance
from edge.errors import EdgeError
from edge.schedule import Schedule
from edge.speech.building import manners
from edge.speech.exchange import Company, Habits
from edge.speech.floor import RoomState
from edge.speech.mouth import Mouth
from edge.speech.parts import SpeechParts
from edge.speech.room import Room
from edge.speech.rooms import OpenRoom, Rooms
from edge.speech.satellites.link import Link
from edge.speech.satellites.looking import LIMITS, Itself
from edge.speech.satellites.sound import SatelliteLoudspeaker, SatelliteMicrophone
from edge.speech.satellites.telling import Telling
from edge.speech.satellites.timers import Timers
from edge.wyoming import Event, PcmFormat, WyomingError, connect, number, pcm_format, table, text

if TYPE_CHECKING:
    from edge.settings.model import SatelliteSettings, Settings

log = logging.getLogger(__name__)

_FIRST_S: Final = 1.0
_LONGEST_S: Final = 15.0
"""Pauses between attempts to connect."""
_STEADY_S: Final = 20.0
"""One that was there for this long was healthy: the next attempt comes soon."""
_INFO_S: Final = 3.0
"""How long a satellite may take to say what it is; one that does not is used all the same."""
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all satellites share."""

    settings: "Settings"
    state: Path
    """The directory for what is kept."""
    parts: SpeechParts
    rooms: Rooms
    schedule: Schedule
    area_id: Callable[[str | None], str | None]
    """An area's id, by its id or name."""
    now: Callable[[], datetime | None]
    on_reply: Callable[[Utterance, Reply], None]
    on_event: Callable[..., None]


@dataclass(slots=True)
class _Session:
    """One connection."""

    link: Link
    microphone: SatelliteMicrophone
    loudspeaker: SatelliteLoudspeaker
    telling: Telling
    itself: Itself = field(default_factory=Itself)
    known: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it has said what it is."""
    room: Room | None = None
    detected: str | None = None
    """The wake word that it has heard by itself."""
    streaming: bool = False


class Satellite:
    """Async context manager: while it is entered, the satellite is looked for, and its room is there when it is."""

    def __init__(self, given: "SatelliteSettings", around: Surroundings) -> None:
        self._given = given
        self._around = around
        self._session: _Session | None = None
        self.trouble: str | None = "it is being connected to"
        """Why it is not there; None while it is."""

    async def __aenter__(self) -> Self:
        self._life = asyncio.create_task(self._live(), name=f"satellite-{self._given.name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._life.cancel()
        await asyncio.gather(self._life, return_exceptions=True)

    @property
    def state(self) -> str:
        """What its room does; `off` while it is not there."""
        session = self._session
        return session.room.state.value if session is not None and session.room is not None else "off"

    def facts(self) -> dict[str, Any]:
        """For `edge status`."""
        given, session = self._given, self._session
        facts: dict[str, Any] = {"state": self.state, "trouble": self.trouble, "address": f"{given.host}:{given.port}"}
        if session is not None:
            facts |= {"calls_itself": session.itself.name, "version": session.itself.version}
            facts |= {"wakes_by_itself": session.itself.wakes, "streaming": session.streaming}
        return facts | {"area": self._area}

    # Life ---------------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        given = self._given
        pause_s, known = _FIRST_S, ""
        while True:
            began = time.monotonic()
            try:
                why: EdgeError = await self._once()
            except EdgeError as error:
                why = error
            except Exception as error:
                log.exception("satellite.broken", extra={"satellite": given.name})
                why = EdgeError(f"it failed ({type(error).__name__}): the log says why")
            self._session = None
            if self.trouble is None:
                log.warning("satellite.lost", extra={"satellite": given.name, "reason": str(why)})
                self._around.on_event("satellite", room=given.name, there=False, reason=str(why))
            elif known != str(why):
                log.warning("satellite.missing", extra={"satellite": given.name, "reason": str(why)})
            known = self.trouble = str(why)
            pause_s = _FIRST_S if time.monotonic() - began > _STEADY_S else pause_s
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_S)

    async def _once(self) -> EdgeError:
        """From connecting to the end of the connection; returns why it ended, or raises why there was none."""
        given = self._given
        stream = await connect(given.host, given.port, LIMITS)
        own = self._around.settings.wyoming
        if stream.is_here and given.port in (own.port, own.satellite_port):
            stream.abort()
            raise WyomingError("that is this machine itself, no satellite: take it out of [[satellites]]")
        link = Link(stream)
        microphone = SatelliteMicrophone(link, gain_db=given.gain_db)
        telling = Telling(link.post, self._around.settings.language)
        session = _Session(link, microphone, SatelliteLoudspeaker(link), telling)
        self._session = session
        link.post(Event("describe"))
        return await link.run(functools.partial(self._on_event, session), self._inhabit(session))

    async def _inhabit(self, session: _Session) -> None:
        """Have its room; until cancelled. Raises `EdgeError` where something that hears or speaks is not to be had."""
        try:
            async with asyncio.timeout(_INFO_S):
                await session.known.wait()
        except TimeoutError:
            log.info("satellite.unknown", extra={"satellite": self._given.name})
        given, around, parts = self._given, self._around, self._around.parts
        speech = around.settings.speech
        volume = speech.volume if given.volume is None else given.volume
        async with AsyncExitStack() as stack:
            mouth = await stack.enter_async_context(
                Mouth(
                    session.loudspeaker,
                    await parts.voices(),
                    manners=manners(speech),
                    volume=volume,
                    kept=around.state / f"loudness-{given.name}.json",
                    now=around.now,
                )
            )
            area = given.area or session.itself.area
            habits = Habits(
                area,
                origin=given.name,
                follow_up_s=speech.follow_up_s if speech.follow_up else None,
                earcon=speech.earcon if given.earcon is None else given.earcon,
            )
            company = Company(
                mouth,
                await parts.recogniser(),
                await parts.understanding(),
                await parts.activity(),
                functools.partial(around.rooms.ask, given.name),
                parts.once,
                on_reply=functools.partial(self._replied, session),
                habits=habits,
                witness=session.telling,
            )
            wake = await parts.wake(parts.configured_words(given.wake_words))
            room = Room(session.microphone, wake, company, kept=around.state / f"microphone-{given.name}-muted")
            session.microphone.awaited = lambda: room.state in (RoomState.LISTENING, RoomState.FOLLOWING_UP)
            stack.callback(room.observe(functools.partial(self._changed, session)))
            await stack.enter_async_context(room)
            stack.callback(room.cancel)  # what is being carried out is carried out
            session.room = room
            stack.callback(setattr, session, "room", None)
            timers = Timers(around.schedule, lambda: self._area, session.link.post)
            timers.look()
            stack.callback(around.schedule.observe(timers.look))
            stack.callback(around.rooms.open(OpenRoom(given.name, area, mouth, room, timers.announced)))
            self.trouble = None
            facts = {"satellite": given.name, "calls_itself": session.itself.name, "version": session.itself.version}
            log.info("satellite.ready", extra=facts)
            around.on_event("satellite", room=given.name, area=self._area, there=True)
            await asyncio.Event().wait()

    @property
    def _area(self) -> str | None:
        said = self._session.itself.area if self._session is not None else None
        return self._around.area_id(self._given.area or said)

    def _replied(self, session: _Session, utterance: Utterance, reply: Reply) -> None:
        session.telling.replied(utterance.text, reply)
        self._around.on_reply(utterance, reply)

    def _changed(self, session: _Session, state: RoomState) -> None:
        session.telling.state(state)
        session.microphone.look()
        self._around.on_event("room", room=self._given.name, area=self._area, state=state.value)

    # What comes from it --------------------------------------------------------------------------------------------

    def _on_event(self, session: _Session, event: Event) -> None:
        """Raises `EdgeError` for what makes no sense: the connection is ended then."""
        match event.type:
            case "audio-chunk":
                session.streaming = True
                session.microphone.take(pcm_format(event.data), event.payload or b"")
            case "audio-stop":
                session.streaming = False
                session.microphone.stopped()
            case "info":
                session.itself = Itself.parse(event.data)
                session.known.set()
            case "detection":
                session.detected = text(event.data, "name", _LONGEST_NAME) or "wake word"
            case "run-pipeline":
                self._on_pipeline(session, event.data)
            case "played":
                session.loudspeaker.played()
            case "error":
                log.warning(
                    "satellite.error",
                    extra={"satellite": self._given.name, "reason": text(event.data, "text", 2000)},
                )
            case kind:
                log.debug("satellite.event", extra={"satellite": self._given.name, "event_type": kind})

    def _on_pipeline(self, session: _Session, data: Mapping[str, Any]) -> None:
        """It streams from now on: for its wake word to be found, or what follows one, or a button."""
        start, end = text(data, "start_stage", 20), text(data, "end_stage", 20)
        if start not in ("wake", "asr"):
            raise WyomingError(f"it wants to begin with {start!r}: only `wake` and `asr` are done")
        session.loudspeaker.there = end == "tts"
        session.loudspeaker.format = _sound_format(table(data, "snd_format"))
        session.microphone.begin()
        session.telling.streams(for_now=start == "asr")
        detected, session.detected = session.detected or text(data, "wake_word_name", _LONGEST_NAME), None
        if start == "wake":
            return
        room = session.room
        if room is None or room.state is RoomState.MUTED or (detected is not None and not room.woken(detected)):
            session.telling.refused()
        elif detected is None:
            room.listen()


def _sound_format(data: Mapping[str, Any]) -> PcmFormat:
    """What its loudspeaker wants, or what all of them take; raises `WyomingError`."""
    rate_hz = number(data, "rate", 8000, 96_000) or 22_050
    return PcmFormat(rate_hz, 2, number(data, "channels", 1, 8) or 1)
