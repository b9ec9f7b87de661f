"""What checks stand on: the settings, what the running service says, and the machine below a root directory."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.settings import Loaded

if TYPE_CHECKING:
    from edge.health.facts import Heard


@dataclass(frozen=True, slots=True)
class Sound:
    """What of hearing and speaking is to be looked at; None: as the settings have it."""

    microphone: str | None = None
    loudspeaker: str | None = None
    gain_db: float | None = None
    wake_words: tuple[str, ...] | None = None


@dataclass(slots=True)
class Ground:
    """One examination's; made anew for each."""

    loaded: Loaded
    status: Mapping[str, Any] | None = None
    """What the running service says of itself, as `edge status --json`; None where none runs, or it is silent."""
    silent: str = ""
    """Why a service that runs says nothing."""
    root: Path = Path("/")
    """The machine: where /proc, /sys and /run are looked for."""
    spent_s: float = 0.0
    """How much time has gone by already."""
    deep: bool = False
    """Whether to measure again what takes long."""
    sound: Sound = field(default_factory=Sound)
    heard: "Heard | None" = None
    """What a recording was like, where one was made for this."""
    _shared: dict[str, "asyncio.Task[Any]"] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        """Whether a service runs, whatever it says."""
        return self.status is not None or bool(self.silent)

    def told(self, part: str) -> Mapping[str, Any]:
        """What the running service says of one of its parts; empty where it says nothing."""
        found = (self.status or {}).get(part)
        return found if isinstance(found, Mapping) else {}

    async def once(self, name: str, make: Callable[[], Awaitable[Any]]) -> Any:
        """What `make` gives, made once for all checks that want it."""
        task = self._shared.get(name)
        if task is None:
            task = self._shared[name] = asyncio.ensure_future(make())
        return await asyncio.shield(task)

    async def aside(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """What blocking work gives: in a thread of its own that nobody waits for once we give up."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Any] = loop.create_future()

        def settle(value: Any, error: BaseException | None) -> None:
            if result.done():
                return
            if error is not None:
                result.set_exception(error)
            else:
                result.set_result(value)

        def run() -> None:
            value, failed = None, None
            try:
                value = work(*arguments)
            except BaseException as error:  # noqa: BLE001 (raised again where it is waited for)
                failed = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, value, failed)

        threading.Thread(target=run, name=f"doctor {getattr(work, '__name__', '')}", daemon=True).start()
        return await result

    async def end(self) -> None:
        """End what is shared and still under way."""
        for task in self._shared.values():
            task.cancel()
        await asyncio.gather(*self._shared.values(), return_exceptions=True)
