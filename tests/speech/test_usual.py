"""What a board's profile says of hearing and speaking, and when that counts."""

import pytest

from edge.settings.model import SpeechSettings
from edge.speech.devices import AudioDevice, Direction, choose
from edge.speech.usual import preferred, recogniser
from edge.tuning.profiles import Speech, installed

PROFILES = {profile.name: profile.speech for profile in installed()}


def cards(*names: str) -> list[AudioDevice]:
    """As ALSA lists them through PortAudio."""
    return [AudioDevice(index, f"{name} (hw:{index},0)", 1, 2, 48_000) for index, name in enumerate(names)]


@pytest.mark.parametrize(
    ("board", "names", "chosen"),
    [
        ("raspberry-pi-4", ("vc4-hdmi-0: MAI PCM", "vc4-hdmi-1: MAI PCM", "bcm2835 Headphones: -"), 2),
        ("raspberry-pi-5", ("vc4-hdmi-0: MAI PCM", "snd_rpi_hifiberry_dac: HiFiBerry DAC"), 1),
        ("raspberry-pi-zero-2-w", ("bcm2835 HDMI 1: -", "seeed2micvoicec: bcm2835-i2s"), 1),
        ("raspberry-pi-4", ("bcm2835 Headphones: -", "USB Audio Device: -", "seeed2micvoicec: -"), 1),
        ("raspberry-pi-5", ("vc4-hdmi-0: MAI PCM", "vc4-hdmi-1: MAI PCM"), 0),
        ("jetson-orin-nano", ("NVIDIA Jetson Orin Nano APE: -", "NVIDIA Jetson Orin Nano HDA: HDMI"), 1),
        ("generic", ("HDA Intel: ALC", "USB Audio Device: -"), 1),
    ],
)
def test_a_loudspeaker_that_can_be_heard_is_the_likeliest(board: str, names: tuple[str, ...], chosen: int) -> None:
    patterns = preferred(PROFILES[board], Direction.OUTPUT)
    assert choose(cards(*names), Direction.OUTPUT, None, patterns).index == chosen


def test_a_person_chooses_whatever_the_board_says() -> None:
    patterns = preferred(PROFILES["raspberry-pi-4"], Direction.INPUT)
    listed = cards("USB Audio Device: -", "seeed2micvoicec: -")
    assert choose(listed, Direction.INPUT, None, patterns).index == 0
    assert choose(listed, Direction.INPUT, "seeed", patterns).index == 1


def test_the_boards_recogniser_counts_until_a_person_has_said_one() -> None:
    small = Speech("pocketsphinx")
    assert recogniser(SpeechSettings(), small) == "pocketsphinx"
    assert recogniser(SpeechSettings(recogniser="auto"), small) == "auto"
    assert recogniser(SpeechSettings(recogniser="faster-whisper"), small) == "faster-whisper"
    assert recogniser(SpeechSettings(), Speech()) == "auto"
