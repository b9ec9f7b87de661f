"""The one path: every utterance, from whatever source, becomes one reply here."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from edge.assistant import wording
from edge.assistant.answers import assents
from edge.assistant.audience import Announce, Audience, Watch
from edge.assistant.calls import asks, for_devices, not_found, reads, refusal, switched
from edge.assistant.cause import acting
from edge.assistant.choices import Choices, Route
from edge.assistant.confirmation import Confirmation, Doorkeeper
from edge.assistant.dialogue import Choosing, Confirming, Dialogue, Dialogues
from edge.assistant.following.past import Done, deed
from edge.assistant.goingon import GoingOn
from edge.assistant.hands import Hands
from edge.assistant.keepers import EntriesOnDemand, Keepers
from edge.assistant.later import Later
from edge.assistant.learnt import Learnt
from edge.assistant.listkeeping import ListKeeper
from edge.assistant.loudspeaker import OWN, adjust
from edge.assistant.means import Means
from edge.assistant.model import Announcement, OnText, Reply, ReplySource, Utterance
from edge.assistant.openquestions import OpenQuestions
from edge.assistant.people import Gate
from edge.assistant.planned import Planned
from edge.assistant.ports import Actuator, ChatModel, Messenger, Reader, Stagehands, Staging, Voice
from edge.assistant.questions import ANSWERED, MEASURED, answer
from edge.assistant.recalling import Recalling
from edge.assistant.record import Earlier, Journal, Recorder
from edge.assistant.talk import Talker
from edge.assistant.timekeeping import Timekeeper
from edge.assistant.told import Told, Undo, together
from edge.assistant.toolwork import ToolWork
from edge.assistant.turn import Turn
from edge.assistant.unasked import Unasked
from edge.assistant.undoing import Undoing
from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.router.model import Call, Decision, Routing
from edge.schedule.clock import Clock
from edge.schedule.errors import ScheduleError
from edge.schedule.model import Entry
from edge.schedule.schedule import Schedule

if TYPE_CHECKING:
    from edge.assistant.remembering.remembered import Remembered
    from edge.assistant.rulekeeping import RuleKeeper
    from edge.assistant.scenekeeping.staged import Staged
    from edge.schedule.rules.running import Rules

log = logging.getLogger(__name__)

_LONGEST: Final = 2000
"""Characters of an utterance that are taken; more is a document, not a request."""


class Assistant:
    """Routes utterances, carries their calls out and words the replies.

    `route` is called on the event loop itself: it reads the registry, which belongs to the loop, and takes a
    millisecond or two; a thread would add a hop and a race for nothing. Nothing is carried out unless the decision is
    `act`, or a question of the assistant's own was answered.
    """

    def __init__(
        self,
        *,
        route: Route,
        registry: Registry,
        actuator: Actuator,
        chat: ChatModel,
        schedule: Schedule,
        clock: Clock,
        confirmation: Confirmation | None = None,
        voice: Voice | None = None,
        messenger: Messenger | None = None,
        tools: bool = True,
        recorder: Recorder | None = None,
    ) -> None:
        """`tools`: whether the language model may call for devices; `recorder`: who keeps who did what."""
        self._route = route
        self._registry = registry
        self._clock = clock
        self._voice = voice
        self._confirmation = confirmation or Confirmation()
        self.gate = Gate(registry, self._confirmation, self.asks_first)
        self._hands = Hands(registry, actuator, self.gate)
        self._talker = Talker(chat, clock, ToolWork(registry, clock, self.settle) if tools else None)
        self._doorkeeper = Doorkeeper(self._confirmation, self.gate.lockout)
        self._timekeeper = Timekeeper(schedule, registry, clock)
        self._learnt = Learnt(messenger)
        self.keepers = Keepers(self._timekeeper, ListKeeper(schedule), EntriesOnDemand(schedule, registry, clock))
        self.recalling = Recalling(registry, clock)
        self._later = Later(schedule, registry, clock)
        self._undoing = Undoing(registry, self._hands, self._later)
        self._following = GoingOn(registry, route, clock, schedule.agenda)
        self._questions = OpenQuestions(
            self,
            route=route,
            clock=clock,
            confirmation=self._confirmation,
            doorkeeper=self._doorkeeper,
            choices=Choices(registry, route, self.keepers.name),
            later=self._later,
            recalling=self.recalling,
            following=self._following,
        )
        self._schedule = schedule
        self.readers: list[Reader] = [Planned(schedule, registry, clock, route)]
        """Who looks at each routing before it is followed: what was remembered here may change what is meant."""
        self.staging: Staging | None = None
        self._journal = Journal(recorder, clock, self._doorkeeper.hidden)
        self._dialogues = Dialogues()
        self._audience = Audience()
        self._ruling: RuleKeeper | None = None
        self._means = Means(self._hands, self._later, self._audience, self._journal, registry, clock, self.asks_first)
        schedule.listen(Unasked(self._means).due)

    def keep_rules(self, rules: "Rules", home_unit: str, earlier: Earlier | None = None) -> None:
        """Make rules of what people say, and carry them out; `home_unit`: °C or °F.

        `earlier`: what was done before the last start, for whoever asks why something is as it is.
        """
        from edge.assistant.causing import Causes
        from edge.assistant.rulekeeping import RuleKeeper, RuleReader, RuleWork

        reader = RuleReader(self._route, self._registry, self._clock, home_unit)
        self._ruling = RuleKeeper(rules, reader, self._registry, self.asks_first, self.gate.sift)
        self._ruling.others = self.keepers.tell
        self.keepers.add(self._ruling)
        rules.listen(RuleWork(self._means).fired)
        self.keepers.add(Causes(self._journal.deeds, self._registry, self._clock, self._ruling.said, earlier))

    def remember_through(self, remembered: "Remembered") -> None:
        """Keep there what people have remembered, and tell the language model of it."""
        self.keepers.add(remembered)
        self.readers.append(remembered)
        self._talker.told = self.gate.for_members(remembered.told)

    async def stage_through(self, staged: "Staged") -> None:
        """Keep scenes and routines there, and play them."""
        self.keepers.add(staged)
        self.readers.append(staged)
        self.staging = staged
        await staged.open(Stagehands(self._route, self._hands, self._later, self.asks_first))

    def announce_to(self, listener: Announce) -> Callable[[], None]:
        """Have `listener` awaited for everything that is said unasked; returns what ends that."""
        return self._audience.listen(listener)

    async def announce(self, announcement: Announcement) -> None:
        """Say something unasked, to all who listen."""
        await self._audience.announce(announcement)

    def watch(self, watcher: Watch) -> Callable[[], None]:
        """Have it called with every request and its reply, whatever the source; returns what ends that."""
        return self._audience.watch(watcher)

    def speak_through(self, voice: Voice) -> Callable[[], None]:
        """Use this loudspeaker; returns what ends that."""
        before, self._voice = self._voice, voice
        return lambda: setattr(self, "_voice", before)

    async def prepare(self) -> None:
        """Have the language model read what the house is made of, before somebody asks."""
        await self._talker.prepare()

    async def ask(self, utterance: Utterance, on_text: OnText | None = None) -> Reply:
        """Answer one utterance; `on_text` gets the reply's text as it comes. Raises nothing but cancellation."""
        started = time.perf_counter()
        utterance = self.gate.placed(utterance)
        dialogue = self._dialogues.of(utterance)
        shown = self._doorkeeper.shown(utterance.text, asked=isinstance(dialogue.pending, Confirming))
        asked, turn = self._journal.asked(utterance, shown), None
        with acting(self.gate.entering(utterance)) as deeds:
            try:
                turn = await self._turn(utterance, dialogue, on_text)
            finally:
                ms = (time.perf_counter() - started) * 1000
                self._journal.answered(asked, turn, deeds, ms)
        functions = [call.function for call in turn.calls]
        facts = {"id": utterance.id, "source": utterance.source.value, "decision": turn.decision.value}
        log.info("assistant.answered", extra={**facts, "functions": functions, "ms": round(ms, 1)})
        told, hidden = self._doorkeeper.told(shown, utterance), self._doorkeeper.told_reply(turn.text, utterance)
        said = turn.reply(utterance.id, ms, request=told, shown=hidden)
        self._audience.tell(replace(utterance, text=told), replace(said, text=hidden))
        return said

    async def _turn(self, utterance: Utterance, dialogue: Dialogue, on_text: OnText | None) -> Turn:
        text = " ".join(utterance.text.split())
        if not text:
            turn = Turn(Decision.IGNORE, "")
        elif len(text) > _LONGEST:
            turn = Turn(Decision.IGNORE, f"That was too long for me: I take up to {_LONGEST} characters.")
        else:
            known = dict(self._schedule.agenda.entries)
            turn = await self._answer(replace(utterance, text=text), dialogue, on_text)
            self._note(text, turn, dialogue, known)
        if on_text is not None and turn.text and not turn.streamed:
            await on_text(turn.text)
        if turn.text and not any(call.function == "assistant.repeat" for call in turn.calls):
            dialogue.last_reply = turn.text
        return turn

    def _note(self, text: str, turn: Turn, dialogue: Dialogue, known: Mapping[str, Entry]) -> None:
        """Keep what the turn was about for the next; `known`: what was on the schedule before it."""
        offered = dialogue.pending.routing.candidates if isinstance(dialogue.pending, Choosing) else ()
        done = Done(turn.request or text, turn.calls, turn.performed, turn.decision is Decision.ACT, offered)
        dialogue.past.note(deed(done, self._schedule.agenda, known, self._clock.boot_s()))

    async def _answer(self, utterance: Utterance, dialogue: Dialogue, on_text: OnText | None) -> Turn:
        try:
            pending = dialogue.take_pending()
            turn = await self._questions.answered(pending, utterance, dialogue) if pending is not None else None
            turn = turn or await self._questions.with_pin(utterance, dialogue)
            turn = turn or await self._questions.changed(utterance, dialogue)
            if turn is not None:
                return turn
            plays = self.staging is not None and self.staging.named(utterance.text)
            alone = plays or assents(utterance.text)
            followed = None if alone else self._following.read(utterance.text, utterance.area, dialogue.past)
            if followed is not None and followed.instead:
                await self.undo(dialogue)
            routing = followed.routing if followed is not None else None
            if routing is None:
                routing = utterance.reading or self._route(utterance.text, utterance.area)
                routing = self._following.after(routing, utterance.area, dialogue.past)
            if self._ruling is not None:
                routing = self._ruling.seen(routing, utterance)
            for reader in self.readers:
                routing = await reader.read(routing, utterance)
            recalled = await self.recalling.answer(routing, utterance, dialogue)
            return recalled or await self._follow(routing, utterance, dialogue, on_text)
        except ScheduleError as error:
            log.error("assistant.not_saved", extra={"id": utterance.id, "error": str(error)})  # noqa: TRY400
            return Turn(Decision.ACT, f"I could not keep that. {error}", source=ReplySource.SCHEDULE)
        except EdgeError as error:
            log.error("assistant.failed", extra={"id": utterance.id, "error": str(error)})  # noqa: TRY400
            return Turn(Decision.IGNORE, f"That went wrong: {error}")

    async def _follow(self, routing: Routing, utterance: Utterance, dialogue: Dialogue, on_text: OnText | None) -> Turn:
        match routing.decision:
            case Decision.ACT:
                return await self.act(routing.calls, utterance, dialogue)
            case Decision.QUERY:
                return await self._query(routing.calls, utterance, dialogue)
            case Decision.CLARIFY:
                return self._questions.clarify(routing, utterance, dialogue)
            case Decision.CHAT:
                if barred := self.gate.bars_talk():
                    return Turn(Decision.CHAT, barred)
                asked = replace(utterance, text=self._doorkeeper.for_model(utterance))
                return await self._talker.answer(asked, dialogue, on_text)
            case Decision.IGNORE:
                return Turn(Decision.IGNORE, "")

    # Acting --------------------------------------------------------------------------------------------------------

    async def act(self, calls: tuple[Call, ...], utterance: Utterance, dialogue: Dialogue) -> Turn:
        """Do what whoever asks may have done, and ask about what waits for a yes."""
        passed, held = self.gate.sift(calls)
        refused = refusal(calls) or (held if not passed else "")
        if refused:
            return Turn(Decision.ACT, refused, calls)
        calls = passed
        if self.staging is not None and (staged := await self.staging.play(calls, utterance, dialogue, self.act)):
            return staged
        critical = [call for call in calls if self.asks_first(call)]
        turn = await self.carry_out([call for call in calls if call not in critical], utterance, dialogue)
        turn = replace(turn, text=f"{turn.text} {held}".strip()) if held else turn
        marked = tuple(replace(call, confirm=True) if call in critical else call for call in calls)
        if not critical:
            return replace(turn, calls=marked)
        question = self._questions.ask_to_confirm(tuple(critical), utterance, dialogue)
        listen = dialogue.pending is not None
        return replace(turn, text=f"{turn.text} {question}".strip(), calls=marked, listen=listen, asked=True)

    async def carry_out(self, calls: Sequence[Call], utterance: Utterance, dialogue: Dialogue) -> Turn:
        """Everything now: devices at once, then the rest in the order it was said."""
        undo: list[Undo] = []
        moves = [call for call in calls if for_devices(call)]
        now = [call for call in moves if call.targets and not self._later.delayed(call)]
        later = [call for call in moves if call.targets and self._later.delayed(call)]
        performed, notes = await self._hands.carry_out(now)
        if performed:
            undo.append(self._undoing.of(performed))
            await self._later.release(one.call.device for one in performed if switched(one))
        notes += [not_found(call) for call in moves if not call.targets]
        for call in now:
            notes.append(await self._later.end(call, [one for one in performed if one.cause is call], utterance))
        source = ReplySource.SCHEDULE if later and not now else ReplySource.ROUTER
        told = [await self._later.plan(later, utterance)] if later else []
        own = [call for call in calls if not for_devices(call)]
        for call in own:
            one, source = await self._own(call, utterance, dialogue)
            told.append(one)
        undo.extend(one.undo for one in told if one.undo is not None)
        if undo:
            dialogue.remember(tuple(undo), self._clock.boot_s())
        report = wording.report(performed, self._registry, list(dict.fromkeys(note for note in notes if note)))
        text = " ".join(part for part in (report, *together(told)) if part)
        turn = Turn(Decision.ACT, text, tuple(calls), source, tuple(performed))
        asking = [(call, one) for call, one in zip(own, told[bool(later) :], strict=True) if asks(one)]
        return self._questions.ask_back(turn, *asking[0], utterance, dialogue) if asking else turn

    async def _own(self, call: Call, utterance: Utterance, dialogue: Dialogue) -> tuple[Told, ReplySource]:
        """What the assistant does itself, with no device."""
        if (kept := await self.keepers.tell(call, utterance)) is not None:
            return kept
        if call.function in ANSWERED:
            source = ReplySource.SENSORS if call.function in MEASURED else ReplySource.ROUTER
            return Told(answer(call, self._registry, self._clock)), source
        match call.function:
            case "assistant.repeat":
                return Told(dialogue.last_reply or "I have not said anything yet."), ReplySource.DIALOGUE
            case "assistant.nevermind":
                return Told(""), ReplySource.DIALOGUE
            case "assistant.stop":
                if dialogue.talking is not None:
                    dialogue.talking.cancel()
                if self._voice is not None:
                    await self._voice.stop()
                await self._timekeeper.silence(utterance.area)
                return Told(""), ReplySource.DIALOGUE
            case "assistant.undo":
                return Told(await self.undo(dialogue, beyond=True)), ReplySource.DIALOGUE
            case "assistant.broadcast":
                return await self._audience.broadcast(call), ReplySource.ROUTER
            case function if function in OWN:
                return Told(await adjust(call, self._voice)), ReplySource.ROUTER
            case _:
                return await self._learnt.tell(call, utterance), ReplySource.ROUTER

    async def undo(self, dialogue: Dialogue, *, beyond: bool = False) -> str:
        """Take the last action back, and say so; `beyond`: the one before where that changed nothing."""
        while undo := dialogue.take_undo(self._clock.boot_s()):
            said = [await one() for one in reversed(undo)]
            text = " ".join(text for text in said if text)
            if text or not beyond:
                return text
        return "There is nothing to undo."

    # Asking back ---------------------------------------------------------------------------------------------------

    def asks_first(self, call: Call) -> bool:
        """Whether it is carried out only once somebody has said yes."""
        confirmation = self._confirmation
        if call.function in confirmation.also or not for_devices(call):
            return call.function in confirmation.also or call.confirm
        if confirmation.also.intersection(call.targets):
            return True
        if call.targets and confirmation.never.issuperset(call.targets):
            return False
        if call.confirm:
            return True
        if self._later.ends_critically(call, self._hands.services(call)):
            return True
        return bool(set(self._hands.critical_targets(call)) - confirmation.never)

    async def say_again(self, text: str, utterance: Utterance, dialogue: Dialogue) -> Turn:
        """The turn of a request in other words than it was said in."""
        return replace(await self._answer(replace(utterance, text=text, reading=None), dialogue, None), request=text)

    async def settle(self, calls: tuple[Call, ...], utterance: Utterance, dialogue: Dialogue) -> Turn:
        """Do what a question was answered about, or answer it."""
        way = self._query if all(map(self._reads, calls)) else self.act
        return replace(await way(calls, utterance, dialogue), source=ReplySource.DIALOGUE)

    # Answering -----------------------------------------------------------------------------------------------------

    async def _query(self, calls: tuple[Call, ...], utterance: Utterance, dialogue: Dialogue) -> Turn:
        passed, held = self.gate.sift(calls)
        told = [await self._own(call, utterance, dialogue) for call in passed if self._reads(call)]
        text = " ".join(part for part in (*(one.text for one, _ in told), held) if part) or "I can't answer that yet."
        return Turn(Decision.QUERY, text, calls, told[0][1] if told else ReplySource.ROUTER)

    def _reads(self, call: Call) -> bool:
        return reads(call) or self.keepers.reads(call)
