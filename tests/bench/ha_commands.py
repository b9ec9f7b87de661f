"""Holds our entities against a running Home Assistant: the same discovery, states and services, message by message.

    python tests/bench/ha_commands.py --url http://127.0.0.1:8123 --token FILE --broker 127.0.0.1:1883
        [--write] [--data PAYLOADS.jsonl] [FILES]

Home Assistant must be connected to that broker. FILES are cases as in tests/data/discovery (the default); `--write`
puts what Home Assistant did into them, so that the tests hold us to it without one. `--data` takes discovery payloads
instead (a JSON object a line, `topic` and `payload`) and tries every service their entities have. Exit status 1 on a
difference.
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt

from edge.devices.model import DeviceState
from edge.mqtt.discovery import Discovery
from edge.mqtt.entity import Entity, UnsupportedServiceError

CASES = Path(__file__).parent.parent / "data" / "discovery"
STATIC = frozenset(
    (
        *("assumed_state", "attribution", "auto_update", "available_modes", "available_tones"),
        *("code_arm_required", "code_format", "color_temp", "device_class", "display_precision", "effect_list"),
        *("entity_picture", "event_types", "fan_modes", "fan_speed_list", "friendly_name", "hvac_modes"),
        *("icon", "is_closed", "max", "max_color_temp_kelvin", "max_humidity", "max_mireds", "max_temp", "min"),
        *("min_color_temp_kelvin", "min_humidity", "min_mireds", "min_temp", "mode_list", "operation_list"),
        *("options", "pattern", "percentage_step", "preset_modes", "release_summary", "release_url"),
        *("skipped_version", "source_type", "state_class", "step", "supported_color_modes"),
        *("supported_features", "swing_horizontal_modes", "swing_modes", "target_temp_step"),
        "unit_of_measurement",
    )
)
"""Attributes of Home Assistant's that describe the entity rather than its state."""
SETTLE_S = 0.2
SUBSCRIBED_S = 5.0
"""Home Assistant gathers new subscriptions for a while."""


class HomeAssistant:
    """Its REST API."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token

    def request(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 # a URL from the command line
            f"{self._url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.loads(answer.read() or "null")

    def state(self, entity_id: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.request("GET", f"/api/states/{entity_id}")
        except urllib.error.HTTPError:
            return None
        return found

    def call(self, entity_id: str, service: str, data: dict[str, Any]) -> str | None:
        """Why it refused, or None."""
        try:
            self.request(
                "POST", f"/api/services/{entity_id.partition('.')[0]}/{service}", {"entity_id": entity_id, **data}
            )
        except urllib.error.HTTPError as error:
            return f"{error.code} {error.read().decode(errors='replace')[:100]}"
        return None


class Broker:
    """Publishes, and keeps what others publish."""

    def __init__(self, host: str, port: int) -> None:
        self.seen: list[list[str]] = []
        self._own: list[tuple[str, str]] = []
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        self._client.connect(host, port)
        self._client.subscribe("#", 1)
        self._client.loop_start()

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        payload = message.payload.decode(errors="replace")
        if (message.topic, payload) in self._own:
            self._own.remove((message.topic, payload))
        elif not message.topic.startswith(("homeassistant/", "$SYS")):
            self.seen.append([message.topic, payload])

    def publish(self, topic: str, payload: str) -> None:
        self._own.append((topic, payload))
        self._client.publish(topic, payload, 1).wait_for_publish()


def ha_state(found: dict[str, Any] | None) -> dict[str, Any]:
    """A state of theirs in our shape: an event's is its kind, there its time."""
    if found is None:
        return {"state": None, "available": False, "attributes": {}}
    word, domain = found["state"], found["entity_id"].partition(".")[0]
    attributes = {key: value for key, value in found["attributes"].items() if key not in STATIC}
    if domain in ("number", "text"):
        attributes.pop("mode", None)
    known = word not in ("unknown", "unavailable")
    return {
        "state": (attributes.get("event_type") if domain == "event" else word) if known else None,
        "available": word != "unavailable",
        "attributes": attributes,
    }


def our_state(state: DeviceState) -> dict[str, Any]:
    """A state of ours in the same shape."""
    return {
        "state": state.state if state.available else None,
        "available": state.available,
        "attributes": json.loads(json.dumps(dict(state.attributes))) if state.available else {},
    }


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    found = [
        f"{key}: {ours[key]!r}, there {theirs[key]!r}" for key in ("state", "available") if ours[key] != theirs[key]
    ]
    for key, value in ours["attributes"].items():
        other = theirs["attributes"].get(key)
        hidden = key == "brightness" and theirs["attributes"].get("color_mode") == "unknown"
        if value != other and not hidden:
            found.append(f"{key}: {value!r}, there {other!r}")
    found += [
        f"{key}: missing, there {value!r}"
        for key, value in theirs["attributes"].items()
        if value is not None and key not in ours["attributes"] and not key.endswith("_color")
    ]
    return found


def command(
    entity: Entity, service: str, data: dict[str, Any], state: DeviceState
) -> tuple[list[list[str]], DeviceState]:
    """What we publish, and the state to go on with."""
    try:
        built = entity.command(service, data, state)
    except UnsupportedServiceError:
        return [], state
    if built.assumed:
        state = entity.assume(built.assumed)
    return [[each.topic, str(each.payload)] for each in built.publishes], state


def run_case(case: dict[str, Any], ha: HomeAssistant, broker: Broker) -> list[str]:
    changes = Discovery().feed(case["topic"], json.dumps(case["payload"]).encode())
    if not changes.added:
        return [f"not taken: {changes.problems}"]
    entity = changes.added[0]
    entity_id = entity.device.id
    if ha.state(entity_id) is None:
        return [f"{entity_id}: Home Assistant has no such entity"]
    found: list[str] = []
    state = entity.current
    for message in case["messages"]:
        topic, text = message[:2]
        broker.publish(topic, text)
        time.sleep(SETTLE_S)
        state = entity.receive(topic, text.encode()) or state
        theirs = ha_state(ha.state(entity_id))
        message[2:] = [theirs]
        found += [f"after {topic} {text}: {line}" for line in differences(our_state(state), theirs)]
    for step in case["commands"]:
        service, data = step[:2]
        broker.seen.clear()
        refused = ha.call(entity_id, service, data)
        time.sleep(SETTLE_S)
        theirs_sent = list(broker.seen)
        sent, state = command(entity, service, data, state)
        step[2:] = [theirs_sent]
        if sent != theirs_sent:
            found.append(f"{service} {data}: {sent}, there {theirs_sent}{f' ({refused})' if refused else ''}")
    broker.publish(case["topic"], "")
    return [f"{entity_id}: {line}" for line in found]


def written(case: dict[str, Any]) -> str:
    """A case as text: a line a key of the payload, a message, a command."""
    payload = ",\n".join(
        f"  {json.dumps({key: value}, ensure_ascii=False)[1:-1]}" for key, value in case["payload"].items()
    )
    lines = [f'{{"topic": {json.dumps(case["topic"])},', f'"payload": {{\n{payload}}},']
    for name in ("messages", "commands"):
        entries = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in case[name])
        lines.append(f'"{name}": [\n{entries}]' + ("," if name == "messages" else "}"))
    return "\n".join(lines) + "\n"


def tries(entity: Entity) -> list[list[Any]]:
    """Service calls for everything an entity can do."""
    options = entity.device.options
    found: list[list[Any]] = [["turn_on", {"brightness": 100}], ["turn_on", {"color_name": "red"}]]
    found += [["turn_on", {"color_temp_kelvin": 3000, "transition": 1}]]
    found += [["turn_on", {"effect": effect}] for effect in options.get("effects", ())[:1]]
    found = found if entity.device.domain == "light" else []
    middle = options.get("min", 0) + (options.get("max", 100) - options.get("min", 0)) / 2
    data: dict[str, list[dict[str, Any]]] = {
        "set_cover_position": [{"position": 40}],
        "set_cover_tilt_position": [{"tilt_position": 40}],
        "set_percentage": [{"percentage": 50}, {"percentage": 100}],
        "set_preset_mode": [{"preset_mode": mode} for mode in options.get("preset_modes", ())],
        "set_fan_mode": [{"fan_mode": mode} for mode in options.get("fan_modes", ())],
        "set_swing_mode": [{"swing_mode": mode} for mode in options.get("swing_modes", ())],
        "set_hvac_mode": [{"hvac_mode": mode} for mode in options.get("modes", ())],
        "set_temperature": [{"temperature": middle}, {"target_temp_low": middle, "target_temp_high": middle + 1}],
        "set_value": [{"value": middle if entity.device.domain == "number" else "a text"}],
        "select_option": [{"option": option} for option in options.get("options", ())[:3]],
    }
    for service in sorted(entity.device.features - {"toggle", "toggle_cover_tilt"}):
        found += [[service, each] for each in data.get(service, [{}])]
    return found


def cases_of(file: Path) -> dict[Path, dict[str, Any]]:
    """A case for each payload of a file: its availability topics say that it is there, then all its services."""
    discovery = Discovery()
    found: dict[Path, dict[str, Any]] = {}
    for line in file.read_text().splitlines():
        row = json.loads(line)
        for entity in discovery.feed(row["topic"], json.dumps(row["payload"]).encode()).added:
            topics = [each["topic"] for each in row["payload"].get("availability", ())]
            messages = [[topic, json.dumps({"state": "online"})] for topic in topics]
            case = {"topic": row["topic"], "payload": row["payload"], "messages": messages, "commands": tries(entity)}
            found[Path(entity.device.id)] = case
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8123")
    parser.add_argument("--token", type=Path, required=True, help="file with a long-lived access token")
    parser.add_argument("--broker", default="127.0.0.1:1883")
    parser.add_argument("--write", action="store_true", help="put what Home Assistant did into the cases")
    parser.add_argument("--data", type=Path, help="discovery payloads to try instead of the cases")
    parser.add_argument("files", nargs="*", type=Path)
    args = parser.parse_args()
    host, _, port = args.broker.partition(":")
    ha = HomeAssistant(args.url, args.token.read_text().strip())
    broker = Broker(host, int(port or 1883))
    time.sleep(0.5)
    wrong = 0
    files = args.files or sorted(CASES.glob("*.json"))
    cases = cases_of(args.data) if args.data else {file: json.loads(file.read_text()) for file in files}
    for case in cases.values():
        broker.publish(case["topic"], json.dumps(case["payload"]))
    time.sleep(SUBSCRIBED_S)
    for file, case in cases.items():
        found = run_case(case, ha, broker)
        wrong += len(found)
        print(f"{'differs' if found else 'agrees '}  {file.name if args.data else file.stem}")
        for line in found:
            print(f"    {line}")
        if args.write and not args.data:
            file.write_text(written(case))
    print(f"{wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
