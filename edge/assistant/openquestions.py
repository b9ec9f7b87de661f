"""The assistant's own questions and what is answered to them: "shall I?", "which one?", "for how long?"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from edge.assistant.answers import pick, verdict
from edge.assistant.calls import asked_back, complete, refusal
from edge.assistant.cause import having_confirmed
from edge.assistant.choices import Choices, Route
from edge.assistant.confirmation import Confirmation, Doorkeeper, Verdict
from edge.assistant.dialogue import CLARIFY_S, Choosing, Confirming, Dialogue, Pending, Picking
from edge.assistant.goingon import GoingOn
from edge.assistant.later import Later
from edge.assistant.model import ReplySource, Utterance
from edge.assistant.phrases import joined
from edge.assistant.recalling import Recalling
from edge.assistant.told import Told
from edge.assistant.turn import Turn
from edge.devices.words import words
from edge.router.model import Call, Decision, Routing
from edge.schedule.clock import Clock

_SHORT: Final = 8
"""Words of an answer; more is a request of its own."""


_ANOTHER: Final = re.compile(
    r"(?:turn|switch|open|close|shut|lock|unlock|set|start|stop|dim|brighten|play|pause|put|what|is|are|when|how|why)\b",
    re.IGNORECASE,
)
"""How something else begins than the thing that was asked for."""


class Doer(Protocol):
    """Who does what was asked for once the question about it is answered."""

    async def act(self, calls: tuple[Call, ...], utterance: Utterance, dialogue: Dialogue) -> Turn:
        """Calls, those that ask first asked about."""
        ...

    async def carry_out(self, calls: Sequence[Call], utterance: Utterance, dialogue: Dialogue) -> Turn:
        """Calls that nobody need be asked about any more."""
        ...

    async def settle(self, calls: tuple[Call, ...], utterance: Utterance, dialogue: Dialogue) -> Turn:
        """Calls, done or answered."""
        ...

    async def say_again(self, text: str, utterance: Utterance, dialogue: Dialogue) -> Turn:
        """A request in other words."""
        ...

    async def undo(self, dialogue: Dialogue) -> str:
        """Take the last action back, and say so."""
        ...

    def asks_first(self, call: Call) -> bool:
        """Whether it is carried out only once somebody has said yes."""
        ...


class OpenQuestions:
    """Asks, and takes the answers; which question is open, the dialogue knows."""

    def __init__(
        self,
        doer: Doer,
        *,
        route: Route,
        clock: Clock,
        confirmation: Confirmation,
        doorkeeper: Doorkeeper,
        choices: Choices,
        later: Later,
        recalling: Recalling,
        following: GoingOn,
    ) -> None:
        self._doer = doer
        self._route = route
        self._clock = clock
        self._confirmation = confirmation
        self._doorkeeper = doorkeeper
        self._choices = choices
        self._later = later
        self._recalling = recalling
        self._following = following

    # Asking --------------------------------------------------------------------------------------------------------

    def ask_to_confirm(self, calls: tuple[Call, ...], utterance: Utterance, dialogue: Dialogue) -> str:
        """The question whether to do this, which waits for its answer; or why nobody there may say yes to it."""
        what = self._orders(calls)
        needs_pin = self._doorkeeper.needs_pin(utterance)
        if needs_pin and self._confirmation.pin is None:
            return f"I may not {what} on a request that nobody has signed: set `confirm.pin` to confirm with a PIN."
        question = f"To {what}, tell me the PIN." if needs_pin else f"Shall I {what}?"
        expires_s = self._clock.boot_s() + self._confirmation.within_s
        waiting = tuple(replace(call, confirm=True) for call in calls)
        dialogue.pending = Confirming(waiting, question, expires_s, utterance.id)
        return question

    def clarify(self, routing: Routing, utterance: Utterance, dialogue: Dialogue, *, whole: bool = False) -> Turn:
        """Ask what a request leaves open."""
        calls = routing.calls
        if refused := refusal(calls):
            return Turn(Decision.ACT, refused, calls)
        question = routing.question or self._choices.question(routing.candidates)
        lacks_only_a_yes = complete(routing) and not whole
        if lacks_only_a_yes:
            question = f"Shall I {self._orders(calls)}?"
        if lacks_only_a_yes and any(self._doer.asks_first(call) for call in calls):
            question = self.ask_to_confirm(calls, utterance, dialogue)
        else:
            dialogue.pending = Choosing(replace(routing, question=question), self._clock.boot_s() + CLARIFY_S, whole)
        return Turn(Decision.CLARIFY, question, calls, ReplySource.DIALOGUE, listen=dialogue.pending is not None)

    def ask_back(self, turn: Turn, call: Call, told: Told, utterance: Utterance, dialogue: Dialogue) -> Turn:
        """A turn that ended in a question of who keeps what the call is about."""
        routing = asked_back(call, told, utterance.text)
        dialogue.pending = Choosing(routing, self._clock.boot_s() + CLARIFY_S, whole=bool(told.then), lacks=told.lacks)
        return replace(turn, decision=Decision.CLARIFY, source=ReplySource.DIALOGUE, listen=True)

    def _orders(self, calls: Sequence[Call]) -> str:
        return joined([self._later.order(call) for call in calls])

    # Being answered ------------------------------------------------------------------------------------------------

    async def answered(self, pending: Pending, utterance: Utterance, dialogue: Dialogue) -> Turn | None:
        """The turn where the utterance answers the open question; None where it is something else."""
        now_s = self._clock.boot_s()
        if isinstance(pending, Picking):
            return await self._recalling.picked(pending, utterance, dialogue) if now_s <= pending.expires_s else None
        if isinstance(pending, Choosing):
            return await self._choose(pending, utterance, dialogue) if now_s <= pending.expires_s else None
        judged = self._doorkeeper.judge(utterance, pending.question, now_s)
        if judged is Verdict.OTHER:
            return None
        if now_s > pending.expires_s:
            return _said("That took too long, so I left it. Ask me again if you want it.")
        match judged:
            case Verdict.YES:
                with having_confirmed():
                    turn = await self._doer.carry_out(pending.calls, utterance, dialogue)
                how = "pin" if self._doorkeeper.needs_pin(utterance) else "yes"
                return replace(turn, source=ReplySource.DIALOGUE, confirmed=how, follows=pending.request)
            case Verdict.NO:
                return await self._refused(utterance, dialogue)
            case Verdict.NEEDS_PIN | Verdict.UNCLEAR:
                dialogue.pending = pending
                again = "I need the PIN for that." if judged is Verdict.NEEDS_PIN else f"Sorry? {pending.question}"
                return replace(_said(again), listen=True)
            case Verdict.WRONG_PIN:
                return _said("That is not the PIN. I left it.")
            case _:
                return _said("I may not do that now.")

    async def with_pin(self, utterance: Utterance, dialogue: Dialogue) -> Turn | None:
        """The turn of an order that has its PIN in the same sentence; None for anything else."""
        parted = self._doorkeeper.parted(utterance)
        if parted is None:
            return None
        followed = self._following.read(parted.order, utterance.area, dialogue.past)
        routing = followed.routing if followed is not None else None
        routing = routing or self._route(parted.order, utterance.area)
        if routing.decision is not Decision.ACT or not any(self._doer.asks_first(call) for call in routing.calls):
            return None
        turn = await self._doer.act(routing.calls, replace(utterance, text=parted.order), dialogue)
        pending = dialogue.take_pending()
        if not isinstance(pending, Confirming):
            return turn
        judged = await self.answered(pending, replace(utterance, text=parted.said), dialogue)
        text = turn.text.removesuffix(pending.question).strip()
        return turn if judged is None else replace(judged, text=f"{text} {judged.text}".strip(), calls=turn.calls)

    async def changed(self, utterance: Utterance, dialogue: Dialogue) -> Turn | None:
        """The turn of a change of the rule that was just made, which takes its place; None for anything else.

        What the new one asks first keeps both until there is a yes.
        """
        sentence = self._following.rule_changed(utterance.text, dialogue.past)
        if sentence is None:
            return None
        turn = await self._doer.say_again(sentence, utterance, dialogue)
        pending = dialogue.pending
        if (
            not isinstance(pending, Choosing)
            or not pending.whole
            or any(call.confirm for call in pending.routing.calls)
        ):
            return turn
        dialogue.take_pending()
        await self._doer.undo(dialogue)
        return await self._doer.settle(pending.routing.calls, utterance, dialogue)

    async def _refused(self, utterance: Utterance, dialogue: Dialogue) -> Turn:
        """A no; one that says what is wanted instead asks about that."""
        again = self._following.restated(utterance.text, dialogue.past)
        if again is not None:
            return await self._doer.say_again(again, utterance, dialogue)
        return _said("All right, I left it.")

    async def _choose(self, asked: Choosing, utterance: Utterance, dialogue: Dialogue) -> Turn | None:
        routing = asked.routing
        picked = pick(utterance.text, self._choices.candidates(routing)) if routing.candidates else None
        if picked is None:
            return await self._complete(asked, utterance, dialogue)
        if not picked.ids:
            return _said("All right, I left it.")
        if picked.again:
            question = self._choices.question(picked.ids)
            narrowed = replace(routing, candidates=picked.ids, question=question)
            return self.clarify(narrowed, utterance, dialogue)
        calls = self._choices.chosen(routing, picked.ids)
        if not calls:
            return _said("I'm sorry, I lost track of that. Please say it again in full.")
        return await self._doer.settle(calls, utterance, dialogue)

    async def _complete(self, asked: Choosing, utterance: Utterance, dialogue: Dialogue) -> Turn | None:
        """A yes to "shall I …?", or the missing value; a request by itself is neither."""
        routing, whole = asked.routing, asked.whole or complete(asked.routing)
        if routing.candidates or not routing.calls:
            return None
        sure = verdict(utterance.text, frozenset(words(routing.question or "")))
        if sure is False:
            return await self._refused(utterance, dialogue)
        if sure and not utterance.clear:
            return self.clarify(routing, utterance, dialogue, whole=asked.whole)
        if sure and whole:
            return await self._doer.settle(routing.calls, utterance, dialogue)
        if len(utterance.text.split()) > _SHORT:
            return None
        by_itself = (Decision.ACT, Decision.QUERY)
        if not asked.lacks and _ANOTHER.match(utterance.text) and not _same_verb(utterance.text, routing.text):
            return None
        if not asked.lacks and self._route(utterance.text, utterance.area).decision in by_itself:
            return None
        completed = self._choices.completed(routing, utterance.text, utterance.area)
        return await self._doer.settle(completed.calls, utterance, dialogue) if completed is not None else None


def _same_verb(text: str, asked: str) -> bool:
    """Whether an answer only says the request once more: "turn off the lamp" to "turn it off"."""
    said, before = words(text), words(asked)
    return said[:1] == before[:1] and {"on", "off", "up", "down"}.intersection(said) <= set(before)


def _said(text: str) -> Turn:
    return Turn(Decision.ACT, text, source=ReplySource.DIALOGUE)
