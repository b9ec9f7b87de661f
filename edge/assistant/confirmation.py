"""Who may confirm a critical action, and with what."""

import hmac
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from edge.assistant.answers import digits, every_digit, verdict
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
_SHORTEST_PIN: Final = 4
_WRONG_PINS: Final = 5
_LOCKED_S: Final = 300.0


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
    """Judges answers; after a few wrong PINs it takes none for a while."""

    def __init__(self, confirmation: Confirmation) -> None:
        self._confirmation = confirmation
        self._wrong = 0
        self._locked_until_s = 0.0

    def needs_pin(self, utterance: Utterance) -> bool:
        """Whether a plain yes from there is not enough."""
        if utterance.authenticated or utterance.source in _PRESENT:
            return False
        if self._confirmation.pin is not None:
            return True
        believed = _IN_THE_ROOM | self._confirmation.believed
        return not (self._confirmation.unauthenticated or utterance.source in believed)

    def shown(self, text: str, *, asked: bool) -> str:
        """What may be kept and told of a text: a PIN, right or wrong, is replaced. `asked`: one may have been."""
        if self._confirmation.pin is None:
            return veiled(text)
        said = digits(text)
        alone = bool(said) and (asked or len(said) >= _SHORTEST_PIN)
        return PIN_SAID if alone else self.hidden(text)

    def hidden(self, text: str) -> str:
        """The text without secrets, or what stands for it where the PIN is in it: in a reply, in what was noted."""
        pin = self._confirmation.pin
        return veiled(text) if pin is None or not any(pin in read for read in every_digit(text)) else PIN_SAID

    def judge(self, utterance: Utterance, question: str, now_s: float) -> Verdict:
        """What the utterance says to the question; `now_s` on the boot clock."""
        said = digits(utterance.text)
        answer = verdict(utterance.text, frozenset(words(question)))
        if answer is False:
            return Verdict.NO
        if not self.needs_pin(utterance):
            return (Verdict.YES if utterance.clear else Verdict.UNCLEAR) if answer else Verdict.OTHER
        if self._confirmation.pin is None:
            return Verdict.NOT_ALLOWED if answer else Verdict.OTHER
        if said:
            return self._judge_pin(said, self._confirmation.pin, now_s)
        return Verdict.NEEDS_PIN if answer else Verdict.OTHER

    def _judge_pin(self, said: str, pin: str, now_s: float) -> Verdict:
        if now_s < self._locked_until_s:
            return Verdict.NOT_ALLOWED
        if hmac.compare_digest(said.encode(), pin.encode()):
            self._wrong = 0
            return Verdict.YES
        self._wrong += 1
        if self._wrong >= _WRONG_PINS:
            self._wrong = 0
            self._locked_until_s = now_s + _LOCKED_S
        return Verdict.WRONG_PIN
