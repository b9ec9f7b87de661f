"""The first run: a handful of questions, one after the other, which can be left, skipped and gone on with later."""

import asyncio
import contextlib
import json
import logging
import os
import re
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field, ValidationError

from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.routes import JSON, Call, Route, given
from edge.child import environment, signalled
from edge.errors import EdgeError
from edge.files import replace_file
from edge.service.views.meter import Meter
from edge.service.views.settings import Settings, pending
from edge.settings import SettingsError, load
from edge.settings.editing import read
from edge.settings.own import change_entry

if TYPE_CHECKING:
    from edge.service.service import Service
    from edge.settings import Loaded

log = logging.getLogger(__name__)

FILE: Final = "first-run.json"
STEPS: Final = ("name", "room", "language", "broker", "home-assistant", "sound", "wake-word", "model")
LOOK_S: Final = 25.0
METER_S: Final = 0.1
"""How often the level is told."""
LANGUAGES: Final = {"en": "English"}
_SAY: Final = "This is how I sound."
_MOST_BYTES: Final = 100_000
_Short = Annotated[str, Field(max_length=200)]


class Step(Body):
    """`POST /page/first-run/step`; `end` with all of them."""

    step: Literal["name", "room", "language", "broker", "home-assistant", "sound", "wake-word", "model", "end", "again"]
    skipped: bool = False


class Room(Body):
    """`POST /page/first-run/room`: an area by its name, which is made where there is none; empty: none."""

    name: Annotated[str, Field(max_length=200)]


class Look(Body):
    """`POST /page/first-run/look`."""

    what: Literal["mqtt", "home-assistant", "sound"]


class TryBroker(Body):
    """`POST /page/first-run/try-broker`: without a password the one that is kept."""

    broker: Annotated[str, Field(min_length=1, max_length=200)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    username: _Short | None = None
    password: Annotated[str, Field(max_length=1000)] | None = None
    tls: bool = False


class TryHome(Body):
    """`POST /page/first-run/try-home-assistant`: without a token the one that is kept."""

    url: Annotated[str, Field(min_length=1, max_length=300)]
    token: Annotated[str, Field(max_length=4000)] | None = None


class Word(Body):
    """One of the wake words there are."""

    word: Annotated[str, Field(min_length=1, max_length=200)]


class FirstRun:
    """Answers for the first run; how far it is stands in a small file."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._settings = Settings(service)
        self._file = service.loaded.places.state / FILE
        self._looking = asyncio.Lock()

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style, gives = Style.EDGE, {JSON: {"type": "object"}}
        return (
            Route("GET", "/page/first-run", style, "How far it is, and what is set", self._all, gives=gives),
            Route("GET", "/page/first-run/wanted", style, "Whether it is still to be done", self._wanted, gives=gives),
            Route("POST", "/page/first-run/step", style, "A step is done, or skipped", self._step, Step),
            Route("POST", "/page/first-run/room", style, "The room it is in", self._set_room, Room),
            Route("POST", "/page/first-run/look", style, "Look around", self._look, Look),
            Route("POST", "/page/first-run/try-broker", style, "Try a broker", self._try_broker, TryBroker),
            Route("POST", "/page/first-run/try-home-assistant", style, "Try Home Assistant", self._try_home, TryHome),
            Route("POST", "/page/first-run/speak", style, "Say something here", self._speak),
            Route("POST", "/page/first-run/wake-word", style, "Listen for another word", self._wake_word, Word),
        )

    def begin(self, publish: Publish) -> Callable[[], None]:
        """Tell how loud it is at the microphone, and of wake words, while somebody looks."""
        meter = Meter(publish, METER_S)
        forget = self._service.voice.local.followers.add(meter.heard, meter.woken)

        async def tell() -> None:
            while True:
                publish({"room": self._room()})
                await asyncio.sleep(1.0)

        task = asyncio.create_task(tell(), name="page.room")

        def end() -> None:
            forget()
            task.cancel()

        return end

    def _room(self) -> dict[str, Any]:
        local = self._service.voice.local
        return {
            "state": local.state,
            "trouble": local.trouble,
            "volume": local.volume,
            "wake_word": local.wake.chosen,
            "wake_words": list(local.wake.options),
        }

    async def _all(self, call: Call) -> web.StreamResponse:
        def look() -> "tuple[Mapping[str, str], Loaded, bool]":
            kept = read_kept(self._file)
            return kept, load(self._service.loaded.places), is_done(kept, self._service.loaded)

        return given(call, self._told(*await asyncio.to_thread(look)))

    async def _wanted(self, call: Call) -> web.StreamResponse:
        def is_wanted() -> bool:
            return not is_done(read_kept(self._file), self._service.loaded)

        return given(call, {"wanted": await asyncio.to_thread(is_wanted)})

    def _told(self, kept: Mapping[str, str], loaded: "Loaded", done: bool) -> dict[str, Any]:
        settings, registry = loaded.settings, self._service.registry
        areas = {area.id: area.name for area in registry.areas.values()}
        broker = self._service.link
        return {
            "done": done,
            "steps": [{"id": step, "state": kept.get(step, "open")} for step in STEPS],
            "name": settings.node,
            "host": socket.gethostname(),
            "area": settings.speech.area,
            "areas": [{"id": id_, "name": name} for id_, name in areas.items()],
            "language": settings.language,
            "languages": LANGUAGES,
            "units": settings.units,
            "timezone": settings.timezone,
            "broker": {
                "host": settings.mqtt.broker,
                "port": settings.mqtt.port,
                "username": settings.mqtt.username,
                "password": bool(settings.mqtt.password or settings.mqtt.password_file),
                "tls": settings.mqtt.tls,
                "state": broker.state.value if broker is not None else "off",
                "trouble": broker.trouble if broker is not None else "",
                "own": self._service.broker is not None,
            },
            "home_assistant": {
                "url": settings.homeassistant.url,
                "token": bool(settings.homeassistant.token or settings.homeassistant.token_file),
            },
            "devices": len(registry.devices),
            "sound": {"microphone": settings.speech.microphone, "loudspeaker": settings.speech.loudspeaker},
            "room": self._room(),
            "model": self._service.model.figures.model,
            "pending": pending(self._service.loaded, loaded),
        }

    async def _step(self, call: Call) -> web.StreamResponse:
        request: Step = call.body
        kept = dict(await asyncio.to_thread(read_kept, self._file))
        match request.step:
            case "end":
                kept["end"] = "done"
            case "again":
                kept = {"again": "yes"}
            case step:
                kept[step] = "skipped" if request.skipped else "done"
        try:
            await asyncio.to_thread(replace_file, self._file, json.dumps(kept).encode())
        except OSError as error:
            raise HttpError(507, f"{self._file} can't be written: {error.strerror or error}") from error
        return await self._all(call)

    async def _set_room(self, call: Call) -> web.StreamResponse:
        request: Room = call.body
        name = " ".join(request.name.split())
        known = self._service.registry.area_id(name) if name else None
        area = known if known in self._service.registry.areas else None

        def keep() -> None:
            wanted = area
            if name and area is None:
                wanted = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:64] or "room"
                change_entry(self._service.loaded.places.own, "areas", wanted, {"name": name})
            self._settings.change({"speech.area": wanted})

        await asyncio.to_thread(keep)
        return given(call, {"area": name or None})

    async def _look(self, call: Call) -> web.StreamResponse:
        request: Look = call.body
        async with self._looking:
            found = await looked(request.what)
        return given(call, {"found": found})

    async def _try_broker(self, call: Call) -> web.StreamResponse:
        from edge.service.views.trying import try_broker
        from edge.settings.mqtt import MqttSettings

        request: TryBroker = call.body
        known = (await asyncio.to_thread(load, self._service.loaded.places)).settings
        broker = request.broker.strip()
        values: dict[str, Any] = {
            "broker": broker,
            "port": request.port,
            "username": request.username or None,
            "tls": request.tls,
            "password": request.password or None,
        }
        if not request.password and broker == known.mqtt.broker:
            # What is kept is for the broker that it was given for, and for no other.
            values |= {"password": known.mqtt.password, "password_file": known.mqtt.password_file}
        try:
            mqtt = MqttSettings(**values)
        except ValidationError as error:
            raise HttpError(422, str(error.errors(include_url=False)[0]["msg"]), param="broker") from None
        try:
            return given(call, await try_broker(mqtt, known.node))
        except (EdgeError, OSError) as error:
            return given(call, {"ok": False, "text": str(error), "remedy": ""})

    async def _try_home(self, call: Call) -> web.StreamResponse:
        from edge.service.views.trying import try_home_assistant
        from edge.settings.homeassistant import HomeAssistantSettings

        request: TryHome = call.body
        known = (await asyncio.to_thread(load, self._service.loaded.places)).settings.homeassistant
        url = request.url.strip().rstrip("/")
        token: dict[str, Any] = {"token": request.token}
        if not request.token and url == known.url:
            token = {"token": known.token, "token_file": known.token_file}
        try:
            settings = HomeAssistantSettings(url=url, **token)
        except ValidationError as error:
            raise HttpError(422, str(error.errors(include_url=False)[0]["msg"]), param="url") from None
        try:
            return given(call, await try_home_assistant(settings))
        except (EdgeError, OSError) as error:
            return given(call, {"ok": False, "text": str(error), "remedy": ""})

    async def _speak(self, call: Call) -> web.StreamResponse:
        if self._service.voice.local.volume is None:
            raise HttpError(409, self._service.voice.local.trouble or "there is no loudspeaker here")
        ending = await self._service.voice.say(_SAY)
        return given(call, {"ending": ending})

    async def _wake_word(self, call: Call) -> web.StreamResponse:
        request: Word = call.body
        try:
            await self._service.voice.local.use_wake_word(request.word)
        except EdgeError as error:
            raise HttpError(409, str(error)) from error
        return given(call, {"room": self._room()})


async def looked(what: str) -> Any:
    """What the process that looks has found. Raises `HttpError` (503)."""
    kept = ("PULSE_SERVER", "XDG_RUNTIME_DIR")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "edge.service.views.looking", what),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        env=environment() | {name: os.environ[name] for name in kept if name in os.environ},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(LOOK_S):
            said, why = await process.communicate()
        if process.returncode:
            told = why.decode("utf-8", "replace").strip().splitlines()
            raise HttpError(503, told[-1] if told else "looking around failed")
        found: Any = json.loads(said)
    except TimeoutError:
        raise HttpError(503, "looking around did not end in time: try again") from None
    except ValueError:
        raise HttpError(503, "looking around found nothing that can be read") from None
    finally:
        signalled(process)
        await process.wait()
    return found


def read_kept(file: Path) -> Mapping[str, str]:
    """Steps and what became of them; blocks."""
    try:
        with file.open("rb") as stream:
            kept = json.loads(stream.read(_MOST_BYTES)).items()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        log.warning("page.first_run_unreadable", extra={"file": str(file), "why": str(error)})
        return {}
    return {str(key): str(value) for key, value in kept}


def is_done(kept: Mapping[str, str], loaded: "Loaded") -> bool:
    """Whether nobody need be asked: it was ended, or somebody has written settings by hand before it was begun.

    Blocks.
    """
    if kept:
        return "end" in kept
    if loaded.places.config not in loaded.files:
        return False
    with contextlib.suppress(OSError, UnicodeDecodeError, SettingsError):
        return bool(read(loaded.places.config.read_text("utf-8")))
    return True


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    first_run = FirstRun(service)
    hub.offer("sound", first_run.begin)
    return first_run.routes()
