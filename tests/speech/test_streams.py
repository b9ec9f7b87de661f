"""Other programs on the sound server make way and come back; a real PulseAudio."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.speech.streams import Streams
from tests.sound_server import SoundServer

LOUD, LOW, OTHER = "80%", "24%", "50%"


async def entries(sound: SoundServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await sound.control("-f", "json", "list", "sink-inputs"))
    return found


@asynccontextmanager
async def music(sound: SoundServer, sink: str = "speaker") -> AsyncIterator[str]:
    """Somebody else plays; gives the number of the stream."""
    process = await asyncio.create_subprocess_exec(
        *("pacat", "--playback", f"--device={sink}", "--raw"), "/dev/zero", env=sound.environment
    )
    try:
        async with asyncio.timeout(20):
            while True:
                ours = [one for one in await entries(sound) if is_of(one, process.pid)]
                if ours:
                    break
        index = str(ours[0]["index"])
        await sound.control("set-sink-input-volume", index, LOUD)
        yield index
    finally:
        process.kill()
        await process.wait()


def is_of(entry: dict[str, Any], pid: int) -> bool:
    return bool(entry["properties"].get("application.process.id") == str(pid))


async def volume(sound: SoundServer, stream: str) -> str:
    one = next(one for one in await entries(sound) if str(one["index"]) == stream)
    (percent,) = {channel["value_percent"] for channel in one["volume"].values()}
    return str(percent)


async def test_a_program_is_quieter_and_then_as_before(sound: SoundServer, tmp_path: Path) -> None:
    streams = Streams(tmp_path / "streams.json", share=0.3)
    async with music(sound) as stream:
        await streams.duck()
        assert await volume(sound, stream) == LOW
        await streams.restore()
        assert await volume(sound, stream) == LOUD
        assert not (tmp_path / "streams.json").exists()


async def test_after_a_restart_it_is_put_right_and_what_was_set_meanwhile_is_not(
    sound: SoundServer, tmp_path: Path
) -> None:
    file = tmp_path / "streams.json"
    async with music(sound) as stream:
        await Streams(file, share=0.3).duck()
        await Streams(file, share=0.5).restore()
        assert await volume(sound, stream) == LOUD
        await Streams(file, share=0.3).duck()
        await sound.control("set-sink-input-volume", stream, OTHER)
        await Streams(file, share=0.3).restore()
        assert await volume(sound, stream) == OTHER


async def test_what_plays_through_another_loudspeaker_goes_on(sound: SoundServer, tmp_path: Path) -> None:
    async with music(sound, "mic") as stream:
        await Streams(tmp_path / "streams.json", share=0.3).duck()
        assert await volume(sound, stream) == LOUD
        await Streams(tmp_path / "streams.json", share=0.3, loudspeaker="Mic").duck()
        assert await volume(sound, stream) == LOW


async def test_a_program_that_has_gone_is_forgotten(sound: SoundServer, tmp_path: Path) -> None:
    streams = Streams(tmp_path / "streams.json", share=0.3)
    async with music(sound):
        await streams.duck()
    await streams.restore()
    assert not (tmp_path / "streams.json").exists()


async def test_without_a_server_or_with_a_broken_file_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    file = tmp_path / "streams.json"
    file.write_text('[{"index": "x"}]')
    streams = Streams(file, share=0.3)
    await streams.duck()
    await streams.restore()
