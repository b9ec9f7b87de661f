"""What people teach: functions with examples and what they do, and what single sentences mean; checked coming in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from edge.devices.words import words
from edge.errors import EdgeError
from edge.router.vocabulary import CHAT, IGNORE, Function, Vocabulary

FEWEST_EXAMPLES: Final = 3
MOST_EXAMPLES: Final = 10
MOST_LESSONS: Final = 200
MOST_CORRECTIONS: Final = 500
PREFIX: Final = "taught."
"""Before the name of a taught function, so that none is ever taken for one of the vocabulary's."""
SPECIAL: Final = {CHAT.strip("<>"): CHAT, IGNORE.strip("<>"): IGNORE}
"""What a corrected sentence may be instead of a function, as people write it."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FUNCTION: Final = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39})?")
_LONGEST_EXAMPLE: Final = 200
_LONGEST_TOPIC: Final = 1000
_LONGEST_PAYLOAD: Final = 16 * 1024
_LONGEST_VALUE: Final = 200


class TeachingError(EdgeError):
    """Something that can't be taught, corrected or forgotten, or a file of lessons that can't be read."""


@dataclass(frozen=True, slots=True)
class Publish:
    """Sends one MQTT message, not retained."""

    topic: str
    payload: str


@dataclass(frozen=True, slots=True)
class Order:
    """Calls a function with what a person might have said for each argument; or `chat`, `ignore`, `taught.NAME`."""

    function: str
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The same for orders that do the same."""
        return self.function, tuple(sorted(self.arguments.items()))


@dataclass(frozen=True, slots=True)
class Lesson:
    """A taught function; without an action it is told to whoever listens to the assistant's events."""

    name: str
    examples: tuple[str, ...]
    action: Publish | Order | None = None

    @property
    def function(self) -> str:
        """Its name among functions."""
        return PREFIX + self.name


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence that was understood wrongly, and what it means."""

    sentence: str
    order: Order


@dataclass(frozen=True, slots=True)
class Notebook:
    """Everything that was taught, in the order it was."""

    lessons: Mapping[str, Lesson] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every sentence whose reading the taught functions are made of."""
        examples = (example for lesson in self.lessons.values() for example in lesson.examples)
        return tuple(dict.fromkeys((*examples, *(correction.sentence for correction in self.corrections))))

    def with_lesson(self, lesson: Lesson) -> "Notebook":
        """One function more; raises `TeachingError` where its name is taken or the book is full."""
        if lesson.name in self.lessons:
            raise TeachingError(f"{lesson.name} is taught already: `edge teach --forget {lesson.name}` first")
        if len(self.lessons) >= MOST_LESSONS:
            raise TeachingError(f"{MOST_LESSONS} functions are taught already: forget one first")
        return replace(self, lessons={**self.lessons, lesson.name: lesson})

    def with_correction(self, correction: Correction) -> "Notebook":
        """One correction more, in place of an earlier one of the same sentence; raises `TeachingError`."""
        kept = tuple(one for one in self.corrections if same(one.sentence) != same(correction.sentence))
        return self.with_corrections((*kept, correction))

    def with_corrections(self, corrections: Sequence[Correction]) -> "Notebook":
        """These corrections and no others, of a sentence said twice the last; raises `TeachingError`."""
        if len(corrections) > MOST_CORRECTIONS:
            raise TeachingError(f"{MOST_CORRECTIONS} sentences can be corrected: forget one first")
        for one in corrections:
            name = one.order.function.removeprefix(PREFIX)
            if one.order.function.startswith(PREFIX) and name not in self.lessons:
                raise TeachingError(f"nothing called {name} is taught: `edge teach --list` shows what is")
        return replace(self, corrections=tuple({same(one.sentence): one for one in corrections}.values()))

    def without(self, name: str) -> "Notebook":
        """Without the function of this name, or the correction of this sentence; raises `TeachingError`."""
        if name.removeprefix(PREFIX) in self.lessons:
            gone = name.removeprefix(PREFIX)
            lessons = {key: lesson for key, lesson in self.lessons.items() if key != gone}
            function = PREFIX + gone
            return Notebook(lessons, tuple(one for one in self.corrections if one.order.function != function))
        kept = tuple(one for one in self.corrections if same(one.sentence) != same(name))
        if len(kept) == len(self.corrections):
            raise TeachingError(f"nothing called “{name}” is taught: `edge teach --list` shows what is")
        return replace(self, corrections=kept)


def same(sentence: str) -> tuple[str, ...]:
    """What two spellings of one sentence have in common: their words, without case, accents and punctuation."""
    return words(sentence)


def lesson(name: str, examples: Sequence[str], action: Publish | Order | None) -> Lesson:
    """A lesson that can be learnt; raises `TeachingError` saying what is wrong with it."""
    if not _NAME.fullmatch(name) or name in SPECIAL:
        near = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_0123456789")[:40]
        hint = f", perhaps {near}" if _NAME.fullmatch(near) and near not in SPECIAL else ""
        raise TeachingError(f"{name[:80]!r}: expected a name of small letters, digits and underscores{hint}")
    if not FEWEST_EXAMPLES <= len(examples) <= MOST_EXAMPLES:
        raise TeachingError(
            f"{name}: expected {FEWEST_EXAMPLES} to {MOST_EXAMPLES} examples, got {len(examples)}: "
            "give each with its own --example"
        )
    given = [_sentence(name, example) for example in examples]
    twice = next((one for at, one in enumerate(given) if same(one) in map(same, given[:at])), None)
    if twice is not None:
        raise TeachingError(f"{name}: “{twice}” is given twice: each example must say it in other words")
    if isinstance(action, Order) and (action.function in SPECIAL or action.function.startswith(PREFIX)):
        raise TeachingError(f"{name}: can't call {action.function}: `edge functions` lists what can be called")
    return Lesson(name, tuple(given), action)


def correction(sentence: str, meant: Order) -> Correction:
    """A correction that can be learnt; raises `TeachingError`."""
    return Correction(_sentence("the sentence", sentence), meant)


def publish(topic: str, payload: str) -> Publish:
    """A message that can be sent; raises `TeachingError`."""
    if not topic or len(topic) > _LONGEST_TOPIC or re.search(r"[+#\x00-\x1f\x7f\ud800-\udfff]|^\$", topic):
        raise TeachingError(f"{topic[:80]!r}: expected a topic to publish to, without + and #")
    if len(payload) > _LONGEST_PAYLOAD or re.search(r"[\ud800-\udfff]", payload):
        raise TeachingError(f"the payload for {topic}: expected at most {_LONGEST_PAYLOAD} characters of text")
    return Publish(topic, payload)


def order(function: str, arguments: Mapping[str, str]) -> Order:
    """A call; whether there is such a function is for `check`, as it may come and go. Raises `TeachingError`."""
    if not _FUNCTION.fullmatch(function):
        raise TeachingError(f"{function[:80]!r}: expected a function such as light.turn_on, or chat or ignore")
    if (function in SPECIAL or function.startswith(PREFIX)) and arguments:
        raise TeachingError(f"{function} takes no arguments")
    for name, value in arguments.items():
        if not _NAME.fullmatch(name):
            raise TeachingError(f"{function}: {name[:80]!r}: expected the name of an argument")
        if not value.strip() or len(value) > _LONGEST_VALUE or not _plain(value):
            raise TeachingError(f"{function}: {name}: expected a value of at most {_LONGEST_VALUE} characters")
    return Order(function, dict(arguments))


def check(order: Order, vocabulary: Vocabulary) -> None:
    """Raise `TeachingError` where the vocabulary has no such function, or the function no such arguments."""
    if order.function in SPECIAL or order.function.startswith(PREFIX):
        return
    known = vocabulary.get(order.function)
    if known is None:
        near = _near(order.function, vocabulary)
        raise TeachingError(f"no function is called {order.function!r}: `edge functions` lists them{near}")
    for name in order.arguments:
        if name not in sayable(known):
            takes = ", ".join(sayable(known)) or "no arguments"
            raise TeachingError(f"{order.function} has no {name!r}: it takes {takes}")


def sayable(function: Function) -> tuple[str, ...]:
    """The arguments of a function that a word of a person's can fill."""
    return tuple(dict.fromkeys(function.slots.values()))


def _near(function: str, vocabulary: Vocabulary) -> str:
    verb = function.rpartition(".")[2]
    alike = [name for name in vocabulary.functions if name.rpartition(".")[2] == verb]
    return f" (perhaps {', '.join(alike[:3])})" if alike else ""


def _sentence(where: str, text: str) -> str:
    plain = " ".join(text.split())
    if not words(plain):
        raise TeachingError(f"{where}: {text[:40]!r}: expected a sentence, and there is no word in it")
    if len(plain) > _LONGEST_EXAMPLE or not _plain(plain):
        raise TeachingError(f"{where}: “{plain[:40]}…”: expected at most {_LONGEST_EXAMPLE} characters of plain text")
    return plain


def _plain(text: str) -> bool:
    return not re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", text)


def as_json(notebook: Notebook) -> dict[str, Any]:
    """What `edge teach --list --json` prints."""
    return {
        "functions": [
            {"name": one.name, "function": one.function, "examples": list(one.examples), **action_json(one.action)}
            for one in notebook.lessons.values()
        ],
        "corrections": [{"sentence": one.sentence, **action_json(one.order)} for one in notebook.corrections],
    }


def action_json(action: Publish | Order | None) -> dict[str, Any]:
    """An action as the file of lessons and the control socket write it; `from_plain` reads it."""
    match action:
        case Publish(topic, payload):
            return {"publish": {"topic": topic, "payload": payload}}
        case Order(function, arguments):
            return {"call": function, **({"arguments": dict(arguments)} if arguments else {})}
        case None:
            return {}


def action_from(where: str, plain: Mapping[str, Any]) -> Publish | Order | None:
    """The action that `action_json` wrote; raises `TeachingError` for anything else."""
    message, called, arguments = plain.get("publish"), plain.get("call"), plain.get("arguments", {})
    if message is not None and called is not None:
        raise TeachingError(f"{where}: expected `publish` or `call`, not both")
    if message is not None:
        if not isinstance(message, dict) or not _texts((message.get("topic"), message.get("payload"))):
            raise TeachingError(f"{where}: `publish`: expected a topic and a payload, both texts")
        return publish(message["topic"], message["payload"])
    if called is None:
        return None
    if not isinstance(called, str) or not isinstance(arguments, dict) or not _texts(arguments.values()):
        raise TeachingError(f"{where}: `call`: expected a function's name, `arguments`: a table of texts")
    return order(called, arguments)


def _texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)
