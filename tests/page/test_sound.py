"""The first run hears: a bar that follows the microphone, a voice that is tried, a wake word that is told of."""

import asyncio
import contextlib
import shutil
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.page.axe import FILE
from tests.page.looking import PHONE, Looked, awaited, looking
from tests.page.staging import served
from tests.sound_server import SoundServer, environment
from tests.speech.spoken import hush, say, together

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BEFORE = ("Name", "Room", "Language and units", "MQTT broker", "Home Assistant")
_T = TypeVar("_T")


@dataclass
class Aside:
    """A loop in a thread of its own: the browser's stands in the main one."""

    loop: asyncio.AbstractEventLoop

    def __call__(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)


@contextlib.contextmanager
def aside() -> Iterator[Aside]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Aside(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextlib.contextmanager
def sounding(directory: Path, run: Aside) -> Iterator[SoundServer]:
    """A PulseAudio of its own, which everything that is started now talks to."""
    directory.mkdir(mode=0o700)
    server = SoundServer(directory)
    try:
        run(server.__aenter__())
    except RuntimeError as error:
        pytest.skip(f"PulseAudio can't be started here: {error}")
    try:
        with environment(server):
            yield server
    finally:
        run(server.__aexit__())


def level(tab: Looked) -> float:
    value: float = tab.page.get_by_label("Level of the microphone").evaluate("one => one.value")
    return value


@pytest.mark.skipif(
    any(shutil.which(program) is None for program in ("pulseaudio", "pactl", "pacat", "espeak-ng")),
    reason="needs Debian's pulseaudio and espeak-ng",
)
@pytest.mark.timeout(300)
def test_the_bar_follows_the_microphone_and_a_wake_word_is_told(browser: "Browser", tmp_path: Path) -> None:
    with (
        aside() as run,
        sounding(tmp_path / "sound", run) as sound,
        served(tmp_path, SPEECH__ENABLED="true") as here,
        looking(browser, here.base, PHONE) as tab,
    ):
        page = tab.page
        page.goto(here.base)
        for _ in BEFORE:
            title = page.locator(".step h2").inner_text()
            page.get_by_role("button", name="Skip this").click()
            page.locator(".step h2").filter(has_not_text=title).wait_for()
        page.get_by_role("heading", name="Microphone and loudspeaker").wait_for()
        page.get_by_text("The microphone is open").wait_for()
        page.locator("select option", has_text="(likeliest)").first.wait_for(state="attached")
        run(sound.play(hush(1.0)))
        awaited(tab, lambda: level(tab) < -50)
        talking = asyncio.run_coroutine_threadsafe(sound.play(together(*[say("is anybody there")] * 6)), run.loop)
        awaited(tab, lambda: level(tab) > -30)
        page.get_by_text("it hears you well").wait_for()
        talking.result(timeout=60)
        awaited(tab, lambda: level(tab) < -50)
        if FILE.is_file():
            assert tab.axe() == []
        page.get_by_role("button", name="Save and go on").click()
        page.get_by_role("heading", name="Wake word").wait_for()
        page.get_by_text("Say it now").wait_for()
        words = page.get_by_role("combobox", name="Wake word")
        heard(tab, run, sound, words.input_value())
        words.select_option("alexa")
        page.get_by_text("Say “alexa” now").wait_for()
        heard(tab, run, sound, "alexa")
        assert tab.troubles == []


def heard(tab: Looked, run: Aside, sound: SoundServer, word: str) -> None:
    """It is said, and again where it was not heard, as a person would; and the page tells of it."""
    spoken = word.replace("_", " ")
    told = tab.page.get_by_text(f"Heard “{spoken}”")
    for _ in range(4):
        run(sound.play(together(hush(1.0), say(spoken, "en-us"), hush(1.5))))
        if told.count():
            break
    told.wait_for()
    assert "% sure" in told.inner_text()
