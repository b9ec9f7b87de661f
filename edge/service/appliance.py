"""The appliance in Home Assistant: what it shows comes from the service, and what is set there is done here."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from edge import __version__
from edge.assistant.model import Reply, Source, Utterance
from edge.errors import EdgeError
from edge.identity import keep_device_id, kept_device_id, new_device_id
from edge.models import ModelStore
from edge.mqtt.appliance import AlarmTopics, Appliance, Description, former_id, withdraw
from edge.router.model import Call, Decision, Routing
from edge.service.knowledge import Knowledge
from edge.tuning.board import read_board

if TYPE_CHECKING:
    from edge.mqtt.conversation import Conversation
    from edge.mqtt.link import Link
    from edge.service.service import Service
    from edge.tuning.governor import Step

log = logging.getLogger(__name__)

KEPT: Final = "announced.json"
"""In the state directory: what was left with the broker."""
_EVERY_S: Final = 60.0
_LOOK_S: Final = 5.0
_BEING_TUNED: Final = "The language model is being tuned: ask again in a minute."


class NotDoneError(EdgeError):
    """Something can't be done that was asked for in Home Assistant; the message says why."""


async def open_appliance(service: "Service", link: "Link", conversation: "Conversation", stack: AsyncExitStack) -> None:
    """Have the appliance announced, or taken back where the settings don't want it; does not wait for the broker."""
    kept_in = service.loaded.places.state / KEPT
    service.alarms = AlarmTopics(link, service.loaded.settings.base)
    if not service.loaded.settings.mqtt.announce:
        await stack.enter_async_context(withdraw(link, kept_in, service.alarms))
        return
    task = asyncio.create_task(_announced(service, link, conversation, service.alarms), name="appliance-life")
    stack.push_async_callback(_ended, task)


async def _announced(service: "Service", link: "Link", conversation: "Conversation", alarms: AlarmTopics) -> None:
    """Runs until it is cancelled."""
    places = service.loaded.places
    knowledge = Knowledge(service)
    await knowledge.refresh()
    soon = asyncio.Event()
    appliance = Appliance(
        link,
        await asyncio.to_thread(_description, service, await _identifier(service, link)),
        facts=knowledge.facts,
        controls=OwnControls(service, soon.set),
        alarms=alarms,
        event=conversation.event,
        kept_in=places.state / KEPT,
    )

    def answered(utterance: Utterance, reply: Reply) -> None:
        # Not before whoever asked has the reply.
        asyncio.get_running_loop().call_soon(appliance.answered, knowledge.note(utterance, reply))

    def on_step(step: "Step") -> None:  # noqa: ARG001 (whatever it was)
        soon.set()

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(appliance)
        stack.callback(service.assistant.watch(answered))
        stack.callback(service.voice.observe(appliance.note))
        stack.callback(service.schedule.observe(appliance.note))
        if service.people is not None:
            stack.callback(service.people.guests.listen(appliance.note))
        if service.staged is not None:
            stack.callback(service.staged.observe(appliance.note))
        listeners = service.model.governed.listeners
        listeners.append(on_step)
        stack.callback(listeners.remove, on_step)
        while True:
            await _time_to_look(service, soon)
            await knowledge.refresh()
            appliance.note()


async def _time_to_look(service: "Service", soon: asyncio.Event) -> None:
    """At once when told, within seconds of another model's being loaded, once a minute all the same."""
    before = _model(service)
    for _ in range(round(_EVERY_S / _LOOK_S)):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                await soon.wait()
        if soon.is_set() or _model(service) != before:
            break
    soon.clear()


def _model(service: "Service") -> object:
    """What a model's being loaded or lost changes."""
    figures = service.model.figures
    return figures.state, figures.model, figures.reason


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("appliance.broken", exc_info=error)


async def _identifier(service: "Service", link: "Link") -> str:
    """Kept since the first start; of one whose state is lost, or was never backed up, the broker may still know."""
    state, settings = service.loaded.places.state, service.loaded.settings
    identifier = await asyncio.to_thread(kept_device_id, state)
    if identifier is None:
        before = await former_id(link, prefix=settings.mqtt.discovery_prefix, base=settings.base)
        identifier = before or new_device_id()
        await asyncio.to_thread(keep_device_id, state, identifier)
    return identifier


def _description(service: "Service", identifier: str) -> Description:
    """Blocks for some milliseconds."""
    settings = service.loaded.settings
    node = settings.node
    board = read_board()
    given = settings.speech.area
    area = service.registry.areas.get(service.voice.rooms.area_id(given) or "")
    return Description(
        id=identifier,
        base=settings.base,
        prefix=settings.mqtt.discovery_prefix,
        name=node.capitalize() if node.startswith("edge") else f"Edge {node}",
        version=__version__,
        machine=board.model or f"{board.vendor} {board.product}".strip() or None,
        area=area.name if area is not None else given,
    )


class OwnControls:
    """What can be set of this service; see `edge.mqtt.appliance.Controls`."""

    def __init__(self, service: "Service", changed: Callable[[], None]) -> None:
        self._service = service
        self._changed = changed

    async def set_volume(self, volume: float, /) -> None:
        """0..1."""
        await self._service.voice.local.set_volume(volume)

    async def mute(self, muted: bool, /) -> None:
        """Close the microphone, or open it."""
        await self._service.voice.local.mute(muted)

    async def set_guests(self, present: bool, /) -> None:
        """On for whoever asks; off is not taken from where nobody proves who they are, if there is a PIN."""
        people, confirm = self._service.people, self._service.loaded.settings.confirm
        if people is None:
            raise NotDoneError("guest mode can't be set before the service has started")
        has_pin = confirm.pin is not None or confirm.pin_file is not None
        if not present and has_pin and not confirm.unauthenticated:
            raise NotDoneError("guest mode ends with the PIN, by voice, or with `edge guests off`")
        await people.guests.change(present)
        self._changed()

    async def play_scene(self, key: str, /) -> None:
        """As if somebody had asked for it: what is critical waits for a confirmation that nobody gives there."""
        staged = self._service.staged
        scene = next((one for one in staged.now if one.key == key), None) if staged is not None else None
        if scene is None:
            raise NotDoneError("there is no such scene any more")
        call = Call("scene.turn_on", {"name": scene.name}, (scene.id,))
        reading = Routing(scene.name, Decision.ACT, (call,), 1.0)
        await self._service.assistant.ask(Utterance(scene.name, Source.MQTT, origin="scene", reading=reading))

    async def use_wake_word(self, word: str, /) -> None:
        """One of those there are."""
        await self._service.voice.local.use_wake_word(word)

    async def use_model(self, name: str, /) -> None:
        """Answer with it from the next question on, once it is loaded."""
        settings = self._service.loaded.settings.llm
        if settings.model is not None:
            raise NotDoneError(f"the configuration says which model answers (llm.model = {settings.model!r})")
        await asyncio.to_thread(ModelStore(self._service.loaded.places.models).use, name)
        self._changed()

    async def restart(self) -> None:
        """End in order; whoever started the service starts it again."""
        self._service.restart()

    async def tune(self) -> None:
        """As `edge tune` does, with the same bounds as the service has."""
        from edge.llm.tuned import prepare, tune_and_keep

        places, llm = self._service.loaded.places, self._service.loaded.settings.llm
        store, state = ModelStore(places.models), places.state / "llm"
        model = await asyncio.to_thread(store.chosen, llm.model)
        if model is None:
            raise NotDoneError("there is no model to tune: see `edge models recommend`")
        task = await asyncio.to_thread(
            lambda: prepare(
                store,
                model,
                state,
                memory_bytes=llm.memory_limit_bytes,
                n_ctx=llm.context,
                n_threads=llm.threads,
            )
        )
        async with self._service.model.aside(_BEING_TUNED):
            outcome = await tune_and_keep(task, state)
        facts = {"model": model.name, "tokens_per_s": outcome.tuned.tokens_per_s, "elapsed_s": outcome.elapsed_s}
        log.info("appliance.tuned", extra=facts)
        self._changed()
        if outcome.not_kept:
            raise NotDoneError(outcome.not_kept)
