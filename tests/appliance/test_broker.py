"""The flashed machine's own broker, with the configuration of the image and the passwords of a start."""

import asyncio
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from edge.appliance.password import told_password
from edge.mqtt.broker import free_port
from tests.appliance.machines import Board
from tests.mosquitto import MOSQUITTO

TOP = Path(__file__).parents[2]


@asynccontextmanager
async def broker_of(house: Board) -> AsyncIterator[int]:
    """Its port."""
    port = free_port()
    state = house.machine.root / "mosquitto"
    state.mkdir()
    text = (TOP / "systemd/image/mosquitto.conf").read_text()
    for was, now in (
        ("listener 1883\n", f"user root\nlistener {port} 127.0.0.1\n"),
        ("/etc/edge/broker/passwords", str(house.machine.config / "broker/passwords")),
        ("/var/lib/mosquitto/", f"{state}/"),
    ):
        assert was in text
        text = text.replace(was, now)
    config = house.machine.root / "mosquitto.conf"
    config.write_text(text)
    process: Process = await asyncio.create_subprocess_exec(
        MOSQUITTO, "-c", str(config), stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    assert process.returncode is None, "it ended"
                    await asyncio.sleep(0.01)
                    continue
                writer.close()
                break
        yield port
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_it_lets_in_whoever_has_the_password_and_nobody_else(house: Board) -> None:
    await asyncio.to_thread(house.start)
    told = await asyncio.to_thread(told_password, house.machine)
    ours = await asyncio.to_thread((house.machine.secrets / "broker").read_text)
    async with broker_of(house) as port:
        for user, password in (("house", told), ("edge", ours.strip())):
            async with aiomqtt.Client("127.0.0.1", port, username=user, password=password) as client:
                await client.publish("a/b", "c", qos=1)
        for user, password in (("house", "wrong"), ("edge", told), (None, None)):
            with pytest.raises(aiomqtt.MqttError):
                async with aiomqtt.Client("127.0.0.1", port, username=user, password=password):
                    pass
