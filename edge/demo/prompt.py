"""The prompt after the tour: sentences to the assistant, hands in the house, and what changes meanwhile."""

import asyncio
import contextlib
import random
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from edge.demo.house.plan import FLOORS, OUTDOORS
from edge.demo.script import TRY
from edge.demo.show import Show, change_line, plain, shortened
from edge.demo.stage import Stage
from edge.demo.tour import changed, event_of, owns, say, speaks
from edge.demo.watch import Heard

_FOLLOW_S: Final = 10.0
"""How long devices that were told something are watched."""
_HELP: Final = """\
Type a sentence. Or:
  /go ROOM         stand in a room, so that "the lights" are that room's; /go alone leaves it
  /hands           what hands can do: /press, /open, /close, /unplug, /plug_in, /trip, /clear, /lock, /unlock DEVICE
  /devices         the names of what is in the house
  /try             more sentences to try
  Ctrl-D           ends"""
_HANDS: Final = ("press", "open", "close", "unplug", "plug_in", "trip", "clear", "lock", "unlock", "double", "hold")


class Prompt:
    """Runs until the end of the input."""

    def __init__(self, stage: Stage, show: Show) -> None:
        self._stage = stage
        self._show = show
        self._area: str | None = None
        self._followed: set[str] = set()
        self._until_s = 0.0
        self._typing = False

    async def run(self) -> None:
        """Read lines, answer them."""
        self._hints()
        self._stage.watch.listeners.append(self._hear)
        with _terminal():
            while (line := await self._read()) is not None:
                if line.startswith("/"):
                    await self._command(*line[1:].partition(" ")[::2])
                elif line:
                    await self._say(line)

    async def _say(self, text: str) -> None:
        result = await say(self._stage, text, self._area)
        self._show.outcome(result)
        topics = [one.topic for one in result.commands]
        self._followed = {
            thing.name for thing in self._stage.house.things if any(owns(thing, topic) for topic in topics)
        }
        self._until_s = time.monotonic() + _FOLLOW_S

    async def _command(self, name: str, rest: str) -> None:
        rest = rest.strip()
        match name:
            case "go":
                self._go(rest)
            case "devices":
                for area in _rooms():
                    names = [thing.name for thing in self._stage.house.things if thing.area == area]
                    self._show.line(f"  {area}: {', '.join(names)}")
            case "try":
                self._hints()
            case _ if name in _HANDS and rest:
                if not await self._stage.watch.hand(rest, name):
                    self._show.line(f"  no hand can {name.replace('_', ' ')} {plain(rest)!r}: /devices lists the names")
            case _:
                self._show.line(_HELP)

    def _go(self, room: str) -> None:
        found = next((name for name in _rooms() if name.lower() == room.lower()), None)
        if room and found is None:
            self._show.line(f"  there is no room {plain(room)!r}: {', '.join(_rooms())}")
            return
        self._area = found.lower().replace(" ", "_") if found else None

    def _hints(self) -> None:
        self._show.line("Say something, such as:")
        for text in random.sample(TRY, 4):
            self._show.line(f"  {text}")
        self._show.line("/help says what else there is; Ctrl-D ends.")

    # What happens meanwhile ----------------------------------------------------------------------------------------

    def _hear(self, heard: Heard) -> None:
        """Between two sentences: events, and what devices do that were told something."""
        if not self._typing or heard.retain:
            return
        event = event_of(heard)
        if event is not None:
            self._interject(f"• {event}")
        elif time.monotonic() < self._until_s:
            moved = (thing for thing in self._stage.house.things if thing.name in self._followed)
            if any(speaks(thing, heard.topic) and not owns(thing, heard.topic) for thing in moved):
                for change in changed(self._stage.watch.latest, [heard]):
                    self._interject(f"← {change_line(change)}")

    def _interject(self, text: str) -> None:
        """A line above the prompt, and the prompt again with what was typed so far."""
        if not sys.stdin.isatty():
            self._show.line(f"     {plain(text)}")
            return
        self._show.line(f"\r\x1b[K     {shortened(plain(text))}")
        print(self._mark + _typed(), end="", flush=True)

    # Reading -------------------------------------------------------------------------------------------------------

    @property
    def _mark(self) -> str:
        return f"{self._area.replace('_', ' ')} › " if self._area else "› "

    async def _read(self) -> str | None:
        """The next line; None at the end. It is read in a thread that nobody has to wait for."""
        loop = asyncio.get_running_loop()
        line: asyncio.Future[str | None] = loop.create_future()
        mark = self._mark if sys.stdin.isatty() else ""

        def done(text: str | None) -> None:
            if not line.done():
                line.set_result(text)

        def read() -> None:
            text: str | None = None
            with contextlib.suppress(EOFError, OSError, ValueError):
                text = input(mark).strip()
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(done, text)

        threading.Thread(target=read, name="prompt", daemon=True).start()
        self._typing = True
        try:
            return await line
        finally:
            self._typing = False


def _rooms() -> list[str]:
    return [room for rooms in FLOORS.values() for room in rooms] + [OUTDOORS]


def _typed() -> str:
    readline = sys.modules.get("readline")
    return readline.get_line_buffer() if readline is not None else ""


@contextlib.contextmanager
def _terminal() -> Iterator[None]:
    """Line editing and history; the terminal is given back as it was, also when a read was cut short."""
    if not sys.stdin.isatty():
        yield
        return
    import termios

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 (input() uses it once it is there)
    before: list[Any] = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        print(flush=True)
