"""Puts the parts together: starts them, tells how they do, and ends them in order within a deadline."""

import asyncio
import contextlib
import importlib
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from edge import __version__
from edge.api.control import ControlServer
from edge.assistant.ahead import Ahead
from edge.assistant.assistant import Assistant
from edge.assistant.confirmation import Confirmation, configured_confirmation
from edge.assistant.remembering.remembered import Remembered
from edge.assistant.scenekeeping.staged import Staged
from edge.devices.registry import Registry
from edge.devices.wishes import Wish
from edge.errors import EdgeError
from edge.files import held
from edge.health.notify import Notifier
from edge.health.vitals import vitals
from edge.llm import LanguageModel
from edge.llm.household import configured_model
from edge.mqtt.appliance import AlarmTopics
from edge.mqtt.broker import SupervisedBroker
from edge.mqtt.conversation import Conversation
from edge.mqtt.house import House
from edge.mqtt.household import described, furnish, wishes
from edge.mqtt.link import Link
from edge.mqtt.messenger import MqttMessenger
from edge.schedule import Schedule, SystemClock, boot_id
from edge.schedule.rules.running import Rules
from edge.service.alarmkeeping import open_alarmkeeping
from edge.service.alarms import Alarms, open_alarms
from edge.service.almanac import open_almanac
from edge.service.answers import service_answers
from edge.service.appliance import open_appliance
from edge.service.audit import audit_facts, open_audit
from edge.service.doctor import open_doctor
from edge.service.ducking import open_ducking
from edge.service.explaining import open_explaining
from edge.service.hardware import furnish_hardware, hardware_facts, open_hardware, with_hardware
from edge.service.homeassistant import open_homeassistant
from edge.service.house import Nowhere, begin, converse, open_broker, open_house
from edge.service.http import Http, open_http
from edge.service.memory import open_memory
from edge.service.people import People, open_people
from edge.service.recollection import Recollection
from edge.service.room import make_room, open_room
from edge.service.routing import LoadRouter, Routes, Timed, place_of, shipped_router, zone_of
from edge.service.rules import open_rules
from edge.service.scenes import Stage, open_scenes
from edge.service.sensors import open_sensors
from edge.service.summary import open_summary
from edge.service.tracing import Stopwatch, open_traces
from edge.service.upkeep import upkeep_facts
from edge.settings import Loaded
from edge.speech.parts import SpeechParts
from edge.speech.voice import Hearing, HouseVoice

if TYPE_CHECKING:
    from edge.health.metrics import Metrics
    from edge.health.traces import Traces
    from edge.router.teacher import Teacher
    from edge.sensors.history.history import History
    from edge.service.doctor import Examiner

log = logging.getLogger(__name__)

DEADLINE_S: Final = 4.5
"""How long ending in order may take; after that the process ends anyway. People and systemd expect it within 5 s."""
_CONNECT_S: Final = 10.0
"""How long "ready" waits for the broker; without it there still is an assistant that says what is wrong."""


@dataclass(slots=True)
class Service:
    """The parts that run now. Those of the house are None where the configuration of the broker can't be used."""

    loaded: Loaded
    registry: Registry
    clock: SystemClock
    schedule: Schedule
    model: LanguageModel
    assistant: Assistant
    parts: SpeechParts
    voice: HouseVoice
    timed: Timed
    """The router, which knows how long it took."""
    problems: list[str] = field(default_factory=list)
    broker: SupervisedBroker | None = None
    link: Link | None = None
    house: House | None = None
    conversation: Conversation | None = None
    teacher: "Teacher | None" = None
    rules: Rules | None = None
    wishes: dict[str, Wish] = field(default_factory=dict)
    """What people have written down of devices, by id; whoever puts devices into the registry goes by it."""
    confirmation: Confirmation = field(default_factory=Confirmation)
    """What is asked before it is done."""
    remembered: Remembered | None = None
    staged: Staged | None = None
    """Scenes and routines."""
    people: People | None = None
    """Visitors, quiet, and what each source may do."""
    http: Http | None = None
    history: "History | None" = None
    """What sensors said; None where it is not kept."""
    traces: "Traces | None" = None
    """What the last requests went through."""
    metrics: "Metrics | None" = None
    """What is counted."""
    doctor: "Examiner | None" = None
    """Looks for what is wrong."""
    alarms: AlarmTopics | None = None
    """Tells alarms to others."""
    watched: Alarms | None = None
    """The alarms there are, and what finds them; None where sensors are not watched."""
    again: bool = False
    """Whether the service is to be started again once it has ended."""
    end: Callable[[], None] = lambda: None
    """Ends the service in order."""
    facts: dict[str, Callable[[], Mapping[str, Any] | str]] = field(default_factory=dict)
    """What other parts tell `edge status`, by name."""

    def restart(self) -> None:
        """End in order, to be started again."""
        self.again = True
        self.end()

    def status(self) -> dict[str, Any]:
        """What `edge status` shows; blocking reads of small files."""
        settings = self.loaded.settings
        return {
            "version": __version__,
            "node": settings.node,
            "configuration": [str(file) for file in self.loaded.files],
            "problems": self.problems,
            "broker": self._broker_facts(),
            "devices": len(self.registry.devices),
            "areas": len(self.registry.areas),
            "model": asdict(self.model.figures),
            "governor": self.model.governed.facts(),
            "questions": self.conversation.running if self.conversation else 0,
            "voice": self.voice.facts(),
            "http": self.http.facts() if self.http else {},
            "clock_trusted": self.clock.trusted,
            **{name: facts() for name, facts in self.facts.items()},
            **vitals(),
        }

    def _broker_facts(self) -> dict[str, Any]:
        if self.link is None:
            return {"state": "off", "trouble": "the configuration of the broker can't be used: see the problems"}
        facts: dict[str, Any] = {
            "state": self.link.state.value,
            "trouble": self.link.trouble,
            "host": self.link.endpoint.host,
            "port": self.link.endpoint.port,
            "supervised": self.broker is not None,
            "waiting": self.link.waiting,
            "connects": self.link.counts.connects,
        }
        return facts | ({"restarts": self.broker.restarts, "pid": self.broker.pid} if self.broker else {})


async def serve(loaded: Loaded, load_router: LoadRouter = shipped_router, hearing: Hearing | None = None) -> bool:
    """Run until SIGTERM or SIGINT; a second one, or the deadline, ends the process at once.

    `hearing`: recordings in the place of a microphone. Returns whether the service is to be started again.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end() -> None:
        log.info("service.stopping")
        loop.call_later(DEADLINE_S, _end_anyway)
        stop.set()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(1)
        end()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    notifier = Notifier()
    try:
        async with running(loaded, load_router, hearing) as service, asyncio.TaskGroup() as tasks:
            service.end = end
            alive = tasks.create_task(notifier.keep_alive(lambda: service.model.hung), name="watchdog")
            await _until_connected(service, stop)
            notifier.ready(f"{len(service.registry.devices)} devices")
            log.info("service.ready", extra={"devices": len(service.registry.devices)})
            await stop.wait()
            notifier.stopping()
            alive.cancel()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
    log.info("service.stopped", extra={"again": service.again})
    return service.again


@asynccontextmanager
async def running(loaded: Loaded, load_router: LoadRouter, hearing: Hearing | None = None) -> AsyncIterator[Service]:
    """The service with all its parts started; not yet connected. Ends them in the opposite order."""
    settings, places = loaded.settings, loaded.places
    registry = Registry()
    clock = await asyncio.to_thread(lambda: SystemClock(zone_of(settings)))
    problems = [str(problem) for problem in loaded.problems]
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(_make_directories, loaded)
        # First of all: a second service must not touch the first one's broker and files.
        control = await stack.enter_async_context(ControlServer(places.control_socket))
        another = f"{places.state}: another `edge run` keeps its state there already, with other sockets"
        stack.enter_context(held(places.state, EdgeError(another)))
        attached = await open_hardware(loaded, stack)
        # The slowest part of starting, beside everything else.
        routing = stack.enter_context(_in_background(asyncio.to_thread(load_router, loaded, registry)))
        problems += await asyncio.to_thread(furnish, registry, settings)
        wished = wishes(settings, registry)
        if full := await asyncio.to_thread(make_room, places.state):
            problems.append(full)
        boot = await asyncio.to_thread(boot_id)
        schedule = await stack.enter_async_context(
            Schedule(places.state / "schedule.sqlite", clock, boot_id=boot, place=place_of(settings))
        )
        problems += [schedule.trouble] if schedule.trouble else []
        broker, link, house = None, None, None
        if not _limited(loaded):
            broker, endpoint = await open_broker(loaded, stack)
            link, house = await open_house(settings, endpoint, registry, places.state / "discovery.json", wished, stack)
        history = await open_sensors(loaded, registry, clock, stack)
        watched = await open_alarms(loaded, registry, clock, history, stack)
        await furnish_hardware(attached, loaded, registry, house, wished, problems)
        # Before the house is entered: it tells what it finds to who looks for the same devices elsewhere.
        home = await open_homeassistant(loaded, registry, house, link, wished, stack, attached, schedule)
        if house is not None:
            entities, unusable = described(settings)
            house.add(entities)
            await stack.enter_async_context(house)
            problems += unusable
        model = await stack.enter_async_context(configured_model(loaded))
        routes: Routes = await routing
        problems += routes.problems
        timed = Timed(routes.route)
        confirmation = configured_confirmation(settings, problems)
        audit = await open_audit(loaded, stack)
        traces, metrics = open_traces(loaded, audit, stack)
        staged = Staged(places.state / "scenes.toml", registry, clock)
        moving = with_hardware(attached, home.actuator if home else house or Nowhere())
        actuator = Stopwatch(Stage(staged, moving))
        assistant = Assistant(
            route=timed,
            registry=registry,
            actuator=actuator,
            chat=model,
            schedule=schedule,
            clock=clock,
            confirmation=confirmation,
            messenger=MqttMessenger(link, settings.base) if link is not None else None,
            tools=settings.llm.tools,
            recorder=traces,
        )
        degrees = "°C" if settings.units == "metric" else "°F"
        assistant.recalling.through(Recollection(history, degrees) if history else None, degrees)
        await open_alarmkeeping(loaded, registry, assistant, routes, history, watched, clock)
        people = await open_people(loaded, assistant, clock)
        problems += people.problems
        remembered = await open_memory(loaded, registry, clock, model, assistant, stack)
        problems += [remembered.trouble] if remembered.trouble else []
        problems += await open_scenes(staged, assistant)
        open_almanac(assistant, registry, clock, schedule)
        rules = await open_rules(loaded, registry, clock, schedule, assistant, stack)
        problems += rules.problems
        await stack.enter_async_context(Ahead(registry, assistant.prepare))
        parts = await stack.enter_async_context(SpeechParts(loaded, registry, timed))
        voice = HouseVoice(loaded, parts, assistant, registry, schedule, clock, hearing or Hearing())
        voice.rooms.quiet = people.quiet.covers
        service = Service(
            loaded, registry, clock, schedule, model, assistant, parts, voice, timed, problems, broker, link, house
        )
        service.teacher, service.traces = routes.teacher, traces
        service.metrics = metrics
        service.wishes, service.confirmation = wished, confirmation
        service.rules, service.people, service.remembered = rules, people, remembered
        service.staged = staged
        service.facts["people"] = people.facts
        await open_room(service, stack)
        service.history, service.watched = history, watched
        service.facts |= audit_facts(audit) | ({"history": history.facts} if history else {})
        service.facts |= {"homeassistant": home.facts} if home else {}
        service.facts |= upkeep_facts(loaded) | hardware_facts(attached)
        service.facts |= {"discovery": house.facts} if house else {}
        service.doctor = await open_doctor(service, stack)
        open_explaining(service)
        if link is not None:
            service.conversation = await converse(service, link, stack)
        await open_ducking(service, actuator, stack)
        if settings.wyoming.enabled:
            # In a thread, since its package reads files when it is imported.
            wyoming = await asyncio.to_thread(importlib.import_module, "edge.service.wyoming")
            await wyoming.open_wyoming(service, routes.route, stack)
        await stack.enter_async_context(voice)
        if link is not None and service.conversation is not None:
            await open_appliance(service, link, service.conversation, stack)
        if watched is not None:
            from edge.service.telling import open_telling

            await open_telling(service, home, watched, stack)
        await open_summary(service, stack)
        service.http = await open_http(service, stack)
        if link is not None:
            await begin(link)
        schedule.start()
        rules.start()
        for problem in problems:
            log.error("settings.problem", extra={"problem": problem})
        await control.start(service_answers(service))
        yield service


def _limited(loaded: Loaded) -> bool:
    """Whether what is wrong with the configuration leaves it open which broker is meant, and who we are to it."""
    return any(not problem.key or problem.key.partition(".")[0] in {"mqtt", "node"} for problem in loaded.problems)


def _make_directories(loaded: Loaded) -> None:
    for directory in (loaded.places.state, loaded.places.runtime):
        directory.mkdir(parents=True, exist_ok=True)
    loaded.places.runtime.chmod(0o700)


@contextlib.contextmanager
def _in_background(work: Any) -> Any:
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()


async def _until_connected(service: Service, stop: asyncio.Event) -> None:
    if service.link is None:
        return
    waits = {asyncio.ensure_future(service.link.connected()), asyncio.ensure_future(stop.wait())}
    await asyncio.wait(waits, timeout=_CONNECT_S, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


def _end_anyway() -> None:
    log.error("service.stuck", extra={"deadline_s": DEADLINE_S, "tasks": [t.get_name() for t in asyncio.all_tasks()]})
    os._exit(1)
