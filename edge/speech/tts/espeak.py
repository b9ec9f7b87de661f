"""espeak-ng, which is small and quick and speaks from the first boot on: a process for each text."""

import asyncio
import contextlib
import struct
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from typing import Final

import numpy as np

from edge.child import environment, signalled
from edge.speech.sound import Sound, SpeechError

DEFAULT_VOICE: Final = "en-gb"
_READ_BYTES: Final = 8192
_HEADER_BYTES: Final = 44
_SILENT_S: Final = 10.0
"""The longest that it may take to the next piece; it needs milliseconds."""
_WORDS_BYTES: Final = 2000
"""What is kept of its complaints."""


class Espeak:
    """A voice of espeak-ng's."""

    name = "espeak-ng"

    def __init__(self, voice: str = DEFAULT_VOICE, *, words_per_minute: int = 165, program: str = "espeak-ng") -> None:
        """`voice`: a language with or without a variant, `en-gb`, `en-us+f3`; `espeak-ng --voices=en` lists them."""
        self.voice = voice
        self._program = program
        self._pace = words_per_minute

    async def speak(self, text: str) -> AsyncGenerator[Sound, None]:
        """Piece by piece as espeak-ng makes it. Raises `SpeechError` where it is missing or does not know the voice."""
        text = plain(text)
        if not text:
            return
        process = await self._started()
        try:
            complaint = asyncio.create_task(_complaint(process))
            feeding = asyncio.create_task(_feed(process, text))
            try:
                async for sound in self._sounds(process):
                    yield sound
                await feeding
                status = await process.wait()
                if status:
                    raise SpeechError(self._why(status, await complaint))
            finally:
                feeding.cancel()
                complaint.cancel()
                await asyncio.gather(feeding, complaint, return_exceptions=True)
        finally:
            signalled(process)
            await process.wait()

    async def _started(self) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                *(self._program, "--stdout", "--stdin", "-b", "1", "-v", self.voice, "-s", str(self._pace)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=environment(),
                start_new_session=True,
            )
        except FileNotFoundError:
            raise SpeechError(f"{self._program}, which speaks, is not installed: `apt install espeak-ng`") from None
        except OSError as error:
            raise SpeechError(f"{self._program} can't be started: {error.strerror or error}") from error

    async def _sounds(self, process: Process) -> AsyncGenerator[Sound, None]:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        header = await self._read(process.stdout, _HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            return
        (rate_hz,) = struct.unpack_from("<I", header, 24)
        if header[:4] != b"RIFF" or header[36:40] != b"data" or not 4000 <= rate_hz <= 192_000:
            raise SpeechError(f"{self._program} writes no sound that is understood: is it espeak-ng?")
        rest = b""
        while block := await self._read(process.stdout):
            block = rest + block
            whole = len(block) // 2 * 2
            rest = block[whole:]
            yield Sound(np.frombuffer(block[:whole], dtype="<i2").astype(np.int16), rate_hz)

    async def _read(self, stream: asyncio.StreamReader, exactly: int = 0) -> bytes:
        try:
            async with asyncio.timeout(_SILENT_S):
                return await (stream.readexactly(exactly) if exactly else stream.read(_READ_BYTES))
        except asyncio.IncompleteReadError as error:
            return error.partial
        except TimeoutError:
            raise SpeechError(f"{self._program} has hung for {_SILENT_S:.0f} s and was ended") from None

    def _why(self, status: int, complaint: str) -> str:
        if "voice does not exist" in complaint:
            return (
                f"espeak-ng has no voice {self.voice!r}: set speech.voice to one that `espeak-ng --voices=en` lists, "
                "or to a Piper voice of `edge models list`"
            )
        how = f"was ended by signal {-status}" if status < 0 else f"ended with {status}"
        return f"{self._program} {how}{f': {complaint}' if complaint else ''}"


def plain(text: str) -> str:
    """The text without what espeak-ng and Piper take as orders: control characters and phonemes in [[ ]]."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.replace("[", " ").replace("]", " ").split())


async def _feed(process: Process, text: str) -> None:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    with contextlib.suppress(OSError):
        process.stdin.write(text.encode("utf-8", "replace"))
        process.stdin.close()
        await process.stdin.wait_closed()


async def _complaint(process: Process) -> str:
    assert process.stderr is not None  # noqa: S101 - it was asked for
    said = b""
    while block := await process.stderr.read(1024):
        said = (said + block)[:_WORDS_BYTES]
    return " ".join(said.decode("utf-8", "replace").split())
