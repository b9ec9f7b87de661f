"""What a conversation costs: `python -m tests.bench.speech_room [--times 20] [--idle 20]`; prints, asserts nothing.

A PulseAudio, a mosquitto and `edge run` are started; the wake word and an order are played into its microphone.

decision  from the end of the sentence, after the silence that ends it, to what is meant: the service's own figure
command   from there to the device's command on the broker
sound     from the command to the first sound in the loudspeaker's monitor, `parec`'s 20 ms included
idle      processor time and memory of the service and its children while nobody speaks
"""

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from edge.speech.levels import rms_dbfs
from tests.bench.service import percentile
from tests.mosquitto import Mosquitto
from tests.service.test_life import Running
from tests.service.test_voice import lamp, said, sentence, service
from tests.sound_server import SoundServer, environment

LOUD_DBFS = -50.0
ORDER = "switch off the kitchen light"


def tree(pid: int) -> list[int]:
    """A process and all that come from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in tree(int(child)))]


def cpu_s(pids: list[int]) -> float:
    """Processor time so far."""
    spent = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def mib(pid: int, what: str) -> float:
    """`Rss` or `Pss` of a process."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def command_of(pid: int) -> str:
    """The end of its command line."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[-50:]


async def idle(pid: int, seconds: float) -> None:
    before = {one: cpu_s([one]) for one in tree(pid)}
    await asyncio.sleep(seconds)
    total = 0.0
    for one in tree(pid):
        share = (cpu_s([one]) - before.get(one, 0.0)) / seconds
        total += share
        memory = f"{mib(one, 'Rss'):6.1f} MiB resident, {mib(one, 'Pss'):6.1f} own"
        print(f"idle     {share:6.2%} of a core, {memory}: {command_of(one)}")
    print(f"idle     {total:6.2%} of a core, {sum(mib(one, 'Pss') for one in tree(pid)):6.1f} MiB in all")


async def converse(times: int, idle_s: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "sound").mkdir(mode=0o700)
        (directory / "mosquitto").mkdir()
        async with SoundServer(directory / "sound") as sound, Mosquitto(directory / "mosquitto") as broker:
            with environment(sound):
                async with lamp(broker) as (link, inbox), service(directory, broker) as running:
                    began = time.monotonic()
                    await running.until("voice.ready")
                    await running.until("speech.ready")
                    print(f"ready    {time.monotonic() - began:.2f} s after the start")
                    await idle(running.process.pid, idle_s)
                    figures = []
                    for _ in range(times):
                        await link.publish("lamp/state", "ON", retain=True)
                        inbox.messages.clear()
                        figures.append(await once(running, sound, inbox))
                    report(figures)
                    await idle(running.process.pid, 1.0)


async def once(running: Running, sound: SoundServer, inbox: object) -> tuple[float, float, float] | None:
    """Milliseconds of decision, command and sound; None where it was not understood."""
    moments: dict[str, float] = {}

    async def command() -> None:
        await inbox.until(lambda _: said(inbox, "lamp/set") == ["OFF"])  # type: ignore[attr-defined]
        moments["command"] = time.time()

    async def spoken() -> None:
        await recording.until(lambda samples: loud(samples, sounded))
        moments["sound"] = time.time()

    async with sound.recording() as recording:
        sounded = len(recording.samples)
        listening = [asyncio.create_task(command()), asyncio.create_task(spoken())]
        try:
            await sound.play(sentence(ORDER))
            facts = await running.until("room.heard")
            await asyncio.wait_for(asyncio.gather(*listening), 10)
        except TimeoutError:
            return None
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
        await inbox.until(lambda _: said(inbox, "edge/test/listening")[-1:] == ["idle"])  # type: ignore[attr-defined]
    over = facts["time"] - facts["ms"] / 1000
    return facts["ms"], (moments["command"] - over) * 1000, (moments["sound"] - moments["command"]) * 1000


def loud(samples: np.ndarray, since: int) -> bool:
    return rms_dbfs(samples[max(since, len(samples) - 320) :]) > LOUD_DBFS


def report(figures: list[tuple[float, float, float] | None]) -> None:
    right = [figure for figure in figures if figure is not None]
    print(f"understood {len(right)} of {len(figures)}")
    for place, name in enumerate(("decision", "command", "sound")):
        values = [figure[place] for figure in right]
        if values:
            print(f"{name:<8} p50 {percentile(values, 0.5):6.0f} ms, p95 {percentile(values, 0.95):6.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--idle", type=float, default=20.0)
    args = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    asyncio.run(converse(args.times, args.idle))


if __name__ == "__main__":
    main()
