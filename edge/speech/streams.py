"""Other programs that play through this machine's sound server make way while somebody speaks."""

import asyncio
import json
import logging
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from edge.files import replace_file
from edge.speech.devices import Direction
from edge.speech.pulse import nodes, pactl

log = logging.getLogger(__name__)

_SAME: Final = 656
"""Volumes this near are one: a hundredth of `_FULL`."""
_FULL: Final = 65_536


@dataclass(frozen=True, slots=True)
class Stream:
    """What one program plays: its number and the program's, and how loud each channel is, `_FULL` for as it is."""

    index: int
    process: str
    volumes: tuple[int, ...]
    low: tuple[int, ...] = ()
    """How loud it was told to be meanwhile."""


class Streams:
    """A `Ducking`. What is quieter when the service dies is put right by the next `restore`."""

    def __init__(self, file: Path, *, share: float, loudspeaker: str | None = None) -> None:
        """`share`: 0..1 of its volume that is left to a program. `file`: keeps what they were like.

        `loudspeaker`: the name of ours, or a part of it; what plays through others goes on. None: the server's default.
        """
        self._wanted = loudspeaker
        self._file = file
        self._share = share

    async def duck(self) -> None:
        """Make those that play quieter."""
        await self.restore()
        sink = await self._sink()
        if sink is None:
            return
        playing = [self._quieter(stream) for stream in await _playing(sink) if max(stream.volumes) > _SAME]
        if not playing:
            return
        await asyncio.to_thread(_save, self._file, playing)
        await asyncio.gather(*(_set(stream, stream.low) for stream in playing))

    async def restore(self) -> None:
        """Make them as loud as they were, but those that somebody has set otherwise, and those that are gone."""
        before = await asyncio.to_thread(_load, self._file)
        if not before:
            return
        now = {(stream.index, stream.process): stream for stream in await _playing()}
        for stream in before:
            found = now.get((stream.index, stream.process))
            if found is not None and _same(found.volumes, stream.low):
                await _set(stream, stream.volumes)
        await asyncio.to_thread(_save, self._file, [])

    async def _sink(self) -> int | None:
        """The number of the one that we play through."""
        sinks = await nodes(Direction.OUTPUT) or ()
        wanted = (self._wanted or "").casefold()
        named = [one for one in sinks if wanted and wanted in f"{one.name}\n{one.description}".casefold()]
        return next((one.index for one in (*named, *sinks) if one in named or one.is_default), None)

    def _quieter(self, stream: Stream) -> Stream:
        return replace(stream, low=tuple(round(volume * self._share) for volume in stream.volumes))


async def _playing(sink: int | None = None) -> list[Stream]:
    """What other programs play now through that sink; None: through any, and what is silent for the moment too."""
    listed = await pactl("-f", "json", "list", "sink-inputs")
    try:
        entries: list[dict[str, Any]] = json.loads(listed or b"[]")
        return [_stream(entry) for entry in entries if _is_others(entry) and (sink is None or _sounds(entry, sink))]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("pulse.not_understood", extra={"reason": repr(error)})
        return []


def _is_others(entry: dict[str, Any]) -> bool:
    """Not ours, and not the server's own, through which our own voice may go on its way to the loudspeaker."""
    process = _process(entry)
    return bool(process and entry.get("volume")) and process != str(os.getpid())


def _sounds(entry: dict[str, Any], sink: int) -> bool:
    return entry.get("sink") == sink and not entry.get("mute") and not entry.get("corked")


def _process(entry: dict[str, Any]) -> str:
    return str(entry.get("properties", {}).get("application.process.id", ""))


def _stream(entry: dict[str, Any]) -> Stream:
    volumes = tuple(int(channel["value"]) for channel in entry["volume"].values())
    return Stream(int(entry["index"]), _process(entry), volumes)


async def _set(stream: Stream, volumes: tuple[int, ...]) -> None:
    await pactl("set-sink-input-volume", str(stream.index), *(str(volume) for volume in volumes))


def _volumes(kept: list[Any]) -> tuple[int, ...]:
    return tuple(int(volume) for volume in kept)


def _same(some: tuple[int, ...], others: tuple[int, ...]) -> bool:
    return len(some) == len(others) and all(abs(one - other) < _SAME for one, other in zip(some, others, strict=True))


def _load(file: Path) -> list[Stream]:
    try:
        return [
            Stream(int(one["index"]), str(one["process"]), _volumes(one["volumes"]), _volumes(one["low"]))
            for one in json.loads(file.read_bytes())
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        log.warning("ducking.not_remembered", extra={"file": str(file), "reason": str(error)})
        return []


def _save(file: Path, streams: list[Stream]) -> None:
    try:
        if streams:
            replace_file(file, json.dumps([asdict(stream) for stream in streams]).encode())
        else:
            file.unlink(missing_ok=True)
    except OSError as error:
        log.warning("ducking.not_kept", extra={"file": str(file), "reason": str(error)})
