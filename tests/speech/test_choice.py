"""Which wake words are listened for, and that a choice is kept."""

from pathlib import Path

import pytest

from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.router.model import Decision, Routing
from edge.settings import Loaded, Places
from edge.settings.model import Settings, SpeechSettings
from edge.speech.choice import WakeChoice
from edge.speech.parts import SpeechParts


def choice(tmp_path: Path, *words: str) -> WakeChoice:
    settings = Settings(speech=SpeechSettings(wake_words=words))
    loaded = Loaded(settings, Places(tmp_path / "c", tmp_path, tmp_path), ())
    parts = SpeechParts(loaded, Registry(), lambda text, _: Routing(text, Decision.IGNORE))
    return WakeChoice(parts, words, tmp_path / "wake-word.json")


async def test_the_settings_words_are_listened_for_until_another_is_chosen(tmp_path: Path) -> None:
    first = choice(tmp_path, "okay_nabu")
    assert (await first.load()).words == ("okay_nabu",)
    assert first.chosen == "okay_nabu"
    assert {"okay_nabu", "hey_jarvis", "alexa"} <= set(first.options)
    assert (await first.use("hey_jarvis")).words == ("hey_jarvis",)
    assert first.chosen == "hey_jarvis"
    again = choice(tmp_path, "okay_nabu")
    assert (await again.load()).words == ("hey_jarvis",)


async def test_other_words_in_the_settings_go_before_an_older_choice(tmp_path: Path) -> None:
    first = choice(tmp_path, "okay_nabu")
    await first.load()
    await first.use("hey_jarvis")
    changed = choice(tmp_path, "alexa")
    assert (await changed.load()).words == ("alexa",)


async def test_several_words_of_the_settings_are_one_option(tmp_path: Path) -> None:
    several = choice(tmp_path, "okay_nabu", "hey_jarvis")
    assert set((await several.load()).words) == {"okay_nabu", "hey_jarvis"}
    assert several.chosen == several.options[0] == "okay_nabu + hey_jarvis"
    await several.use("alexa")
    assert set((await several.use("okay_nabu + hey_jarvis")).words) == {"okay_nabu", "hey_jarvis"}


async def test_a_word_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    one = choice(tmp_path, "okay_nabu")
    await one.load()
    with pytest.raises(EdgeError, match="no wake word 'hey_you'"):
        await one.use("hey_you")
    assert one.chosen == "okay_nabu"


@pytest.mark.parametrize(
    "damage", [b"", b"[]", b'{"chosen": 1, "configured": 2}', b"\xff", b'{"configured": ["okay_nabu"]}']
)
async def test_a_damaged_file_is_no_choice(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "wake-word.json").write_bytes(damage)
    assert (await choice(tmp_path, "okay_nabu").load()).words == ("okay_nabu",)
