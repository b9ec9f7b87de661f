"""Who follows what a room hears: level meters, while somebody looks at one."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.speech.sound import Samples

Heard = Callable[["Samples"], None]
Woken = Callable[[str, Mapping[str, object]], None]
"""A wake word, and what is known of it: `probability`, `level_db`."""


class Followers:
    """Belongs to the event loop; what they are told they must not keep waiting for."""

    def __init__(self) -> None:
        self._followers: list[tuple[Heard, Woken]] = []

    def add(self, heard: Heard, woken: Woken) -> Callable[[], None]:
        """Have them called with each frame and each wake word; returns what ends that."""
        follower = heard, woken
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)

    def heard(self, samples: "Samples") -> None:
        """One frame."""
        for heard, _ in self._followers:
            heard(samples)

    def woken(self, word: str, facts: Mapping[str, object]) -> None:
        """A wake word was heard."""
        for _, woken in self._followers:
            woken(word, facts)
