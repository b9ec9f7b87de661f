"""What is to be said, sentence by sentence, while it may still be coming in; knows how far it has been heard."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final

from edge.speech.sound import SpeechError

MOST_WORDS: Final = 3000
"""About twenty minutes of speech."""
_LONG: Final = 220
"""Characters after which a sentence is cut at a comma, so that its beginning need not wait for its end."""
_END: Final = re.compile(r"""(?:[.!?…]+["')\]’”]*|;)\s+|\n+\s*""")
_COMMA: Final = re.compile(r"[,–—]\s+|\s+[–—-]\s+")
_GOES_ON: Final = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|[A-Za-z]\.[A-Za-z]|Mrs?|Ms|Dr|Prof|St|Mt|Sr|Jr|No|vs|etc|approx|temp|min|max|incl|ca|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun|\d{1,2})\.$"
)
"""Full stops that end no sentence."""


class Splitter:
    """Cuts text that comes in pieces into sentences."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that are complete now."""
        self._rest += piece
        found: list[str] = []
        while (at := self._end()) is not None:
            found.append(self._rest[:at].strip())
            self._rest = self._rest[at:]
        return [sentence for sentence in found if sentence]

    def rest(self) -> list[str]:
        """What is left, when there is no more to come."""
        rest, self._rest = self._rest.strip(), ""
        return [rest] if rest else []

    def _end(self) -> int | None:
        for match in _END.finditer(self._rest):
            stop = self._rest[: match.end()].rstrip()
            follows = self._rest[match.end() : match.end() + 1]
            if not match.group().strip():
                return match.end()
            if not follows:
                break
            if match.end() > _LONG:
                break
            if not (follows.islower() and stop[-1] != ";") and not _GOES_ON.search(stop):
                return match.end()
        return self._cut()

    def _cut(self) -> int | None:
        """Where a long sentence may be cut: at its last comma in reach, or between words."""
        if len(self._rest) <= _LONG:
            return None
        commas = [match.end() for match in _COMMA.finditer(self._rest, 0, _LONG)]
        if commas and commas[-1] > _LONG // 4:
            return commas[-1]
        space = self._rest.rfind(" ", 1, _LONG)
        return space + 1 if space > 0 else _LONG


def sentences(text: str) -> list[str]:
    """A whole text as sentences."""
    splitter = Splitter()
    return [*splitter.feed(text), *splitter.rest()]


class Script:
    """A text, whole or still being written; read on where it was left off. Closing it ends the reading."""

    def __init__(self, text: str | AsyncIterator[str]) -> None:
        """Raises `SpeechError` for a text that would take longer than anybody listens."""
        self.sentences: list[str] = []
        self.heard = 0
        """How many of them have been heard."""
        self._news = asyncio.Event()
        self._error: Exception | None = None
        self._reading: asyncio.Task[None] | None = None
        if isinstance(text, str):
            require_short(text)
            self.sentences = sentences(text)
        else:
            self._reading = asyncio.create_task(self._read(text))

    @property
    def text(self) -> str:
        """What has come so far."""
        return " ".join(self.sentences)

    async def left(self) -> AsyncIterator[tuple[int, str]]:
        """Number and text of each sentence that was not heard yet, as they come; raises what the writer raised."""
        at = self.heard
        while True:
            while at < len(self.sentences):
                yield at, self.sentences[at]
                at += 1
            if self._reading is None:
                break
            self._news.clear()
            await self._news.wait()
        if self._error is not None:
            raise self._error

    async def close(self) -> None:
        """No more is wanted."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self, pieces: AsyncIterator[str]) -> None:
        splitter, words = Splitter(), 0
        try:
            async for piece in pieces:
                self._take(splitter.feed(piece))
                words += len(piece.split())
                if words > MOST_WORDS:
                    break
        except Exception as error:  # noqa: BLE001 (told to whoever listens)
            self._error = error
        finally:
            self._take(splitter.rest())
            close = getattr(pieces, "aclose", None)
            if close is not None:
                await close()
            self._reading = None
            self._news.set()

    def _take(self, found: list[str]) -> None:
        self.sentences += found
        if found:
            self._news.set()


def require_short(text: str) -> None:
    """Raises `SpeechError` for a text that would take longer than anybody listens."""
    words = len(text.split())
    if words > MOST_WORDS:
        raise SpeechError(
            f"the text has {words} words, {words // 150} minutes of speech: at most {MOST_WORDS} are said at once; "
            "give it in parts, or write it to a file with `edge say --wav FILE`"
        )
