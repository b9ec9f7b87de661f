"""`edge alarms explain`: what changed before an alarm's sensor went where it is."""

import argparse
from collections.abc import Mapping
from typing import Any, Final

from edge.api.wire import ControlClient
from edge.cli.sensors_explain import explained
from edge.errors import EdgeError

_AFTER_S: Final = 600.0
"""What made it begin has moved the sensor by then."""


def configure(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", json_form: argparse.ArgumentParser
) -> None:
    """Add the action."""
    action = actions.add_parser("explain", parents=[json_form], help="what changed before its sensor went there")
    action.add_argument("id", metavar="ID", help="an alarm's id")


def explain_alarm(client: ControlClient, args: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Its facts and its lines; raises `EdgeError` where there is no such alarm, or nothing measured."""
    alarm = _found(client, args.id)
    until_s = min(alarm["at_s"] + _AFTER_S, alarm["ended_s"] or float("inf"))
    facts, lines = explained(alarm["sensor"], until_s, _direction(alarm), file=None)
    return {"alarm": alarm, **facts}, [alarm["text"], *lines]


def _found(client: ControlClient, id_: str) -> Mapping[str, Any]:
    for known in (client.call("alarms", all=True), client.call("alarm_history", most=500)):
        for alarm in known["alarms"]:
            if alarm["id"] == id_:
                found: Mapping[str, Any] = alarm
                return found
    raise EdgeError(f"there is no alarm {id_}: `edge alarms list --all` and `edge alarms history` show those there are")


def _direction(alarm: Mapping[str, Any]) -> str | None:
    """Which way it went out of what is normal."""
    value, low, high = alarm["value"], alarm["low"], alarm["high"]
    if not isinstance(value, int | float):
        return None
    if high is not None and value > high:
        return "up"
    return "down" if low is not None and value < low else None
