"""Hardware without a sound server: strict rates and channels, busy and hung devices, which one is taken."""

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest

from edge.speech import portaudio as portaudio_module
from edge.speech.audio import PortAudioLoudspeaker, PortAudioMicrophone
from edge.speech.devices import AudioDevice, Direction, Node, choose, with_nodes
from edge.speech.levels import rms_dbfs
from edge.speech.opening import mono
from edge.speech.portaudio import PortAudio
from edge.speech.sound import FRAME, RATE_HZ, SpeechError
from tests.speech.fake_portaudio import FakeDevice, FakePortAudio
from tests.speech.listener import listening, one, pitch_hz, tone


@pytest.fixture(autouse=True)
def no_sound_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pactl` finds nothing."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")


@pytest.mark.parametrize(("rate_hz", "channels"), [(44_100, 1), (48_000, 2), (32_000, 1), (16_000, 6), (8_000, 2)])
async def test_any_rate_and_number_of_channels_becomes_ours(rate_hz: int, channels: int) -> None:
    library = FakePortAudio(hardware=[FakeDevice("USB (hw:1,0)", channels, 0, (rate_hz,), (channels,))])
    microphone = PortAudioMicrophone(library=library)
    async with listening(microphone) as heard:
        device = await library.next_opened()
        device.give(np.repeat(tone(440, 2, rate_hz)[:, np.newaxis], channels, axis=1))
        await heard.until(lambda: heard.loud() >= 55)
    samples = np.concatenate([frame for frame in heard.frames if rms_dbfs(frame) > -20])
    assert len(samples) == pytest.approx(2 * RATE_HZ, rel=0.06)
    assert abs(pitch_hz(samples[:RATE_HZ]) - 440) < 2


async def test_a_rate_that_nothing_can_is_named() -> None:
    library = FakePortAudio(hardware=[FakeDevice("odd (hw:1,0)", 1, 0, (12_345,), (7,))])
    microphone = PortAudioMicrophone(library=library)
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.trouble is not None)
        assert "takes no rate or number of channels" in (microphone.state.trouble or "")


async def test_a_busy_microphone_is_named_and_taken_once_it_is_free() -> None:
    hardware = FakeDevice("USB (hw:1,0)", busy=True)
    library = FakePortAudio(hardware=[hardware])
    microphone = PortAudioMicrophone(library=library)
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.trouble is not None)
        assert "Device unavailable" in (microphone.state.trouble or "")
        hardware.busy = False
        await library.next_opened()
        await heard.until(lambda: microphone.state.device is not None)


async def test_a_microphone_that_ends_is_looked_for_again() -> None:
    library = FakePortAudio(hardware=[FakeDevice("USB (hw:1,0)")])
    microphone = PortAudioMicrophone(library=library)
    async with listening(microphone) as heard:
        first = await library.next_opened()
        first.give(tone(440, 1))
        await heard.until(lambda: heard.loud() >= 30)
        first.stream.end()
        second = await library.next_opened()
        before = len(heard.frames)
        second.give(tone(440, 1))
        await heard.until(lambda: heard.loud(since=before) >= 30)


async def test_a_microphone_that_falls_dumb_is_opened_anew() -> None:
    library = FakePortAudio(hardware=[FakeDevice("USB (hw:1,0)")])
    async with listening(PortAudioMicrophone(library=library)):
        first = await library.next_opened()
        first.give(tone(440, 0.1))
        assert (await library.next_opened()) is not first


async def test_a_loudspeaker_with_two_channels_and_a_rate_of_its_own_plays_all() -> None:
    library = FakePortAudio(hardware=[FakeDevice("DAC (hw:0,0)", 0, 2, (44_100,), (2,))])
    playing = asyncio.create_task(PortAudioLoudspeaker(library=library).play(one(tone(440, 0.5), RATE_HZ)))
    device = await library.next_opened()
    await asyncio.sleep(0)
    played = []
    from sounddevice import CallbackStop

    with pytest.raises(CallbackStop):
        while True:
            played.append(device.take(441))
            await asyncio.sleep(0)
    device.stream.end()
    await playing
    heard = np.concatenate(played)
    assert np.array_equal(heard[:, 0], heard[:, 1])
    loud = heard[np.abs(heard[:, 0]) > 0, 0]
    assert len(loud) == pytest.approx(0.5 * 44_100, rel=0.03)
    assert abs(pitch_hz(loud[:8000], 44_100) - 440) < 6


async def test_a_loudspeaker_pulled_out_goes_on_in_the_next_one() -> None:
    library = FakePortAudio(hardware=[FakeDevice("DAC (hw:0,0)", 0, 1)])
    playing = asyncio.create_task(PortAudioLoudspeaker(library=library).play(one(tone(440, 2.0))))
    first = await library.next_opened()
    await first.sounds()
    first.stream.end()
    second = await library.next_opened()
    await second.sounds()
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing


async def test_a_loudspeaker_that_does_not_come_back_is_said() -> None:
    library = FakePortAudio(hardware=[FakeDevice("DAC (hw:0,0)", 0, 1)])
    playing = asyncio.create_task(PortAudioLoudspeaker(library=library).play(one(tone(440, 5.0))))
    first = await library.next_opened()
    library.hardware.clear()
    first.stream.end()
    with pytest.raises(SpeechError, match="there is no loudspeaker: plug one in"):
        await playing


async def test_a_driver_that_hangs_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio_module, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(portaudio_module, "_HUNG_S", 0.0)
    library, let_go = PortAudio(), threading.Event()
    monkeypatch.setattr(library, "_list", lambda **_: let_go.wait())
    with pytest.raises(SpeechError, match="has not answered"):
        await library.devices()
    monkeypatch.setattr(library, "_list", lambda **_: ())
    assert await library.devices() == ()
    let_go.set()


async def test_a_driver_that_is_slow_has_no_second_thread_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio_module, "_PATIENCE_S", 0.05)
    library, let_go, inside = PortAudio(), threading.Event(), []

    def slow(**_: bool) -> tuple[AudioDevice, ...]:
        inside.append(threading.current_thread())
        let_go.wait()
        return ()

    monkeypatch.setattr(library, "_list", slow)
    for _ in range(3):
        with pytest.raises(SpeechError, match="has not answered"):
            await library.devices()
    assert len(inside) == 1
    let_go.set()
    monkeypatch.setattr(portaudio_module, "_PATIENCE_S", 10.0)
    assert await library.devices() == ()
    assert len(set(inside)) == 1


def device(name: str, inputs: int = 1, outputs: int = 1, node: Node | None = None) -> AudioDevice:
    """One of PortAudio's."""
    return AudioDevice(0, name, inputs, outputs, 48_000, node)


def chosen(devices: list[AudioDevice], wanted: str | None = None) -> str:
    """Its name."""
    return str(choose(devices, Direction.INPUT, wanted))


def test_the_likeliest_device_is_taken() -> None:
    onboard, usb, default = device("bcm2835: - (hw:0,0)"), device("USB PnP: Audio (hw:2,0)"), device("default")
    assert chosen([default, onboard, usb]) == usb.name
    assert chosen([default, onboard]) == onboard.name
    assert chosen([default]) == "default"
    assert chosen([device("hdmi (hw:0,1)", inputs=0), default]) == "default"
    assert chosen([onboard, usb], "BCM") == onboard.name


def test_of_a_server_s_sources_the_one_without_echo_is_taken_and_never_a_monitor() -> None:
    nodes = [
        Node(0, "speaker.monitor", is_monitor=True, is_default=True),
        Node(1, "built-in", "Built-in Microphone"),
        Node(2, "usb", "Jabra Speak", is_default=True),
    ]
    listed = [device("default"), device("pulse"), device("USB (hw:2,0)")]
    assert chosen(with_nodes(listed, nodes)) == "usb"
    assert chosen(with_nodes(listed, [*nodes, Node(3, "x.echo-cancel", cancels_echo=True)])) == "x.echo-cancel"
    assert chosen(with_nodes(listed, nodes), "built-in micro") == "built-in"
    assert chosen(with_nodes(listed, nodes), "speaker.monitor") == "speaker.monitor"
    assert chosen(with_nodes(listed, nodes[:1])) == "USB (hw:2,0)"
    assert chosen(with_nodes(listed, None)) == "pulse"


def test_two_channels_are_mixed_and_of_more_the_first_is_taken() -> None:
    stereo = np.array([[100, 300], [-100, -300]], dtype=np.int16).ravel()
    assert mono(stereo, 2).tolist() == [200, -200]
    assert mono(np.arange(12, dtype=np.int16), 6).tolist() == [0, 6]
    assert mono(np.arange(FRAME, dtype=np.int16), 1).shape == (FRAME,)


async def test_a_cancellation_is_never_lost_while_sound_flows() -> None:
    library = FakePortAudio(hardware=[FakeDevice("DAC (hw:0,0)", 0, 1)])
    for waits in range(30):
        playing = asyncio.create_task(PortAudioLoudspeaker(library=library).play(one(tone(440, 30))))
        device = await library.next_opened()
        await device.sounds()
        for _ in range(waits % 4):
            await asyncio.sleep(0)
        device.take(160)
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(playing, 10)


async def test_what_nobody_foresaw_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    library = FakePortAudio(hardware=[FakeDevice("USB (hw:1,0)")])
    listed, library.hardware[0].rates_hz = library.hardware[0].rates_hz, ()
    microphone = PortAudioMicrophone(library=library)
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.trouble is not None)
        assert "IndexError" in (microphone.state.trouble or "")
        library.hardware[0].rates_hz = listed
        await library.next_opened()
    assert "microphone.failed" in caplog.text
