"""A house in which all is well: a real broker, sound server and model, a made-up Home Assistant, /proc and /sys."""

import asyncio
import hashlib
import json
import shutil
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.models import ModelStore
from edge.mqtt.broker import free_port
from edge.speech.wake.micro import bundled
from tests.gguf_maker import make
from tests.homeassistant.fake import TOKEN, FakeHomeAssistant
from tests.mosquitto import Mosquitto
from tests.sound_server import SoundServer
from tests.speech.satellites.simulated import simulated
from tests.speech.tts.voice_maker import make_voice

USER, PASSWORD = "box", "Kw7-plum-barn-kite"
REPOSITORY = Path(__file__).parents[3]


@dataclass
class House:
    """What a fault may change before doctor looks."""

    directory: Path
    broker: Mosquitto
    sound: SoundServer
    home: FakeHomeAssistant
    settings: dict[str, Any]
    """Tables of config.toml."""
    environment: dict[str, str]
    command: list[str] = field(default_factory=lambda: [sys.executable, "-m", "edge"])

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def tree(self) -> Path:
        return self.directory / "tree"

    @property
    def config(self) -> Path:
        return self.directory / "config.toml"

    @property
    def store(self) -> ModelStore:
        return ModelStore(self.state / "models")

    def write(self) -> None:
        """Settings as they are now."""
        lines = []
        for table, values in self.settings.items():
            entries = values if isinstance(values, list) else [values]
            head = f"[[{table}]]" if isinstance(values, list) else f"[{table}]"
            for entry in entries:
                lines += [head, *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
        self.config.write_text("\n".join(lines) + "\n")
        self.config.chmod(0o600)

    async def doctor(self, *arguments: str) -> tuple[float, list[dict[str, Any]]]:
        """How long it took, and what it found."""
        began_s = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *(*self.command, "doctor", "--json", "--root", str(self.tree), *arguments),
            env=self.environment,
            cwd=self.directory,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await process.communicate()
        took_s = time.perf_counter() - began_s
        try:
            return took_s, json.loads(said)["findings"]
        except ValueError:
            raise RuntimeError(complained.decode()) from None

    @asynccontextmanager
    async def service(self) -> AsyncIterator[None]:
        """`edge run` in this house, for the length of the block; it has read the house when this begins."""
        with (self.directory / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(*self.command, "run"), env=self.environment, cwd=self.directory, stdout=log, stderr=log
            )
        try:
            for _ in range(300):
                await asyncio.sleep(0.1)
                if b"service.ready" in (self.directory / "log").read_bytes():
                    break
            await asyncio.sleep(4.0)
            yield
        finally:
            if process.returncode is not None:
                raise RuntimeError((self.directory / "log").read_text()[-2000:])
            process.terminate()
            await process.wait()


@asynccontextmanager
async def house(directory: Path) -> AsyncIterator[House]:
    """A new one."""
    async with AsyncExitStack() as stack:
        for name in ("state", "sound", "broker"):
            (directory / name).mkdir(parents=True)
        passwords = directory / "passwords"
        making = await asyncio.create_subprocess_exec("mosquitto_passwd", "-b", "-c", str(passwords), USER, PASSWORD)
        await making.wait()
        passwords.chmod(0o644)
        broker = Mosquitto(directory / "broker", f"password_file {passwords}", anonymous=False)
        await stack.enter_async_context(broker)
        sound = await stack.enter_async_context(SoundServer(directory / "sound"))
        home = await stack.enter_async_context(FakeHomeAssistant())
        satellite = await stack.enter_async_context(simulated())
        for name, secret in (("token", TOKEN), ("password", PASSWORD)):
            (directory / name).write_text(secret)
            (directory / name).chmod(0o600)
        made = House(
            directory,
            broker,
            sound,
            home,
            {
                "mqtt": {
                    "broker": "127.0.0.1",
                    "port": broker.port,
                    "username": USER,
                    "password_file": str(directory / "password"),
                },
                "http": {"port": free_port(), "ollama_port": 0},
                "wyoming": {"enabled": False},
                "homeassistant": {"url": home.url, "token_file": str(directory / "token")},
                "speech": {"wake_words": ["okay_nabu", "sesame"]},
                "satellites": [{"name": "attic", "host": "127.0.0.1", "port": satellite.port}],
            },
            sound.environment
            | {
                "EDGE_CONFIG": str(directory / "config.toml"),
                "EDGE_STATE": str(directory / "state"),
                "EDGE_INSTALLATION": str(directory / "installation"),
                "PYTHONPATH": str(REPOSITORY),
            },
        )
        _furnish(made)
        yield made


def _furnish(made: House) -> None:
    made.write()
    tree(made.tree)
    release(made.directory / "installation")
    model = make(made.directory / "talker.gguf", "small", type_="Q8_0")
    made.store.use(made.store.add(model).name)
    made.store.use(made.store.add(make_voice(made.directory / "tiny.onnx")).name)
    wake = made.state / "models/wake"
    wake.mkdir(parents=True)
    for file in (bundled()["alexa"], bundled()["alexa"].with_suffix(".tflite")):
        shutil.copy(file, wake / file.name.replace("alexa", "sesame"))
    facts = json.loads((wake / "sesame.json").read_text())
    (wake / "sesame.json").write_text(json.dumps(facts | {"model": "sesame.tflite"}))


def tree(root: Path) -> None:
    """A board of 8 GB with a clock with a battery, cool, on a good supply, with a fresh eMMC."""
    files = {
        "proc/meminfo": "MemTotal: 8000000 kB\nMemAvailable: 6000000 kB\nSwapTotal: 0 kB\n",
        "proc/cpuinfo": "processor\t: 0\nmodel name\t: Bench\nFeatures\t: fp asimd\n",
        "sys/class/rtc/rtc0/hctosys": "1\n",
        "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
        "sys/class/thermal/thermal_zone0/temp": "48000\n",
        "sys/class/thermal/thermal_zone0/trip_point_0_type": "critical\n",
        "sys/class/thermal/thermal_zone0/trip_point_0_temp": "110000\n",
        "sys/devices/platform/soc/soc:firmware/get_throttled": "0\n",
        "sys/block/mmcblk0/device/life_time": "0x01 0x01\n",
        "sys/block/mmcblk0/device/pre_eol_info": "0x01\n",
        "sys/block/mmcblk0/device/name": "DG4032\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def release(root: Path) -> None:
    """An installed release, with the record that pip writes."""
    site = root / "releases/1.0.0/lib/python3.11/site-packages"
    (site / "edge").mkdir(parents=True)
    record = []
    for name in ("edge/__init__.py", "edge/errors.py", "edge/log.py"):
        shutil.copy(REPOSITORY / name, site / name)
        digest = urlsafe_b64encode(hashlib.sha256((site / name).read_bytes()).digest()).rstrip(b"=").decode()
        record.append(f"{name},sha256={digest},{(site / name).stat().st_size}")
    about = site / "edge_assistant-1.0.0.dist-info"
    about.mkdir()
    (about / "RECORD").write_text("\n".join([*record, "edge_assistant-1.0.0.dist-info/RECORD,,"]) + "\n")
    (root / "releases/1.0.0/complete").touch()
    (root / "current").symlink_to(root / "releases/1.0.0")
