"""PortAudio for the whole process: one thread does everything but the callbacks, and the list of devices can grow."""

import asyncio
import concurrent.futures
import contextlib
import ctypes
import functools
import importlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from edge.speech.devices import AudioDevice, Direction
from edge.speech.sound import SpeechError

log = logging.getLogger(__name__)

T = TypeVar("T")
_PATIENCE_S: Final = 6.0
"""A driver that takes longer over a call is not waited for."""
_HUNG_S: Final = 90.0
"""One that takes longer than this is left alone with it, and another thread goes on. Not before: PortAudio has but one
state, and ends the process when two threads are in it; on a small board that is busy a call can take many seconds."""
BUFFER_S: Final = 0.1
"""What a loudspeaker is ahead of the ear."""
_HEARD_S: Final = 0.2
"""Room for what a microphone gives: with half of it, ALSA's plugin for PulseAudio made PortAudio spin and lost a
quarter of the blocks; this one is handed over every 64 ms at the latest."""

Callback = Callable[[Any, int, Any, Any], None]


class Stream:
    """An open stream; `lost` is set when it has ended by itself or was taken away."""

    def __init__(self, device: AudioDevice, rate_hz: int, channels: int) -> None:
        self.device = device
        self.rate_hz = rate_hz
        self.channels = channels
        self.ended = asyncio.Event()
        self.raw: Any = None
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """From any thread: it has ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.ended.set)


class PortAudio:
    """The library; constructed at once, loaded with the first call."""

    def __init__(self) -> None:
        self._worker = _Worker()
        self._library: Any = None
        self._open: set[Stream] = set()
        self._seen: tuple[object, ...] = ()

    async def devices(self, *, anew: bool = True) -> tuple[AudioDevice, ...]:
        """What there is; `anew` looks for what came and went, as far as streams in use allow. Raises `SpeechError`."""
        return await self._call(functools.partial(self._list, anew=anew))

    async def changed(self) -> bool:
        """Whether cards or the sound server came or went since devices were last looked for."""
        return await self._call(lambda: _cards() != self._seen)

    async def open(
        self, direction: Direction, device: AudioDevice, rate_hz: int, channels: int, block: int, callback: Callback
    ) -> Stream:
        """Open and start; 16-bit samples. Raises `SpeechError` with the library's own words."""
        stream = Stream(device, rate_hz, channels)
        try:
            await self._call(functools.partial(self._start, stream, direction, block, callback))
        except (asyncio.CancelledError, SpeechError):
            # What it was too late for is opened all the same, and nobody would close it.
            self._worker.submit(lambda: self._end(stream))
            raise
        return stream

    async def close(self, stream: Stream) -> None:
        """Fall silent at once, and give the device back; does nothing for a stream that is gone."""
        with contextlib.suppress(SpeechError):
            await self._call(lambda: self._end(stream))

    async def _call(self, work: Callable[[], T]) -> T:
        if self._worker.busy_s > _HUNG_S:
            log.error("sound.driver_hangs", extra={"for_s": round(self._worker.busy_s)})
            self._worker = _Worker()
        future = asyncio.wrap_future(self._worker.submit(work))
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await future
        except TimeoutError:
            raise SpeechError(f"the sound driver has not answered for {_PATIENCE_S:.0f} s: unplug the device") from None

    def _list(self, *, anew: bool) -> tuple[AudioDevice, ...]:
        library = self._loaded()
        try:
            if anew:
                self._refresh(library)
            found = library.query_devices()
        except library.PortAudioError as error:
            raise SpeechError(f"PortAudio can't list the sound devices: {error}") from error
        return tuple(
            AudioDevice(
                index=number,
                name=str(one["name"]),
                inputs=int(one["max_input_channels"]),
                outputs=int(one["max_output_channels"]),
                rate_hz=round(one["default_samplerate"]),
            )
            for number, one in enumerate(found)
        )

    def _refresh(self, library: Any) -> None:
        """PortAudio lists devices when it is initialised, and never again; doing so takes every stream away."""
        seen = _cards()
        if self._open and seen == self._seen:
            return
        for stream in list(self._open):
            self._end(stream)
        self._seen = seen
        library._terminate()  # noqa: SLF001 - there is no other way
        library._initialize()  # noqa: SLF001

    def _loaded(self) -> Any:
        if self._library is None:
            _quiet_alsa()
            try:
                self._library = importlib.import_module("sounddevice")
            except ImportError as error:
                raise SpeechError(f"sound needs a package: pip install 'edge-assistant[speech]' ({error})") from error
            except OSError as error:
                raise SpeechError(f"PortAudio is not installed: apt install libportaudio2 ({error})") from error
            self._seen = _cards()
        return self._library

    def _start(self, stream: Stream, direction: Direction, block: int, callback: Callback) -> None:
        library = self._loaded()
        kind = library.RawInputStream if direction is Direction.INPUT else library.RawOutputStream
        try:
            with _node(direction, stream.device.node.name if stream.device.node else ""):
                stream.raw = kind(
                    device=stream.device.index,
                    samplerate=stream.rate_hz,
                    channels=stream.channels,
                    blocksize=block,
                    dtype="int16",
                    latency=_HEARD_S if direction is Direction.INPUT else BUFFER_S,
                    callback=callback,
                    finished_callback=stream.end,
                )
                stream.raw.start()
        except (library.PortAudioError, ValueError) as error:
            self._end(stream)
            raise SpeechError(f"the {direction} {stream.device} can't be used: {error}") from error
        self._open.add(stream)

    def _end(self, stream: Stream) -> None:
        self._open.discard(stream)
        raw, stream.raw = stream.raw, None
        if raw is not None:
            with contextlib.suppress(self._library.PortAudioError):
                raw.abort(ignore_errors=True)
                raw.close(ignore_errors=True)
        stream.end()


@functools.cache
def portaudio() -> PortAudio:
    """The one of this process: the library itself has but one state."""
    return PortAudio()


class _Worker:
    """A daemon thread: a driver that hangs in it doesn't keep the process from ending."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="portaudio", daemon=True).start()

    @property
    def busy_s(self) -> float:
        """How long it has been at the call that it is at; 0 where it is at none."""
        began_s = self._began_s
        return 0.0 if began_s is None else time.monotonic() - began_s

    def submit(self, work: Callable[[], T]) -> concurrent.futures.Future[T]:
        future: concurrent.futures.Future[T] = concurrent.futures.Future()

        def do() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                future.set_exception(error)

        self._work.put(do)
        return future

    def _run(self) -> None:
        while True:
            work = self._work.get()
            self._began_s = time.monotonic()
            work()
            self._began_s = None


@contextlib.contextmanager
def _node(direction: Direction, node: str) -> Iterator[None]:
    """ALSA's plugin takes the server's source or sink from the environment, when a stream is opened."""
    if not node:
        yield
        return
    variable = "PULSE_SOURCE" if direction is Direction.INPUT else "PULSE_SINK"
    before = os.environ.get(variable)
    os.environ[variable] = node
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


def _cards() -> tuple[object, ...]:
    """What changes when a card or a sound server comes or goes."""
    named = os.environ.get("PULSE_SERVER", "").removeprefix("unix:")
    server = Path(named or os.environ.get("XDG_RUNTIME_DIR", "/run"), *(() if named else ("pulse", "native")))
    try:
        cards: object = Path("/proc/asound/cards").read_bytes()
    except OSError:
        cards = None
    try:
        return cards, server.stat().st_ino
    except OSError:
        return cards, None


def _quiet_alsa() -> None:
    """ALSA writes a dozen lines to stderr whenever devices are listed; what matters comes as an error."""
    with contextlib.suppress(OSError):
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_HUSH)


_HANDLER: Final = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)
_HUSH: Final = _HANDLER(lambda *_: None)
