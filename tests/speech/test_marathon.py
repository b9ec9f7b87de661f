"""Sentence after sentence through the real recogniser, while its worker is killed and the microphone pulled out."""

import asyncio

from tests.speech.marathon import SENTENCES, household, run
from tests.speech.spoken import say


async def test_no_sentence_is_stuck_whatever_dies_meanwhile() -> None:
    sounds = [await asyncio.to_thread(say, text, "en-us+f3") for text in SENTENCES]
    result = await run(12, sounds, household())
    assert (result.stuck, result.killed, result.unplugged) == (0, 1, 1)
    assert result.answered >= 8
