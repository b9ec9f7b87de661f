"""One question of a dialogue: read, asked back where several sensors may be meant, answered, remembered."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from edge.assistant.answers import Candidate, pick
from edge.assistant.asking.followups import as_answered, follow_up
from edge.assistant.asking.naming import Namer
from edge.assistant.asking.present import answered_now, of_now
from edge.assistant.asking.reading import Inquiry, SentenceReader
from edge.assistant.asking.words import worded
from edge.assistant.dialogue import Dialogue, Picking
from edge.assistant.model import ReplySource, Utterance
from edge.assistant.phrases import joined, sentence
from edge.assistant.ports import Historian
from edge.assistant.turn import Turn
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing
from edge.schedule.clock import Clock
from edge.sensors.errors import SensorError
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.questions import Answer, Form, Question

log = logging.getLogger(__name__)

_LISTED: Final = 5
_NO_SENSOR: Final = "I know no sensor here that tells that."
REMEMBERED_S: Final = 180.0
"""How long after an answer a question may go on from it."""
PICKED_S: Final = 30.0
DOUBT_AGAIN_S: Final = 1800.0


class SensorTalk:
    """Questions over the history of one home; `historian` is None where nothing is kept."""

    def __init__(
        self,
        registry: Registry,
        clock: Clock,
        historian: Historian | None,
        temperature_unit: str = "°C",
        hides: Callable[[Iterable[str]], str] = lambda devices: "",  # noqa: ARG005 (nobody is kept from anything)
    ) -> None:
        """`hides`: why nothing is told of some devices to whoever asks; empty where it is."""
        self._hides = hides
        self._registry = registry
        self._clock = clock
        self._historian = historian
        self._temperature_unit = temperature_unit
        self._reader = SentenceReader(registry, clock, temperature_unit)

    async def answer(self, routing: Routing, utterance: Utterance, dialogue: Dialogue) -> Turn | None:
        """The turn; None where it is no question of this kind, or one about now that others answer."""
        inquiry = self._going_on(routing, utterance, dialogue)
        if inquiry is None and routing.decision in (Decision.CHAT, Decision.IGNORE) and self._historian is not None:
            inquiry = self._reader.read(utterance.text, (), utterance.area, surely=True)
            if inquiry is not None and (inquiry.present or inquiry.choices):
                inquiry = None
        if inquiry is None and routing.decision in (Decision.QUERY, Decision.CLARIFY):
            inquiry = self._reader.read(utterance.text, routing.calls, utterance.area)
            if inquiry is not None and inquiry.present and not _unclear(inquiry, utterance):
                self._remember(inquiry.question, dialogue)
                if self._historian is None or not (_looks_back(routing.calls) or inquiry.question.unit):
                    return None
            if inquiry is None:
                inquiry = self._going_on(routing, utterance, dialogue, surely=True)
            if inquiry is None and self._historian is not None and _looks_back(routing.calls):
                return Turn(Decision.QUERY, _NO_SENSOR, routing.calls, ReplySource.SENSORS)
        if inquiry is None:
            return None
        if inquiry.choices:
            return self._ask_which(inquiry, routing.calls, dialogue)
        return await self._answered(inquiry.question, routing.calls, dialogue)

    async def picked(self, pending: Picking, utterance: Utterance, dialogue: Dialogue) -> Turn | None:
        """The turn where the utterance says which one; None where it is something else."""
        choices = self._pickable(pending.question, pending.choices)
        chosen = pick(utterance.text, [self._candidate(one) for one in choices])
        if chosen is None:
            return None
        if not chosen.ids:
            return Turn(Decision.ACT, "All right, I left it.", source=ReplySource.DIALOGUE)
        series = tuple(one for one in choices if one.key in chosen.ids)
        if len(series) > 1 and chosen.again:
            return self._ask_which(Inquiry(pending.question, series), (), dialogue)
        question = pending.question
        if question.form is Form.COMPARE and len(question.subjects) > 1:
            kept = [one if one not in pending.choices else series[0] for one in question.subjects]
            question = replace(question, subjects=tuple(dict.fromkeys(kept)))
        else:
            question = replace(question, subjects=series)
        return await self._answered(question, (), dialogue)

    def _going_on(
        self, routing: Routing, utterance: Utterance, dialogue: Dialogue, *, surely: bool = False
    ) -> Inquiry | None:
        last = dialogue.question
        fresh = self._clock.boot_s() - dialogue.question_s <= REMEMBERED_S
        if last is None or not fresh or routing.decision is Decision.ACT:
            return None
        now = self._clock.now()
        if dialogue.answer is not None and dialogue.answer.question == last:
            last = as_answered(last, dialogue.answer)
        return follow_up(
            utterance.text, routing, last, self._reader, self._registry, now, utterance.area, surely=surely
        )

    async def _answered(self, question: Question, calls: Sequence[Call], dialogue: Dialogue) -> Turn | None:
        if hidden := self._hides(one.device for one in question.subjects):
            return Turn(Decision.QUERY, hidden, tuple(calls), ReplySource.SENSORS)
        now_s = self._clock.epoch_s(self._clock.now().replace(tzinfo=None))
        now = of_now(question)
        answer = answered_now(question, self._registry, now_s, self._temperature_unit) if now else None
        silent = answer is not None and question.test is None and all(one.empty for one in answer.figures)
        if self._historian is not None and (answer is None or silent):  # what was said before the start is remembered
            try:
                answer = await self._historian.answer(question, now_s)
            except SensorError as error:
                log.warning("assistant.history_unreadable", extra={"error": str(error)})
                text = f"I can't look that up: {error}"
                return Turn(Decision.QUERY, sentence(text), tuple(calls), ReplySource.SENSORS)
        if answer is None:
            return None
        self._remember(question, dialogue, answer)
        text = worded(answer, self._registry, self._clock.local, trusted=not self._doubts(dialogue))
        return Turn(Decision.QUERY, text, tuple(calls), ReplySource.SENSORS)

    def _doubts(self, dialogue: Dialogue) -> bool:
        """Whether it is to be said that the clock may be wrong: not with every answer, where nothing ever sets it."""
        now_s, last_s = self._clock.boot_s(), dialogue.doubted_s
        if self._clock.trusted or (last_s is not None and now_s - last_s < DOUBT_AGAIN_S):
            return False
        dialogue.doubted_s = now_s
        return True

    def _remember(self, question: Question, dialogue: Dialogue, answer: Answer | None = None) -> None:
        dialogue.question, dialogue.question_s, dialogue.answer = question, self._clock.boot_s(), answer

    # Which one? ----------------------------------------------------------------------------------------------------

    def _ask_which(self, inquiry: Inquiry, calls: Sequence[Call], dialogue: Dialogue) -> Turn:
        choices = self._pickable(inquiry.question, inquiry.choices)
        dialogue.pending = Picking(inquiry.question, choices, self._clock.boot_s() + PICKED_S)
        namer = Namer(self._registry, self._clock.local, 0.0)
        shown = list(dict.fromkeys(namer.thing(one) for one in choices))
        if len(shown) < len(choices):
            shown = list(dict.fromkeys(namer.name(one) for one in choices))
        more = len(shown) > _LISTED
        listed = [*shown[:_LISTED], "another"] if more else shown
        question = f"Which one do you mean: {joined(listed, 'or')}?"
        return Turn(Decision.CLARIFY, question, tuple(calls), ReplySource.DIALOGUE, listen=True)

    def _pickable(self, question: Question, choices: Sequence[Sensor]) -> tuple[Sensor, ...]:
        del question
        return tuple(dict.fromkeys(choices))

    def _candidate(self, sensor: Sensor) -> Candidate:
        device = self._registry.devices.get(sensor.device)
        area = self._registry.areas.get(sensor.area)
        names = [*((device.name, *device.aliases) if device else (sensor.name,))]
        names += [area.name, *area.aliases] if area else []
        return Candidate(sensor.key, tuple(names))


def _unclear(inquiry: Inquiry, utterance: Utterance) -> bool:
    """Whether one of several is meant: "what's the humidity at", said nowhere in particular."""
    number = inquiry.question.subjects[0].sort is Sort.NUMBER
    return number and len(inquiry.choices) > 1 and _EVERY.isdisjoint(utterance.text.lower().split())


_EVERY: Final = frozenset(
    ["all", "every", "each", "everywhere", "rooms", "sensors", "temperatures", "batteries", "both", "levels"]
)


def _looks_back(calls: Sequence[Call]) -> bool:
    """Whether the router takes it for a question about the past, which nobody without a history answers."""
    return any(
        call.function != "weather.get" and (call.arguments.get("start") or call.arguments.get("aggregate") in _PAST)
        for call in calls
    )


_PAST: Final = frozenset({"count_changes", "total_time", "last_changed", "trend"})
