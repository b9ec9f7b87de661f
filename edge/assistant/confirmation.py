"""Who may confirm a critical action, and with what."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from edge.assistant import pins
from edge.assistant.answers import verdict
from edge.assistant.lockout import Lockout
from edge.assistant.model import Source, Utterance
from edge.devices.words import words
from edge.memory.secrecy import veiled

if TYPE_CHECKING:
    from edge.settings.model import Settings

_PRESENT: Final = frozenset({Source.CLI, Source.DEMO})
"""Sources whose user has proved who they are by being logged in on the machine."""
_IN_THE_ROOM: Final = frozenset({Source.VOICE})
"""Sources that a person has to be near: a yes is enough, unless a PIN is set."""
PIN_SAID: Final = "(a PIN)"
"""Stands where one was said or written."""
_NUMBERS: Final = 3
"""Long numbers in a sentence; one with more of them tries something."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The settings: how long a question waits, what else asks, whether unproved sources may say yes, the PIN."""

    within_s: float = 15.0
    also: set[str] | frozenset[str] = frozenset()
    """Functions or device ids that ask although they need not."""
    never: set[str] | frozenset[str] = frozenset()
    """Device ids that don't ask although others of their kind do."""
    unauthenticated: bool = False
    believed: frozenset[Source] = frozenset()
    """Sources that prove nothing and may say yes all the same, while no PIN is set."""
    pin: str | None = field(default=None, repr=False)


def configured_confirmation(settings: "Settings", problems: list[str]) -> Confirmation:
    """As the settings have it; what can't be read of them is added to `problems`. Blocks for a small file."""
    confirm = settings.confirm
    pin = None
    try:
        pin = confirm.secret()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"confirm.pin_file: {confirm.pin_file} can't be read, so no PIN is taken: {error}")
    asks = {device.id for device in settings.devices if device.confirm}
    never = {device.id for device in settings.devices if device.confirm is False}
    return Confirmation(
        within_s=confirm.within_s,
        also={*confirm.also, *asks},
        never=never,
        unauthenticated=confirm.unauthenticated,
        believed=frozenset({Source.WYOMING} if settings.wyoming.confirm else ()),
        pin=pin,
    )


class Verdict(StrEnum):
    """What an answer to "shall I?" comes to."""

    YES = "yes"
    NO = "no"
    NEEDS_PIN = "needs_pin"
    WRONG_PIN = "wrong_pin"
    NOT_ALLOWED = "not_allowed"
    UNCLEAR = "unclear"
    """It may have been a yes."""
    OTHER = "other"
    """No answer to the question at all."""


class Doorkeeper:
    """Judges answers; after a few wrong PINs it takes none for a while, and says what others may see of a text."""

    def __init__(self, confirmation: Confirmation, lockout: Lockout | None = None) -> None:
        self._confirmation = confirmation
        self._lockout = lockout or Lockout()

    def needs_pin(self, utterance: Utterance) -> bool:
        """Whether a plain yes from there is not enough."""
        if utterance.authenticated or utterance.source in _PRESENT:
            return False
        if self._confirmation.pin is not None:
            return True
        believed = _IN_THE_ROOM | self._confirmation.believed
        return not (self._confirmation.unauthenticated or utterance.source in believed)

    def parted(self, utterance: Utterance) -> pins.Parted | None:
        """An order and the PIN that was said with it; None where none is wanted, or none was said."""
        if self._confirmation.pin is None or not self.needs_pin(utterance):
            return None
        return pins.parted(utterance.text)

    def judge(self, utterance: Utterance, question: str, now_s: float) -> Verdict:
        """What the utterance says to the question; `now_s` on the boot clock."""
        said = pins.alone(utterance.text, asked=True)
        answer = verdict(utterance.text, frozenset(words(question)))
        if answer is False:
            return Verdict.NO
        if not self.needs_pin(utterance):
            return (Verdict.YES if utterance.clear else Verdict.UNCLEAR) if answer else Verdict.OTHER
        if self._confirmation.pin is None:
            return Verdict.NOT_ALLOWED if answer else Verdict.OTHER
        if said:
            return self._judge_pin(said, self._confirmation.pin, utterance.source.value, now_s)
        return Verdict.NEEDS_PIN if answer else Verdict.OTHER

    def _judge_pin(self, said: Sequence[str], pin: str, source: str, now_s: float) -> Verdict:
        if self._lockout.pauses(source, now_s):
            return Verdict.NOT_ALLOWED
        # All of them, whichever it is: how long it takes tells nothing.
        if sum(hmac.compare_digest(one.encode(), pin.encode()) for one in said):
            self._lockout.right(source)
            return Verdict.YES
        self._lockout.wrong(source, now_s)
        return Verdict.WRONG_PIN

    # What others may see -------------------------------------------------------------------------------------------

    def shown(self, text: str, *, asked: bool) -> str:
        """What may be kept of a text: a PIN, right or wrong, is replaced. `asked`: one may have been."""
        if self._confirmation.pin is None:
            return veiled(text)
        said = pins.alone(text, asked=asked)
        if any(asked or len(read) >= pins.SHORTEST for read in said):
            return PIN_SAID
        apart = pins.parted(text)
        return f"{self.hidden(apart.order)} {PIN_SAID}" if apart is not None else self.hidden(text)

    def hidden(self, text: str) -> str:
        """The text without secrets, or what stands for it where the PIN is in it: in a reply, in what was noted."""
        pin = self._confirmation.pin
        return veiled(text) if pin is None or not pins.holds(text, pin) else PIN_SAID

    def told(self, shown: str, utterance: Utterance) -> str:
        """What others are told of a request whose text may be `shown`.

        Whoever asks from afar and proves nothing could try digits by looking which are hidden: there all are.
        """
        guessing = self._may_guess(utterance) and pins.count(utterance.text) >= pins.SHORTEST
        return PIN_SAID if guessing else shown

    def told_reply(self, reply: str, utterance: Utterance) -> str:
        """What others are told of a reply, likewise."""
        if not self._may_guess(utterance):
            return self.hidden(reply)
        return pins.without(veiled(reply), (self._confirmation.pin or "",), PIN_SAID, every=True)

    def for_model(self, utterance: Utterance) -> str:
        """The words as the language model gets them: without the PIN, whatever they are."""
        pin, text = self._confirmation.pin, utterance.text
        if pin is None:
            return text
        long = sum(any(len(read) >= pins.SHORTEST for read in run.readings) for run in pins.runs(text))
        return pins.without(text, (pin,), "(a number)", every=self._may_guess(utterance) or long > _NUMBERS)

    def _may_guess(self, utterance: Utterance) -> bool:
        afar = utterance.source not in _IN_THE_ROOM
        return self._confirmation.pin is not None and afar and self.needs_pin(utterance)
