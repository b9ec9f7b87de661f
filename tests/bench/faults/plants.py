"""How each fault of `doctor_faults.toml` is planted in a house; undone by leaving the block."""

import asyncio
import json
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiomqtt

from edge.llm.fast_path import Verdicts, verdict_key
from edge.mqtt.broker import free_port
from edge.router import golden
from edge.schedule import Schedule
from edge.schedule.model import Item
from edge.schedule.system_clock import SystemClock
from edge.tuning import probe
from tests.bench.faults.house import PASSWORD, REPOSITORY, USER, House

Plant = Callable[[House], AbstractAsyncContextManager[None]]
PLANTS: dict[str, Plant] = {}


def plants(name: str) -> Callable[[Callable[[House], AsyncIterator[None]]], None]:
    def keep(work: Callable[[House], AsyncIterator[None]]) -> None:
        PLANTS[name] = asynccontextmanager(work)

    return keep


@asynccontextmanager
async def settings(house: House, table: str, **values: Any) -> AsyncIterator[None]:
    """With other settings."""
    before = json.loads(json.dumps(house.settings))
    house.settings.setdefault(table, {}).update(values)
    house.write()
    try:
        yield
    finally:
        house.settings = before
        house.write()


@contextmanager
def exchanged(file: Path, data: bytes) -> Iterator[None]:
    """With another content, or with a file that there was not."""
    before, mode = (file.read_bytes(), file.stat().st_mode) if file.exists() else (None, 0)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    try:
        yield
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)
            file.chmod(mode)


@plants("broker-down")
async def _(house: House) -> AsyncIterator[None]:
    async with settings(house, "mqtt", port=free_port()):
        yield


@plants("broker-password")
async def _(house: House) -> AsyncIterator[None]:
    with exchanged(house.directory / "password", b"another"):
        yield


@plants("clock-wrong")
async def _(house: House) -> AsyncIterator[None]:
    file = house.state / "lists.sqlite"
    file.touch()
    ahead_s = time.time() + 365 * 86_400
    os.utime(file, (ahead_s, ahead_s))
    yield
    file.unlink()


@plants("clock-untrusted")
async def _(house: House) -> AsyncIterator[None]:
    shutil.rmtree(house.tree / "sys/class/rtc")
    yield
    (house.tree / "sys/class/rtc/rtc0").mkdir(parents=True)
    (house.tree / "sys/class/rtc/rtc0/hctosys").write_text("1\n")


@plants("no-microphone")
async def _(house: House) -> AsyncIterator[None]:
    await house.sound.pull_out()
    yield
    await house.sound.plug_in()


@plants("microphone-muted")
async def _(house: House) -> AsyncIterator[None]:
    await house.sound.control("set-source-mute", "microphone", "1")
    yield
    await house.sound.control("set-source-mute", "microphone", "0")


@plants("no-loudspeaker")
async def _(house: House) -> AsyncIterator[None]:
    await house.sound.pull_out()
    await house.sound.stop()
    await house.sound.start()
    source = ("module-pipe-source", "source_name=microphone", "format=s16le", "rate=16000", "channels=1")
    await house.sound.control("load-module", *source, f"file={house.directory}/pipe")
    yield
    await house.sound.stop()
    await house.sound.start()
    await house.sound.load("speaker")
    await house.sound.control("set-default-sink", "speaker")
    await house.sound.plug_in()


@plants("wake-model-damaged")
async def _(house: House) -> AsyncIterator[None]:
    file = house.state / "models/wake/sesame.tflite"
    with exchanged(file, file.read_bytes()[:900]):
        yield


@plants("voice-missing")
async def _(house: House) -> AsyncIterator[None]:
    async with settings(house, "speech", voice="nightingale"):
        yield


@plants("recogniser-missing")
async def _(house: House) -> AsyncIterator[None]:
    async with settings(house, "speech", recogniser="faster-whisper"):
        yield


@asynccontextmanager
async def _own_package(house: House) -> AsyncIterator[Path]:
    """Doctor runs from a copy of the package that may be damaged."""
    copy = house.directory / "package"
    shutil.copytree(REPOSITORY / "edge", copy / "edge", ignore=shutil.ignore_patterns("training"))
    house.environment["PYTHONPATH"] = str(copy)
    try:
        yield copy / "edge/router"
    finally:
        house.environment["PYTHONPATH"] = str(REPOSITORY)
        shutil.rmtree(copy)


@plants("router-damaged")
async def _(house: House) -> AsyncIterator[None]:
    async with _own_package(house) as router:
        file = router / "weights/router.onnx"
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 0xFF
        file.write_bytes(data)
        yield


@plants("router-answers")
async def _(house: House) -> AsyncIterator[None]:
    async with _own_package(house) as router:
        words = router / "weights/words.bin"
        data = words.read_bytes()
        row = 385
        words.write_bytes(data[13 * row :] + data[: 13 * row])  # every word is another
        file = router / "golden.json"
        known = json.loads(file.read_text())
        file.write_text(json.dumps(known | {"digests": golden.digests(router / "weights")}))
        yield


@plants("model-short")
async def _(house: House) -> AsyncIterator[None]:
    model = house.store.in_use()
    assert model is not None
    data = model.path.read_bytes()
    stamp = model.path.stat()
    model.path.write_bytes(data[: len(data) // 2])
    yield
    model.path.write_bytes(data)
    os.utime(model.path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


@plants("memory-plan")
async def _(house: House) -> AsyncIterator[None]:
    meminfo = b"MemTotal: 512000 kB\nMemAvailable: 30000 kB\nSwapTotal: 0 kB\n"
    with exchanged(house.tree / "proc/meminfo", meminfo):
        yield


@plants("disk-nearly-full")
async def _(house: House) -> AsyncIterator[None]:
    small = house.directory / "small"
    small.mkdir()
    mounting = await asyncio.create_subprocess_exec("mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", str(small))
    assert await mounting.wait() == 0, "mounting needs root"
    usual = house.environment["EDGE_STATE"]
    house.environment["EDGE_STATE"] = str(small)
    try:
        room = os.statvfs(small)
        (small / "photos").write_bytes(b"x" * int(room.f_bavail * room.f_frsize * 0.98))
        yield
    finally:
        house.environment["EDGE_STATE"] = usual
        await (await asyncio.create_subprocess_exec("umount", str(small))).wait()
        small.rmdir()


@plants("hot-and-throttled")
async def _(house: House) -> AsyncIterator[None]:
    with (
        exchanged(house.tree / "sys/class/thermal/thermal_zone0/temp", b"84000\n"),
        exchanged(house.tree / "sys/devices/platform/soc/soc:firmware/get_throttled", b"60006\n"),
    ):
        yield


@plants("undervoltage")
async def _(house: House) -> AsyncIterator[None]:
    with exchanged(house.tree / "sys/devices/platform/soc/soc:firmware/get_throttled", b"10000\n"):
        yield


@plants("state-not-writable")
async def _(house: House) -> AsyncIterator[None]:
    usual = list(house.command)
    os.chown(house.state, 65_534, 65_534)
    # As a user who may read everything here, and write only what is its own.
    house.command = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *usual]
    yield
    house.command = usual
    os.chown(house.state, os.geteuid(), os.getegid())


@plants("port-taken")
async def _(house: House) -> AsyncIterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        async with settings(house, "http", port=other.getsockname()[1]):
            yield


@plants("homeassistant-token")
async def _(house: House) -> AsyncIterator[None]:
    with exchanged(house.directory / "token", b"another"):
        yield


@plants("discovery-twice")
async def _(house: House) -> AsyncIterator[None]:
    topics = [f"homeassistant/light/{name}/config" for name in ("one", "two")]
    payload = json.dumps({"unique_id": "0xabc", "name": "Lamp", "command_topic": "lamp/set", "state_topic": "lamp"})
    async with aiomqtt.Client("127.0.0.1", house.broker.port, username=USER, password=PASSWORD) as client:
        for topic in topics:
            await client.publish(topic, payload, qos=1, retain=True)
        yield
        for topic in topics:
            await client.publish(topic, "", qos=1, retain=True)


@plants("card-worn")
async def _(house: House) -> AsyncIterator[None]:
    device = house.tree / "sys/block/mmcblk0/device"
    with exchanged(device / "life_time", b"0x09 0x09\n"), exchanged(device / "pre_eol_info", b"0x03\n"):
        yield


@plants("release-damaged")
async def _(house: House) -> AsyncIterator[None]:
    file = house.directory / "installation/releases/1.0.0/lib/python3.11/site-packages/edge/errors.py"
    with exchanged(file, file.read_bytes() + b"\n"):
        yield


@plants("unknown-setting")
async def _(house: House) -> AsyncIterator[None]:
    async with settings(house, "speech", vioce="amy"):
        yield


@plants("satellite-unreachable")
async def _(house: House) -> AsyncIterator[None]:
    before = house.settings["satellites"]
    house.settings["satellites"] = [{**before[0], "port": free_port()}]
    house.write()
    yield
    house.settings["satellites"] = before
    house.write()


@plants("token-open")
async def _(house: House) -> AsyncIterator[None]:
    file = house.directory / "token"
    file.chmod(0o644)
    yield
    file.chmod(0o600)


@plants("database-damaged")
async def _(house: House) -> AsyncIterator[None]:
    file = house.state / "schedule.sqlite"
    async with Schedule(file, SystemClock(), boot_id="bench") as schedule:
        text = "thing number {} of a long list of things to buy"
        await schedule.put_items([Item(f"i{number}", "shopping", text.format(number)) for number in range(300)])
    data = bytearray(file.read_bytes())
    middle = len(data) // 8192 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    file.write_bytes(data)
    yield
    for one in house.state.glob("schedule.sqlite*"):
        one.unlink()


@plants("model-answers")
async def _(house: House) -> AsyncIterator[None]:
    model = house.store.in_use()
    assert model is not None
    header, hardware = house.store.header(model), probe(house.tree)
    directory = house.state / "llm"
    directory.mkdir(exist_ok=True)
    verdicts = Verdicts(directory)
    for fast in (True, False):
        verdicts.remember(verdict_key(header, hardware, fast=fast), False, "weights of type Q8_0 give wrong values")
    yield
    shutil.rmtree(directory)
