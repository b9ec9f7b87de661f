"""`edge devices`: the devices, where they are and what they said last."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from edge.cli.session import session
from edge.cli.table import table

_SHOWN: Final[Mapping[str, Callable[[float], str]]] = {
    "brightness": lambda value: f"{round(value / 255 * 100)} %",
    "current_position": lambda value: f"{round(value)} %",
    "percentage": lambda value: f"{round(value)} %",
    "volume_level": lambda value: f"volume {round(value * 100)} %",
    "temperature": lambda value: f"set to {value}",
    "current_temperature": lambda value: f"now {value}",
}
"""The attributes worth a word beside the state."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge devices` takes."""
    parser.add_argument("--area", metavar="AREA", help="only those of one room, by id or name")
    parser.add_argument("--domain", metavar="DOMAIN", help="only those of one kind: light, sensor, …")
    parser.add_argument("--all", action="store_true", help="also the entities that configure or diagnose a device")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print them, by room."""
    asked = {key: value for key, value in (("area", args.area), ("domain", args.domain)) if value}
    with session() as client:
        facts = client.call("devices", **asked)
    devices = [one for one in facts["devices"] if args.all or not one["category"]]
    if args.json:
        print(json.dumps({**facts, "devices": devices}, ensure_ascii=False))
        return 0
    areas = {one["id"]: one["name"] for one in facts["areas"]}
    rows = [_row(one, areas) for one in sorted(devices, key=lambda one: (areas.get(one["area"], "~"), one["id"]))]
    print("\n".join(table(("AREA", "NAME", "ID", "STATE"), rows)) if rows else "No devices.")
    return 0


def _row(device: Mapping[str, Any], areas: Mapping[str, str]) -> Sequence[str]:
    return areas.get(device["area"], "-"), device["name"], device["id"], _state(device)


def _state(device: Mapping[str, Any]) -> str:
    if not device["available"]:
        return "off line"
    if device["state"] is None:
        return "?"
    unit = f" {device['unit']}" if device["unit"] else ""
    said = [f"{device['state']}{unit}" if device["id"].startswith(("sensor.", "number.")) else str(device["state"])]
    for name, show in _SHOWN.items():
        value = device["attributes"].get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            said.append(show(value))
    return ", ".join(said)
