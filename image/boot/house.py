"""The house as it is seen from outside the machine: its broker, its answers, its page."""

import base64
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Self

import paho.mqtt.client as mqtt

from image.boot.machine import MachineError


@dataclass(frozen=True, slots=True)
class Message:
    """One message, and the monotonic time at which it came."""

    topic: str
    payload: bytes
    at: float
    retained: bool


class House:
    """A client of the machine's broker, under the name that the house's devices have there."""

    def __init__(self, port: int, password: str, *, user: str = "house") -> None:
        self._port = port
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(user, password)
        self._client.on_message = self._took
        self._client.on_connect = self._connected
        self._changed = threading.Condition()
        self._messages: list[Message] = []
        self._there = False
        self._refused = ""
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def connect(self, timeout_s: float) -> None:
        """Connect, however long the broker takes to come up; later losses are made good. Raises `MachineError`."""
        self._client.reconnect_delay_set(1, 2)
        self._client.connect_async("127.0.0.1", self._port, keepalive=60)
        self._client.loop_start()
        with self._changed:
            if not self._changed.wait_for(lambda: self._there, timeout_s):
                why = self._refused or "it does not answer"
                raise MachineError(f"the broker does not let us in within {timeout_s:.0f} s: {why}")

    @property
    def messages(self) -> list[Message]:
        """All that came until now."""
        with self._changed:
            return list(self._messages)

    def until(self, what: str, wanted: Any, timeout_s: float) -> Message:
        """The first message, of those that came and will come, that `wanted` says yes to. Raises `MachineError`."""
        deadline = time.monotonic() + timeout_s
        seen = 0
        with self._changed:
            while True:
                for message in self._messages[seen:]:
                    if wanted(message):
                        return message
                seen = len(self._messages)
                if not self._changed.wait(deadline - time.monotonic()) or time.monotonic() > deadline:
                    raise MachineError(f"{what}: not within {timeout_s:.0f} s")

    def publish(self, topic: str, payload: str, *, retain: bool = False, timeout_s: float = 10.0) -> bool:
        """Send with quality 1; whether the broker acknowledged it."""
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        try:
            sent.wait_for_publish(timeout_s)
        except (RuntimeError, ValueError):
            return False
        return sent.is_published()

    def ask(self, node: str, text: str, timeout_s: float) -> dict[str, Any]:
        """The assistant's reply to a sentence. Raises `MachineError`."""
        self._asked += 1
        number = f"boot-{time.monotonic_ns()}-{self._asked}"
        self.publish(f"edge/{node}/ask", json.dumps({"text": text, "id": number}))
        reply = self.until(
            f"a reply to {text!r}",
            lambda message: message.topic == f"edge/{node}/reply" and number.encode() in message.payload,
            timeout_s,
        )
        answer: dict[str, Any] = json.loads(reply.payload)
        return answer

    def node(self, timeout_s: float) -> str:
        """The name of the assistant on the broker, once it says that it is there."""
        there = self.until(
            "the service is there",
            lambda message: message.topic.startswith("edge/") and message.topic.endswith("/state")
            and message.payload == b"online",
            timeout_s,
        )  # fmt: skip
        return there.topic.split("/")[1]

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        with self._changed:
            self._there = not reason.is_failure
            self._refused = "" if self._there else str(reason)
            self._changed.notify_all()
        if self._there:
            client.subscribe("#", qos=1)

    def _took(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        one = Message(message.topic, message.payload, time.monotonic(), bool(message.retain))
        with self._changed:
            self._messages.append(one)
            self._changed.notify_all()


def page_status(port: int, password: str | None, path: str = "/", timeout_s: float = 20.0) -> int:
    """The HTTP status of a page, with the password where one is given; 0 where nobody answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if password is not None:
        request.add_header("Authorization", "Basic " + base64.b64encode(f"edge:{password}".encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310 - the address is ours
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
