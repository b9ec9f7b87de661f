"""What satellites cost: `python -m tests.bench.satellites [--satellites 0 1 2 4] [--seconds 20] [--real DIRECTORY]`.

A mosquitto, `edge run` without a microphone, and satellites on loopback are started; prints, asserts nothing.

idle      processor time and memory of the service and its children while so many satellites stream a quiet room
command   from the end of the sound of an order to the device's command on the broker, the silence included
reply     from there to the first sound that the satellite is sent

`--real`: the same with wyoming-satellite itself, which streams always, once it hears speech, and after its own wake
word, which our Wyoming server finds; the directory is that of a virtual environment that has it (`python -m venv
DIRECTORY; DIRECTORY/bin/pip install 'wyoming-satellite[silerovad]'`).
"""

import argparse
import asyncio
import contextlib
import functools
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import numpy as np

from edge.speech.sound import RATE_HZ, Samples
from tests.bench.speech_room import cpu_s, mib, tree
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox
from tests.service.test_voice import CONFIG, lamp, said, sentence, service
from tests.speech.satellites.simulated import Simulated, simulated
from tests.speech.spoken import hush

ORDER = "switch off the kitchen light"
SATELLITE = """
[[satellites]]
name = "s{number}"
host = "127.0.0.1"
port = {port}
area = "Kitchen"
"""
MICROPHONE = """
import sys, time
sound, at, begin = open(sys.argv[1], "rb").read(), 0, time.monotonic()
while True:
    sys.stdout.buffer.write(sound[at:at + 2048] or bytes(2048))
    sys.stdout.buffer.flush()
    at += 2048
    time.sleep(max(0, begin + at / 32000 - time.monotonic()))
"""


async def idle(directory: Path, count: int, seconds: float) -> None:
    """So many satellites that stream a quiet room."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(Mosquitto(directory))
        there = [await stack.enter_async_context(simulated()) for _ in range(count)]
        config = CONFIG + "enabled = false\n"
        config += "".join(SATELLITE.format(number=number, port=one.port) for number, one in enumerate(there))
        running = await stack.enter_async_context(service(directory, broker, config=config))
        for _ in there:
            await running.until("satellite.ready")
        if there:
            await running.until("speech.ready")
        else:
            await running.until("service.ready")
        streams = [asyncio.create_task(one.hear(hush(seconds + 8), paced=True)) for one in there]
        await asyncio.sleep(5)
        pids = tree(running.process.pid)
        spent, began = cpu_s(pids), time.monotonic()
        await asyncio.sleep(seconds)
        share = (cpu_s(pids) - spent) / (time.monotonic() - began)
        memory = sum(mib(pid, "Pss") for pid in pids)
        print(f"{count} satellites  {100 * share:.2f} % of a core  {memory:.0f} MiB (Pss, {len(pids)} processes)")
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)


async def spoken_to(directory: Path, times: int) -> None:
    """One satellite that is given orders."""
    async with Mosquitto(directory) as broker, simulated() as there, lamp(broker) as (link, inbox):
        config = CONFIG + "enabled = false\n" + SATELLITE.format(number=0, port=there.port)
        async with service(directory, broker, config=config) as running:
            await running.until("satellite.ready")
            await running.until("speech.ready")
            for number in range(times):
                await link.publish("lamp/state", "ON", retain=True)
                command_ms, reply_ms = await ordered(there, inbox)
                print(f"{number}  command {command_ms:.0f} ms after the last sound, reply {reply_ms:.0f} ms later")


async def ordered(there: Simulated, inbox: Inbox) -> tuple[float, float]:
    """Say the order; milliseconds to the command, and from there to the reply."""
    commands, sounds = len(said(inbox, "lamp/set")), len(there.heard)
    sound = sentence(ORDER)
    talk = asyncio.create_task(there.hear(np.concatenate([sound, hush(4)]), paced=True))
    began = time.monotonic()
    await inbox.until(lambda _: len(said(inbox, "lamp/set")) > commands)
    command_s = time.monotonic() - began - (len(sound) / RATE_HZ - 1.5)
    at = time.monotonic()
    await there.until(lambda: there.playing or len(there.heard) > sounds)
    reply_s = time.monotonic() - at
    await talk
    await there.until(lambda: len(there.heard) > sounds)
    return 1000 * command_s, 1000 * reply_s


async def real(directory: Path, environment: Path, *, manner: str) -> None:
    """wyoming-satellite itself: it streams `always`, once it hears speech (`vad`), or after its `wake` word."""
    sound: Samples = np.concatenate([hush(14), sentence(ORDER), hush(30)])
    (directory / "sound.raw").write_bytes(sound.astype("<i2").tobytes())
    (directory / "microphone.py").write_text(MICROPHONE)
    port, wyoming = free_port(), free_port()
    words = [f"--mic-command={sys.executable} {directory}/microphone.py {directory}/sound.raw"]
    words += [f"--snd-command=tee -a {directory}/played.raw", f"--uri=tcp://127.0.0.1:{port}", "--name=real"]
    words += [f"--wake-uri=tcp://127.0.0.1:{wyoming}", "--wake-word-name=okay_nabu"] if manner == "wake" else []
    words += ["--vad"] if manner == "vad" else []
    config = CONFIG + "enabled = false\n" + SATELLITE.format(number=0, port=port)
    config += f"[wyoming]\nport = {wyoming}\n"
    async with Mosquitto(directory) as broker, lamp(broker) as (_, inbox):
        async with service(directory, broker, config=config) as running:
            await running.until("service.ready")
            await asyncio.sleep(1)
            async with program(str(environment / "bin/python"), "-m", "wyoming_satellite", "--no-zeroconf", *words):
                facts = await running.until("satellite.ready")
                print(f"wyoming-satellite {facts}")
                await inbox.until(lambda _: said(inbox, "lamp/set") == ["OFF"])
                await asyncio.sleep(4)
        played = (directory / "played.raw").stat().st_size / 2 / 22_050
        print(f"streams: {manner}  commands {said(inbox, 'lamp/set')}  played {played:.1f} s")


@asynccontextmanager
async def program(*words: str) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.DEVNULL)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def main(args: argparse.Namespace) -> None:
    jobs = [functools.partial(idle, count=count, seconds=args.seconds) for count in args.satellites]
    jobs += [functools.partial(spoken_to, times=args.times)] if args.times else []
    if args.real:
        jobs += [functools.partial(real, environment=args.real, manner=manner) for manner in ("always", "vad", "wake")]
    for job in jobs:
        with tempfile.TemporaryDirectory() as directory:
            await job(Path(directory))


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--satellites", type=int, nargs="*", default=[0, 1, 2, 4])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--real", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(_parsed()))
