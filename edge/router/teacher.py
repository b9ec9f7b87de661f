"""Teaching: takes lessons and corrections, says what is doubtful, keeps them and gives them to the router."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.devices.registry import Registry
from edge.router.model import Decision, Slot
from edge.router.network import FloatArray
from edge.router.router import Router
from edge.router.teaching import book, lessons, readings
from edge.router.teaching.background import FILE, Background
from edge.router.teaching.evidence import Sentence
from edge.router.teaching.lessons import PREFIX, Lesson, Notebook, Order, Publish, TeachingError
from edge.router.teaching.orders import routed
from edge.router.teaching.taught import Recognised, Taught, sentence_of
from edge.router.text import split_words

log = logging.getLogger(__name__)

_SURELY: Final = 0.95
"""With this probability an example is another taught function's; with less, teaching both tells them apart."""
_FREE: Final = frozenset({Slot.TARGET, Slot.PLACE, Slot.EXCEPT, Slot.DURATION})
"""Slots whose argument may come out under other names, or that only the home can judge."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would be taught after a change; nothing is kept or used before `Teacher.keep` and `adopt`."""

    taught: Taught
    warnings: tuple[str, ...] = ()


class Teacher:
    """One router's. Making one and `keep` block on files; the rest takes milliseconds a sentence."""

    def __init__(self, router: Router, directory: Path, *, own_topics: str | None = None) -> None:
        """Gives the router what was taught before; raises `TeachingError` where that can't be read.

        To topics under `own_topics` nothing is published: that would be heard as another request.
        """
        self._router = router
        self._own_topics = own_topics
        self._file, self._readings = directory / book.FILE, directory / readings.FILE
        self._background: Background | None = None
        self._states: dict[str, Sentence] = {}
        notebook = book.load(self._file)
        if not notebook.sentences:
            return
        kept = readings.load(self._readings, self._statistics().digest)
        self._states = {text: _sentence(text, kept[text]) for text in notebook.sentences if text in kept}
        taught = self._made(notebook)
        if self._states.keys() != kept.keys():
            self._keep_states()
        self.adopt(Change(taught))

    @property
    def notebook(self) -> Notebook:
        """What is taught now."""
        return self._router.taught.notebook

    def prepare(self) -> None:
        """Read the file that teaching starts from; raises `TeachingError` where these weights have none."""
        self._statistics()

    def teach(self, name: str, examples: Sequence[str], action: Publish | Order | None, registry: Registry) -> Change:
        """A new function; raises `TeachingError`."""
        lesson = lessons.lesson(name, examples, action)
        if self._own_topics and isinstance(action, Publish) and f"{action.topic}/".startswith(f"{self._own_topics}/"):
            raise TeachingError(f"{name}: {action.topic} is a topic of the assistant's own: choose another")
        warnings = self._doubts_about_order(action, registry) if isinstance(action, Order) else []
        notebook = self.notebook.with_lesson(lesson)
        warnings += self._meaning_something_else(lesson, registry)
        taught = self._made(notebook)
        return Change(taught, (*warnings, *self._unlearnt(lesson, taught)))

    def correct(self, sentence: str, meant: Order, registry: Registry) -> Change:
        """A sentence that means something else than the router made of it; raises `TeachingError`."""
        correction = lessons.correction(sentence, meant)
        warnings = self._doubts_about_order(meant, registry)
        return Change(self._made(self.notebook.with_correction(correction)), tuple(warnings))

    def forget(self, name: str) -> Change:
        """A taught function by its name, or a correction by its sentence; raises `TeachingError`."""
        return Change(self._made(self.notebook.without(name)))

    def keep(self, change: Change) -> None:
        """On the disk when this returns; raises `TeachingError`."""
        book.save(self._file, change.taught.notebook)
        self._keep_states()

    def adopt(self, change: Change) -> None:
        """From now on the router knows it."""
        self._router.taught = change.taught
        facts = {
            "functions": len(change.taught.notebook.lessons),
            "corrections": len(change.taught.notebook.corrections),
        }
        log.info("teaching.adopted", extra=facts)

    def _statistics(self) -> Background:
        if self._background is None:
            self._background = Background.load(self._router.folder / FILE)
        return self._background

    def _made(self, notebook: Notebook) -> Taught:
        self._states = {text: self._states.get(text) or self._read(text) for text in notebook.sentences}
        return Taught(notebook, self._states, self._statistics())

    def _read(self, text: str) -> Sentence:
        reading = self._router.network.read(text)
        if reading is None:
            raise TeachingError(f"“{text}”: there is no word in it that can be read")
        return sentence_of(reading)

    def _keep_states(self) -> None:
        states = {text: one.state for text, one in self._states.items()}
        readings.save(self._readings, self._statistics().digest, states)

    def _meaning_something_else(self, lesson: Lesson, registry: Registry) -> list[str]:
        """Warnings about examples that are orders already; raises `TeachingError` where another lesson has them."""
        doubts = []
        for example in lesson.examples:
            reading = self._router.network.read(example)
            known = self._router.taught.recognise(reading) if reading is not None else None
            if known is not None and known.token.startswith(PREFIX) and known.probability >= _SURELY:
                if self._has(known.token, example):
                    raise TeachingError(
                        f"{lesson.name}: “{example}” means {known.token} already, which was taught before"
                    )
                doubts.append(f"“{example}” meant {known.token} until now: sentences like it may now do {lesson.name}")
                continue
            routing = self._router.route(example, registry)
            if routing.decision in (Decision.ACT, Decision.QUERY):
                doubts.append(
                    f"“{example}” meant {routing.calls[0].function} until now ({routing.confidence:.0%} sure): "
                    f"sentences like it may now do {lesson.name}"
                )
        return doubts

    def _has(self, token: str, example: str) -> bool:
        """Whether the example is one of that lesson's own, but for its case and marks."""
        words = [word.text for word in split_words(example)]
        lesson = self._router.taught.notebook.lessons.get(token.removeprefix(PREFIX))
        return lesson is not None and any([word.text for word in split_words(one)] == words for one in lesson.examples)

    def _unlearnt(self, lesson: Lesson, taught: Taught) -> list[str]:
        """Warnings about examples that would not be recognised themselves."""
        doubts = []
        for example in lesson.examples:
            reading = self._router.network.read(example)
            known: Recognised | None = taught.recognise(reading) if reading is not None else None
            if known is not None and known.probability == 1 and known.token != lesson.function:
                doubts.append(f"“{example}” was corrected to mean {known.token}: forget that first")
            elif known is None or known.token != lesson.function:
                doubts.append(f"“{example}” is too unlike the other examples to be recognised: add more like it")
        return doubts

    def _doubts_about_order(self, order: Order, registry: Registry) -> list[str]:
        """Warnings about what the home lacks; raises `TeachingError` for what the function can't be called with."""
        vocabulary = self._router.vocabulary
        lessons.check(order, vocabulary)
        function = vocabulary.get(order.function)
        if function is None:
            return []
        known = Recognised(order.function, order, 1.0)
        routing, resolution = routed(known, order.function, registry, vocabulary, None, self._router.now())
        made = {name for call in routing.calls for name in call.arguments}
        for slot, argument in function.slots.items():
            value = order.arguments.get(argument)
            if value is not None and slot not in _FREE and argument not in made:
                raise TeachingError(f"{order.function}: {argument}={value!r} is no value it can take")
        if resolution is not None and resolution.unresolved and registry.devices:
            return [f"nothing here is called {resolution.unresolved[0]} now"]
        if routing.decision is Decision.CLARIFY and registry.devices:
            return [f"each time it will ask: {routing.question}"]
        return []


def _sentence(text: str, state: FloatArray) -> Sentence:
    return Sentence(state, tuple(word.text for word in split_words(text)))
