"""A day in the life of the service where nothing but the loopback interface exists; run inside `unshare --net`.

`python -m tests.service.loopback_only DIRECTORY` starts `edge run` as it is shipped, with a lamp in its configuration,
is that lamp, asks over MQTT and from the command line, and ends the service. Prints what came out, as JSON.
"""

import asyncio
import fcntl
import json
import os
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.settings import places

CONFIG = """\
node = "alone"

[[areas]]
id = "study"
name = "Study"

[[devices]]
id = "light.desk_lamp"
name = "Desk Lamp"
area = "Study"
command_topic = "lamp/set"
state_topic = "lamp/state"
"""
EDGE = (sys.executable, "-c", "import sys; from edge.cli.main import main; sys.exit(main())")
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def raise_loopback() -> None:
    """A new namespace has its loopback interface, but down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


async def live(directory: Path) -> dict[str, Any]:
    """Everything that came out."""
    config = directory / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    os.environ |= {"EDGE_CONFIG": str(config), "EDGE_STATE": str(directory / "state")}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        ready.bind(str(directory / "notify"))
        ready.setblocking(False)
        service = await asyncio.create_subprocess_exec(
            *EDGE, "run", env=os.environ | {"NOTIFY_SOCKET": str(directory / "notify")}
        )
        try:
            async with asyncio.timeout(60):
                said = b""
                while b"READY=1" not in said:
                    said = await asyncio.get_running_loop().sock_recv(ready, 4096)
                answers = await talk(json.loads(places().broker_address.read_text(encoding="utf-8")))
                answers["time"] = await command("ask", "what time is it")
                answers["chat"] = await command("ask", "why is the sky blue")
        finally:
            service.send_signal(signal.SIGTERM)
            answers_status = await asyncio.wait_for(service.wait(), 10)
    return answers | {"status": answers_status, "interfaces": [name for _, name in socket.if_nameindex()]}


async def talk(broker: dict[str, Any]) -> dict[str, Any]:
    """Ask for light over MQTT, and be the lamp that hears of it."""
    commands: list[str] = []
    properties = Properties(PacketTypes.PUBLISH)
    properties.ResponseTopic, properties.CorrelationData = "somebody/replies", b"7"
    async with aiomqtt.Client(broker["host"], broker["port"], protocol=aiomqtt.ProtocolVersion.V5) as client:
        for topic in ("lamp/set", "somebody/replies"):
            await client.subscribe(topic, qos=1)
        await client.publish("edge/alone/ask", "switch the desk lamp on", qos=1, properties=properties)
        async for message in client.messages:
            payload = bytes(message.payload).decode()
            if str(message.topic) == "lamp/set":
                commands.append(payload)
                await client.publish("lamp/state", payload, qos=1)
                continue
            return {
                "commands": commands,
                "reply": json.loads(payload),
                "correlation": message.properties.CorrelationData.decode(),
            }
    raise AssertionError("the broker closed the connection")


async def command(*words: str) -> str:
    """What an `edge` command prints; raises where it fails."""
    process = await asyncio.create_subprocess_exec(*EDGE, *words, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"edge {' '.join(words)}: exit status {process.returncode}")
    return printed.decode().strip()


if __name__ == "__main__":
    raise_loopback()
    print(json.dumps(asyncio.run(live(Path(sys.argv[1])))))
