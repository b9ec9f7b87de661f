"""Puts the parts together: starts them, tells how they do, and ends them in order within a deadline."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge import __version__
from edge.api.answers import answers
from edge.api.control import ControlServer, Request
from edge.api.teaching_answers import teaching_answers
from edge.api.voice_answers import voice_answers
from edge.assistant.ahead import Ahead
from edge.assistant.assistant import Assistant
from edge.assistant.confirmation import configured_confirmation
from edge.assistant.model import Announcement
from edge.devices.model import Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.files import held
from edge.health.notify import Notifier
from edge.health.vitals import vitals
from edge.llm import LanguageModel
from edge.llm.household import configured_model, tell_steps
from edge.mqtt.broker import BrokerAddress, SupervisedBroker, write_address
from edge.mqtt.client import Endpoint
from edge.mqtt.conversation import Conversation
from edge.mqtt.discovery import Discovery
from edge.mqtt.house import House
from edge.mqtt.household import described, furnish, wishes
from edge.mqtt.link import Link
from edge.mqtt.messenger import MqttMessenger
from edge.mqtt.remembered import kept_ids, load_ids
from edge.mqtt.room import RoomTopics
from edge.router.model import Routing
from edge.schedule import Schedule, SystemClock, boot_id
from edge.settings import Loaded
from edge.speech.voice import Hearing, LocalVoice

if TYPE_CHECKING:
    from edge.router.teacher import Teacher
    from edge.settings.model import Settings

log = logging.getLogger(__name__)

DEADLINE_S: Final = 4.5
"""How long ending in order may take; after that the process ends anyway. People and systemd expect it within 5 s."""
_CONNECT_S: Final = 10.0
"""How long "ready" waits for the broker; without it there still is an assistant that says what is wrong."""

Route = Callable[[str, str | None], Routing]


@dataclass(frozen=True, slots=True)
class Routes:
    """A router, and who teaches it."""

    route: Route
    teacher: "Teacher | None" = None
    problems: tuple[str, ...] = ()


LoadRouter = Callable[[Loaded, Registry], Routes]
"""Makes the router; runs in a thread, may block."""


@dataclass(slots=True)
class Service:
    """The parts that run now. Those of the house are None where the configuration of the broker can't be used."""

    loaded: Loaded
    registry: Registry
    clock: SystemClock
    schedule: Schedule
    model: LanguageModel
    assistant: Assistant
    voice: LocalVoice
    problems: list[str] = field(default_factory=list)
    broker: SupervisedBroker | None = None
    link: Link | None = None
    house: House | None = None
    conversation: Conversation | None = None
    teacher: "Teacher | None" = None

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
            "clock_trusted": self.clock.trusted,
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


def shipped_router(loaded: Loaded, registry: Registry) -> Routes:
    """The router of the package with what it was taught; one without weights answers every request with why."""
    from edge.router.network import NetworkError
    from edge.router.router import Router
    from edge.router.teacher import Teacher
    from edge.router.teaching import TeachingError

    settings = loaded.settings
    zone = _zone(settings)
    try:
        router = Router.load(
            act=settings.router.act_threshold,
            chat=settings.router.chat_threshold,
            now=lambda: datetime.now(UTC).astimezone(zone),
        )
    except NetworkError as error:
        log.error("router.unusable", extra={"reason": str(error)})  # noqa: TRY400 (the message says it all)
        why = error

        def refuse(text: str, area: str | None) -> Routing:  # noqa: ARG001 (the protocol's)
            raise why

        return Routes(refuse, problems=(str(error),))

    def route(text: str, area: str | None) -> Routing:
        return router.route(text, registry, area)

    try:
        return Routes(route, Teacher(router, loaded.places.state, own_topics=settings.base))
    except TeachingError as error:
        return Routes(route, problems=(str(error),))


async def serve(loaded: Loaded, load_router: LoadRouter = shipped_router, hearing: Hearing | None = None) -> None:
    """Run until SIGTERM or SIGINT; a second one, or the deadline, ends the process at once.

    `hearing`: recordings in the place of a microphone.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(1)
        log.info("service.stopping")
        loop.call_later(DEADLINE_S, _end_anyway)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    notifier = Notifier()
    try:
        async with running(loaded, load_router, hearing) as service, asyncio.TaskGroup() as tasks:
            alive = tasks.create_task(notifier.keep_alive(), name="watchdog")
            await _until_connected(service, stop)
            notifier.ready(f"{len(service.registry.devices)} devices")
            log.info("service.ready", extra={"devices": len(service.registry.devices)})
            await stop.wait()
            notifier.stopping()
            alive.cancel()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
    log.info("service.stopped")


@asynccontextmanager
async def running(loaded: Loaded, load_router: LoadRouter, hearing: Hearing | None = None) -> AsyncIterator[Service]:
    """The service with all its parts started; not yet connected. Ends them in the opposite order."""
    settings, places = loaded.settings, loaded.places
    registry = Registry()
    clock = await asyncio.to_thread(lambda: SystemClock(_zone(settings)))
    problems = [str(problem) for problem in loaded.problems]
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(_make_directories, loaded)
        # First of all: a second service must not touch the first one's broker and files.
        control = await stack.enter_async_context(ControlServer(places.control_socket))
        another = f"{places.state}: another `edge run` keeps its state there already, with other sockets"
        stack.enter_context(held(places.state, EdgeError(another)))
        # The slowest part of starting, beside everything else.
        routing = stack.enter_context(_in_background(asyncio.to_thread(load_router, loaded, registry)))
        problems += await asyncio.to_thread(furnish, registry, settings)
        boot = await asyncio.to_thread(boot_id)
        schedule = await stack.enter_async_context(Schedule(places.state / "schedule.sqlite", clock, boot_id=boot))
        broker, link, house = None, None, None
        if not _limited(loaded):
            broker, endpoint = await _broker(loaded, stack)
            link, house = await _house(settings, endpoint, registry, places.state / "discovery.json", stack)
            entities, unusable = described(settings)
            house.add(entities)
            await stack.enter_async_context(house)
            problems += unusable
        model = await stack.enter_async_context(configured_model(loaded))
        routes: Routes = await routing
        problems += routes.problems
        assistant = Assistant(
            route=routes.route,
            registry=registry,
            actuator=house or _Nowhere(),
            chat=model,
            schedule=schedule,
            clock=clock,
            confirmation=configured_confirmation(settings, problems),
            messenger=MqttMessenger(link, settings.base) if link is not None else None,
            tools=settings.llm.tools,
        )
        await stack.enter_async_context(Ahead(registry, assistant.prepare))
        voice = LocalVoice(loaded, assistant, registry, routes.route, clock, hearing or Hearing())
        service = Service(loaded, registry, clock, schedule, model, assistant, voice, problems, broker, link, house)
        service.teacher = routes.teacher
        if link is not None:
            service.conversation = await _conversation(service, link, stack)
        await stack.enter_async_context(voice)
        schedule.start()
        for problem in problems:
            log.error("settings.problem", extra={"problem": problem})
        await control.start(_answers(service))
        yield service


class _Nowhere:
    """Moves devices where there is no broker: not at all."""

    async def perform(self, call: ServiceCall) -> Outcome:  # noqa: ARG002 (the protocol's)
        """Nothing can be reached."""
        return Outcome.UNAVAILABLE


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


async def _broker(loaded: Loaded, stack: AsyncExitStack) -> tuple[SupervisedBroker | None, Endpoint]:
    """The configured broker, or one of our own; other processes of this machine are told where it is."""
    mqtt, places = loaded.settings.mqtt, loaded.places
    broker = None
    if mqtt.broker is None:
        broker = await stack.enter_async_context(SupervisedBroker(state=places.state))
        endpoint = Endpoint(broker.address.host, broker.address.port, keepalive_s=mqtt.keepalive_s)
    else:
        secret = mqtt.secret if mqtt.username else None
        endpoint = Endpoint(
            mqtt.broker, mqtt.port, mqtt.username, secret, mqtt.tls, mqtt.ca_file, keepalive_s=mqtt.keepalive_s
        )
    file = places.broker_address
    address = BrokerAddress(endpoint.host, endpoint.port)
    node = loaded.settings.node
    await asyncio.to_thread(write_address, file, address, node=node, supervised=broker is not None)
    stack.push_async_callback(asyncio.to_thread, file.unlink, missing_ok=True)
    return broker, endpoint


async def _house(
    settings: "Settings", endpoint: Endpoint, registry: Registry, ids_file: Path, stack: AsyncExitStack
) -> tuple[Link, House]:
    """Two connections: what the house says, in floods at times, must not stand before a question in the queue."""
    name = f"edge-{settings.node}"
    link = await stack.enter_async_context(Link(endpoint, client_id=name, presence=f"{settings.base}/state"))
    watch = await stack.enter_async_context(Link(endpoint, client_id=f"{name}-house"))
    ids = await asyncio.to_thread(load_ids, ids_file)
    discovery = Discovery(settings.mqtt.discovery_prefix, ids=ids)
    house = House(
        watch=watch,
        send=link,
        registry=registry,
        discovery=discovery,
        wishes=wishes(settings, registry),
        command_timeout_s=settings.mqtt.command_timeout_s,
    )
    await stack.enter_async_context(kept_ids(ids, ids_file))
    return link, house


async def _conversation(service: Service, link: Link, stack: AsyncExitStack) -> Conversation:
    async def health() -> Mapping[str, Any]:
        return await asyncio.to_thread(service.status)

    conversation = Conversation(
        link,
        base=service.loaded.settings.base,
        ask=service.assistant.ask,
        registry=service.registry,
        health=health,
    )
    await stack.enter_async_context(conversation)

    async def announce(announcement: Announcement) -> None:
        facts = dict(announcement.event)
        conversation.event(str(facts.pop("event", "announcement")), **facts)

    stack.callback(service.assistant.announce_to(announce))
    stack.callback(tell_steps(service.model, conversation.event))
    topics = RoomTopics(link, base=service.loaded.settings.base, speaker=service.voice, event=conversation.event)
    await stack.enter_async_context(topics)
    conversation.speak = topics.speak
    service.voice.on_reply = conversation.replied
    return conversation


def _answers(service: Service) -> dict[str, Any]:
    async def status(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
        return await asyncio.to_thread(service.status)

    async def aside(request: Request) -> Mapping[str, Any]:
        """The model stands aside until the client hangs up; one piece says that it does."""
        async with service.model.aside("The language model is being tuned: ask again in a minute."):
            await request.send({"aside": True})
            await asyncio.Event().wait()
        return {}

    taught = teaching_answers(service.teacher, service.registry)
    ours = {"status": status, "aside": aside} | voice_answers(service.voice)
    return answers(service.assistant, service.registry, service.schedule) | taught | ours


def _zone(settings: "Settings") -> tzinfo | None:
    from zoneinfo import ZoneInfo

    return ZoneInfo(settings.timezone) if settings.timezone else None


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
