"""One connection to a satellite: events in, events out in order, and pings, so that one that is gone is noticed."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from edge.errors import EdgeError
from edge.speech.sound import SpeechError
from edge.wyoming import Event, EventStream, WyomingError, text

log = logging.getLogger(__name__)

_PING_S: Final = 3.0
_SILENT_S: Final = 10.0
"""A satellite that sends nothing at all for this long, not even a pong, is gone; old ones know no pongs."""
_MOST_WAITING: Final = 256
"""Events that wait to be sent."""
_LONGEST_PING: Final = 200


class Link:
    """What is posted is sent in that order by `run`, which also reads."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream
        self._outbox: asyncio.Queue[Event] = asyncio.Queue(_MOST_WAITING)
        self._heard_at_s = time.monotonic()
        self._answers = False
        self._gone = asyncio.Event()

    @property
    def version(self) -> str | None:
        """The version of the protocol that it speaks, once that is known."""
        return self._stream.version

    def post(self, event: Event) -> None:
        """Have it sent, and don't wait; what a satellite that takes nothing in should know is lost."""
        try:
            self._outbox.put_nowait(event)
        except asyncio.QueueFull:
            log.debug("satellite.not_told", extra={"event_type": event.type})

    async def send(self, event: Event) -> None:
        """Have it sent once there is room for it; raises `SpeechError` where the satellite is gone."""
        if self._gone.is_set():
            raise SpeechError("the satellite is gone")
        await self._outbox.put(event)

    async def run(self, on_event: Callable[[Event], None], beside: Coroutine[Any, Any, None]) -> EdgeError:
        """Read and write, and do `beside`, until one of these ends; returns why, once all of them have."""
        tasks = [asyncio.create_task(work) for work in (self._read(on_event), self._write(), self._ping(), beside)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._gone.set()
            while not self._outbox.empty():  # whoever waits to send goes on, and is told
                self._outbox.get_nowait()
            ended = [task for task in tasks if task.done()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._stream.abort()
        why = next((error for task in ended if (error := task.exception()) is not None), None)
        if why is not None and not isinstance(why, EdgeError):
            raise why
        return why or WyomingError("it hung up")

    async def _read(self, on_event: Callable[[Event], None]) -> None:
        while (event := await self._stream.read()) is not None:
            self._heard_at_s = time.monotonic()
            if event.type == "ping":
                self.post(Event("pong", {"text": text(event.data, "text", _LONGEST_PING)}))
            elif event.type == "pong":
                self._answers = True
            else:
                on_event(event)

    async def _write(self) -> None:
        while True:
            await self._stream.write(await self._outbox.get())

    async def _ping(self) -> None:
        while True:
            self.post(Event("ping"))
            await asyncio.sleep(_PING_S)
            if self._answers and time.monotonic() - self._heard_at_s > _SILENT_S:
                raise WyomingError(f"it has sent nothing for {_SILENT_S:g} s")
