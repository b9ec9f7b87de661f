"""Music in the room of the service makes way while it speaks, and one that died meanwhile leaves nothing quiet."""

import signal
from pathlib import Path

from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from edge.mqtt.subscriptions import Received
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox
from tests.service.test_voice import CONFIG, said, service
from tests.sound_server import SoundServer

RADIO = """
[[devices]]
id = "media_player.radio"
name = "Radio"
area = "kitchen"
state_topic = "radio/state"
volume_command_topic = "radio/volume/set"
volume_state_topic = "radio/volume"
"""
STORY = "This is a story that goes on for quite a while. And then it goes on for a little longer than that."


async def test_music_makes_way_and_comes_back_even_after_the_service_was_killed(
    sound: SoundServer, broker: Mosquitto, tmp_path: Path
) -> None:
    inbox = Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="radio") as link:

        def on_command(message: Received) -> None:
            inbox(message)
            link.post("radio/volume", message.payload, retain=True)

        link.subscribe(["radio/volume/set"], on_command, qos=1)
        await link.connected()
        await link.publish("radio/state", "playing", retain=True)
        await link.publish("radio/volume", "0.5", retain=True)
        async with service(tmp_path, broker, config=CONFIG + RADIO) as running:
            await running.until("voice.ready")
            await link.publish("edge/test/say", "Hello.")
            await inbox.until(lambda _: said(inbox, "radio/volume/set") == ["0.15", "0.5"])
            await link.publish("edge/test/say", STORY)
            await inbox.until(lambda _: said(inbox, "radio/volume/set")[2:] == ["0.15"])
            running.process.send_signal(signal.SIGKILL)
        async with service(tmp_path, broker, config=CONFIG + RADIO) as running:
            await inbox.until(lambda _: said(inbox, "radio/volume/set")[3:] == ["0.5"])
            assert await running.end() == 0


assert CONFIG
