"""Somebody else who answers in a room while they are there: Home Assistant, whose satellite the room is then."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractContextManager, aclosing
from typing import TYPE_CHECKING, Final, Protocol

from edge.speech.floor import Happening
from edge.speech.mouth import Mouth
from edge.speech.sound import FRAME, RATE_HZ, Samples, Sound
from edge.speech.turns import Ending, Priority

if TYPE_CHECKING:
    from edge.speech.exchange import Witness

_SPOKEN: Final = "A reply from elsewhere."
_BREATH_S: Final = 0.1
"""Of the sound up to the moment when the wake word was noticed they get no more than this."""


class Elsewhere(Protocol):
    """Whoever it is."""

    @property
    def there(self) -> bool:
        """Whether they answer now; the room answers itself while they don't."""
        ...

    @property
    def witness(self) -> "Witness":
        """Is told the wake word."""
        ...

    def converse(self, frames: AsyncIterator[Samples], on_heard: Callable[[], None]) -> AsyncGenerator[Sound, None]:
        """What they say to what is said; `on_heard` once they have heard enough. Raises `EdgeError`."""
        ...

    def aloud(self, sounds: AsyncIterator[Sound]) -> AbstractContextManager[str]:
        """The sounds as a voice of that name, for as long as it lasts."""
        ...

    async def played(self) -> None:
        """All of it has been heard."""
        ...


async def hand_over(
    elsewhere: Elsewhere,
    frames: AsyncIterator[Samples],
    mouth: Mouth,
    area: str | None,
    tell: Callable[[Happening], None],
    release: Callable[[], None],
    *,
    called_s: float = 0.0,
) -> None:
    """Have them answer; `tell` what happens, `release` what kept the mouth silent. Raises `EdgeError`.

    `called_s`: how much of the frames comes from before the wake word was noticed.
    """
    behind = _behind(frames, round(max(0.0, called_s - _BREATH_S) * RATE_HZ / FRAME))
    async with aclosing(elsewhere.converse(behind, lambda: tell(Happening.HEARD))) as sounds:
        first = await anext(sounds, None)
        release()
        if first is None:
            tell(Happening.DONE)
            return
        tell(Happening.REPLYING)
        with elsewhere.aloud(_all(first, sounds)) as voice:
            ending = await mouth.say(_SPOKEN, Priority.REPLY, area, voice=voice)
    if ending is Ending.SAID:
        await elsewhere.played()
    tell(Happening.ANSWERED)


async def _all(first: Sound, rest: AsyncIterator[Sound]) -> AsyncIterator[Sound]:
    yield first
    async for sound in rest:
        yield sound


async def _behind(frames: AsyncIterator[Samples], skip: int) -> AsyncIterator[Samples]:
    """All but the first."""
    async for frame in frames:
        if skip > 0:
            skip -= 1
        else:
            yield frame
