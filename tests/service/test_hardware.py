"""Attached hardware in the whole service, without a broker: commanded by words, asked about, safe after any end."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.service.test_life import Running

ROOT = Path(__file__).parents[2]
NO_BROKER = {"EDGE_MQTT__BROKER": "127.0.0.1", "EDGE_MQTT__PORT": "9"}
SETTINGS = """\
[[areas]]
id = "cellar"
name = "Cellar"

[[hardware]]
kind = "relay"
pin = 17
name = "Pump"
area = "Cellar"
active_low = true

[[hardware]]
kind = "relay"
pin = 22
name = "Front door"
id = "lock.front_door"

[[hardware]]
kind = "led"
pin = 99
name = "Lantern"

[[hardware]]
kind = "hwmon"
source = "no_such_chip/temp1"
name = "Boiler"
"""


def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "pins").mkdir(exist_ok=True)
    env = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
    env |= {"EDGE_STATE": str(tmp_path / "s"), "EDGE_CONFIG": str(tmp_path / "config.toml"), "EDGE_NODE": "test"}
    env |= {"EDGE_WYOMING__ENABLED": "false", "EDGE_HTTP__ENABLED": "false", "PINS": str(tmp_path / "pins")}
    return env | NO_BROKER


@asynccontextmanager
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    (tmp_path / "config.toml").write_text(SETTINGS)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.hardware.run_pins", "serve"),
        env=environment(tmp_path),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Running(tmp_path / "s", process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def make_safe(tmp_path: Path) -> tuple[int | None, str]:
    """What the unit runs once the service has ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.hardware.run_pins", "appliance", "hardware-safe"),
        env=environment(tmp_path),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


def pin(tmp_path: Path, name: str) -> str:
    return (tmp_path / "pins" / name).read_text()


async def test_it_is_a_part_of_the_house_without_any_broker_and_safe_at_the_end(tmp_path: Path) -> None:
    async with service(tmp_path) as running:
        await running.until("hardware.begun")
        assert pin(tmp_path, "GPIO17") == "1"  # low is on
        await running.until("service.ready")
        status = await running.call("status")
        assert status["broker"]["state"] != "connected"
        assert any("GPIO 99" in problem and "such as 17" in problem for problem in status["problems"])
        assert status["hardware"]["unread"].keys() == {"sensor.boiler"}

        devices = {one["id"]: one for one in (await running.call("devices"))["devices"]}
        assert devices["switch.pump"]["area"] == "cellar"
        assert not devices["light.lantern"]["available"]
        assert devices["lock.front_door"]["state"] == "locked"

        reply = await running.call("ask", text="turn on pump")
        assert reply["decision"] == "act"
        assert pin(tmp_path, "GPIO17") == "0"

        asked = await running.call("ask", text="unlock front door")
        assert asked["listen"]
        assert pin(tmp_path, "GPIO22") == "0"
        await running.call("ask", text="yes")
        assert pin(tmp_path, "GPIO22") == "1"
        assert await running.end() == 0
    assert (pin(tmp_path, "GPIO17"), pin(tmp_path, "GPIO22")) == ("input", "input")
    status, said = await make_safe(tmp_path)
    assert status == 1
    assert "GPIO 99" in said
    assert (pin(tmp_path, "GPIO17"), pin(tmp_path, "GPIO22")) == ("1", "0")


async def test_what_is_on_when_it_is_killed_is_made_safe_afterwards(tmp_path: Path) -> None:
    async with service(tmp_path) as running:
        await running.until("service.ready")
        await running.call("ask", text="turn on pump")
        running.process.kill()
        await running.process.wait()
        assert pin(tmp_path, "GPIO17") == "0"
    assert (await make_safe(tmp_path))[0] == 1  # for GPIO 99, which there is not
    assert pin(tmp_path, "GPIO17") == "1"
