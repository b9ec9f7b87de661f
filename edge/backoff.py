"""How long to wait before the next try: longer each time, never in step with others."""

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Doubles from `first_s` to `most_s`; each wait is spread by a fifth either way."""

    first_s: float
    most_s: float
    _tries: int = field(default=0, init=False)

    def next_s(self) -> float:
        """The wait before the next try, in seconds."""
        wait_s = min(self.first_s * 2.0 ** min(self._tries, 32), self.most_s)
        self._tries += 1
        return wait_s * random.uniform(0.8, 1.2)  # noqa: S311 (spreads load, hides nothing)

    def reset(self) -> None:
        """It worked: begin again with the shortest wait."""
        self._tries = 0
