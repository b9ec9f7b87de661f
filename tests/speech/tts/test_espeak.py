"""espeak-ng itself: text in, samples out, and what becomes of what it does not like."""

from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from edge.speech.sound import Samples, SpeechError
from edge.speech.tts.espeak import Espeak


async def samples(engine: Espeak, text: str) -> Samples:
    pieces = [sound.samples async for sound in engine.speak(text)]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)


async def test_it_speaks() -> None:
    sounds = [sound async for sound in Espeak().speak("The light is on.")]
    assert len(sounds) > 2
    assert {sound.rate_hz for sound in sounds} == {22_050}
    assert 0.5 < sum(sound.seconds for sound in sounds) < 3
    assert max(np.abs(sound.samples).max() for sound in sounds) > 3000


async def test_voices_differ() -> None:
    assert not np.array_equal(await samples(Espeak("en-gb"), "Hello."), await samples(Espeak("en-us+f3"), "Hello."))


async def test_a_voice_that_there_is_not_is_named_with_where_to_look() -> None:
    with pytest.raises(SpeechError, match=r"no voice 'nope': set speech.voice to one that `espeak-ng --voices=en`"):
        await samples(Espeak("nope"), "Hello.")


async def test_missing_it_is_named_with_what_to_install() -> None:
    with pytest.raises(SpeechError, match="apt install espeak-ng"):
        await samples(Espeak(program="espeak-ng-that-is-not-here"), "Hello.")


async def test_a_program_for_another_processor_is_named(tmp_path: Path) -> None:
    program = tmp_path / "espeak-ng"
    program.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xff\xfe" + bytes(100))
    program.chmod(0o755)
    with pytest.raises(SpeechError, match=r"espeak-ng can't be started: Exec format error"):
        await samples(Espeak(program=str(program)), "Hello.")


async def test_something_else_of_that_name_is_named(tmp_path: Path) -> None:
    program = tmp_path / "espeak-ng"
    program.write_text("#!/bin/sh\nseq 1 100\n")
    program.chmod(0o755)
    with pytest.raises(SpeechError, match="is it espeak-ng"):
        await samples(Espeak(program=str(program)), "Hello.")


@pytest.mark.parametrize("text", ["", "\x01\x02", "  \n"])
async def test_nothing_is_said_of_nothing(text: str) -> None:
    assert len(await samples(Espeak(), text)) == 0


@pytest.mark.parametrize(
    ("orders", "plain"),
    [
        ("[[h@l@U]]", "h@l@U"),
        ("\x0150P hello", "50P hello"),
        ("--help", "--help"),
        ("-f /etc/passwd", "-f /etc/passwd"),
    ],
)
async def test_what_looks_like_an_order_is_read_out(orders: str, plain: str) -> None:
    said = await samples(Espeak(), orders)
    assert len(said) > 2000
    assert np.array_equal(said, await samples(Espeak(), plain))


async def test_a_long_text_is_made_no_faster_than_it_is_taken_and_can_be_left() -> None:
    text = "This is one of many sentences. " * 2000
    async with aclosing(Espeak().speak(text)) as sounds:
        first = await anext(sounds)
        assert len(first.samples) > 0
