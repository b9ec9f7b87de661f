"""Our own topics: questions in, replies, events and health out."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, Final, Self

from edge.assistant.model import Reply, ReplySource, Source, Utterance
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.log import RateLimited
from edge.mqtt.asks import Ask, AskError, parse_ask
from edge.mqtt.errors import MqttLinkError
from edge.mqtt.link import Link, LinkState
from edge.mqtt.subscriptions import Received, is_valid_topic
from edge.router.model import Decision

log = logging.getLogger(__name__)

_HEALTH_S: Final = 60.0
_AT_ONCE: Final = 16
"""Questions that are worked on at the same time; a model may take minutes over one, devices never do."""
_MOST_REFUSALS: Final = 64
"""That are on their way; a flood gets no more, for what it fills the outbox with keeps commands waiting."""
_LAST_WORDS_S: Final = 1.0

AskFunction = Callable[[Utterance], Awaitable[Reply]]
"""`Assistant.ask`."""
Health = Callable[[], Awaitable[Mapping[str, Any]]]
"""What is known of the machine and the service now, ready for JSON."""


class Conversation:
    """Async context manager: while it is entered, `<base>/ask` is answered."""

    def __init__(self, link: Link, *, base: str, ask: AskFunction, registry: Registry, health: Health) -> None:
        self._link = link
        self._base = base
        self._ask = ask
        self._registry = registry
        self._health = health
        self.speak: Callable[[str, str | None], None] = lambda text, area: None  # noqa: ARG005 (nothing speaks)
        """Has a reply spoken in an area, where the question wants that."""
        self._running: set[asyncio.Task[None]] = set()
        self._refusing: set[asyncio.Task[None]] = set()
        self._health_due = asyncio.Event()
        self._limited = RateLimited(log)

    @property
    def running(self) -> int:
        """Questions that are worked on now."""
        return len(self._running)

    async def __aenter__(self) -> Self:
        self._link.subscribe([f"{self._base}/ask"], self._on_ask, qos=1, others_only=True)
        self._link.on_connect(self._health_due.set)
        self._heart = asyncio.create_task(self._beat(), name="mqtt-health")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._link.unsubscribe([f"{self._base}/ask"], self._on_ask)
        self._heart.cancel()
        ending = self._running | self._refusing
        if ending:
            await asyncio.wait(ending, timeout=_LAST_WORDS_S)
        for task in ending:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(self._heart, *ending, return_exceptions=True)

    def event(self, kind: str, **facts: Any) -> None:
        """Tell `<base>/event`; nobody keeps it for those who are not there."""
        self._tell("event", {"event": kind, "time": round(time.time(), 3), **facts})

    # Questions -------------------------------------------------------------------------------------------------------

    def _on_ask(self, message: Received) -> None:
        if message.retain:
            self._limited.warning("ask.retained_ignored", message.topic, {"why": "an old question must not act again"})
            return
        try:
            ask = parse_ask(message.payload)
        except AskError as error:
            self._limited.warning("ask.refused", message.topic, {"reason": str(error)})
            self._refuse(error.id, str(error), message)
            return
        if not self._link.fresh:
            self._limited.warning("ask.slept", message.topic, {"why": "it may have waited while this machine slept"})
            self._refuse(ask.id, "it came while I was asleep, ask again", message)
            return
        if len(self._running) >= _AT_ONCE:
            self._limited.warning("ask.too_many", message.topic, {"at_once": _AT_ONCE})
            self._refuse(ask.id, "too many questions at once, ask again later", message)
            return
        self._spawn(self._answer(ask, message), self._running)

    def _refuse(self, id_: str, reason: str, message: Received) -> None:
        """Say why; it takes no place from those that are worked on."""
        if len(self._refusing) < _MOST_REFUSALS:
            self._spawn(self._send(_refusal(id_, reason), message), self._refusing)
        else:
            self._limited.warning("ask.flood", message.topic, {"refusals_waiting": _MOST_REFUSALS})

    def _spawn(self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work, name="mqtt-ask")
        among.add(task)
        task.add_done_callback(among.discard)

    async def _answer(self, ask: Ask, message: Received) -> None:
        utterance = Utterance(
            ask.text,
            Source.MQTT,
            area=self._area(ask.area),
            id=ask.id,
            speak=ask.speak,
            origin=message.response_topic or "",
        )
        reply = await self._ask(utterance)
        await self._send(reply.to_json(), message)
        if ask.speak:
            self.speak(reply.text, utterance.area)
        self.replied(utterance, reply)

    def replied(self, utterance: Utterance, reply: Reply) -> None:
        """Tell `<base>/event` of a request, whatever its source."""
        self.event(
            "request",
            id=reply.id,
            source=utterance.source.value,
            text=(reply.request or utterance.text)[:500],
            area=utterance.area,
            reply=(reply.text if reply.shown is None else reply.shown)[:500],
            decision=reply.decision.value,
            functions=[call.function for call in reply.calls],
            ms=round(reply.ms, 1),
        )

    def _area(self, given: str | None) -> str | None:
        """An area's id, from its id or name."""
        if given is None or given in self._registry.areas:
            return given
        found = next(iter(self._registry.area_names.exact(tokens(given))), None)
        if found is None:
            self._limited.warning("ask.unknown_area", given)
        return found

    async def _send(self, reply: Mapping[str, Any], message: Received) -> None:
        payload = json.dumps(reply, ensure_ascii=False)
        topics = {f"{self._base}/reply": None, self._response_topic(message): message.correlation}
        for topic, correlation in topics.items():
            if topic is None:
                continue
            try:
                await self._link.publish(topic, payload, correlation=correlation, timeout_s=30.0)
            except MqttLinkError as error:
                self._limited.warning("ask.reply_lost", topic, {"id": reply["id"], "reason": str(error)})

    def _response_topic(self, message: Received) -> str | None:
        """Where the asker wants the reply; not on topics that we would take for another request, nor the broker's."""
        topic = message.response_topic
        if topic is None:
            return None
        ours = topic.startswith(f"{self._base}/") and not topic.startswith(f"{self._base}/reply/")
        if ours or topic.startswith("$") or not is_valid_topic(topic):
            self._limited.warning("ask.response_topic_refused", topic)
            return None
        return topic

    # Health ----------------------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        while True:
            await self._link.connected()
            self._health_due.clear()
            self._tell("health", await self._health(), retain=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_HEALTH_S):
                    await self._health_due.wait()

    def _tell(self, name: str, facts: Mapping[str, Any], *, retain: bool = False) -> None:
        """News, that are stale by the time a lost connection is back: not kept for later."""
        if self._link.state is LinkState.CONNECTED:
            with contextlib.suppress(MqttLinkError):
                self._link.post(f"{self._base}/{name}", json.dumps(facts, ensure_ascii=False), qos=0, retain=retain)


def _refusal(id_: str, reason: str) -> dict[str, Any]:
    reply = Reply(id_, f"I can't read that: {reason}.", Decision.IGNORE, source=ReplySource.DIALOGUE)
    return reply.to_json() | {"error": reason}
