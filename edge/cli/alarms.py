"""`edge alarms`: what is wrong, or was; acknowledge it, mute it, and see the rules people made."""

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from edge.api.wire import ControlClient
from edge.cli import alarms_explain
from edge.cli.table import table
from edge.settings import control_sockets, places

_PATIENCE_S: Final = 10.0
_UNITS: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_SPAN: Final = re.compile(r"(\d{1,6})\s*(s|min|m|h|d|w)")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge alarms` takes."""
    parser.set_defaults(all=False)
    json_form = argparse.ArgumentParser(add_help=False)
    json_form.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    parser.add_argument("--json", action="store_true", help="print JSON")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", parents=[json_form], help="those that are active or not seen (as without)")
    listing.add_argument("--all", action="store_true", help="those too that are over and seen")
    ack = actions.add_parser("ack", parents=[json_form], help="say that you have seen it")
    ack.add_argument("which", metavar="WHICH", help="an alarm's id, a sensor's id or name, or all")
    mute = actions.add_parser("mute", parents=[json_form], help="tell nobody for a while, such as during maintenance")
    mute.add_argument("sensor", nargs="?", metavar="SENSOR", help="an id or a name; every sensor unless given")
    mute.add_argument("--area", help="every sensor there")
    mute.add_argument("--for", dest="for_s", type=_span, default=3600.0, metavar="TIME", help="30min, 2h (1h), 3d")
    unmute = actions.add_parser("unmute", parents=[json_form], help="tell again")
    unmute.add_argument("sensor", nargs="?", metavar="SENSOR", help="an id or a name; all there are unless given")
    unmute.add_argument("--area")
    past = actions.add_parser("history", parents=[json_form], help="those that are over and seen, or old")
    past.add_argument("--most", type=int, default=50, metavar="N", help="the latest so many (50)")
    alarms_explain.configure(actions, json_form)
    rules = actions.add_parser("rules", parents=[json_form], help="what people asked to be warned of")
    rules.add_argument("--remove", metavar="ID", help="watch for it no more")


def main(args: argparse.Namespace) -> int:
    """Fails where no service runs."""
    with ControlClient(*control_sockets(places()), timeout_s=_PATIENCE_S) as client:
        facts, lines = _DO[args.action or "list"](client, args)
    print(json.dumps(facts, ensure_ascii=False) if args.json else "\n".join(lines))
    return 0


Told = tuple[dict[str, Any], list[str]]


def _list(client: ControlClient, args: argparse.Namespace) -> Told:
    facts = client.call("alarms", all=args.all)
    lines = [line for alarm in facts["alarms"] for line in _alarm(alarm)] or ["There are no alarms."]
    return facts, lines + [f"muted until {_time(mute['until_s'])}: {mute['scope']}" for mute in facts["muted"]]


def _ack(client: ControlClient, args: argparse.Namespace) -> Told:
    facts = client.call("alarm_acknowledge", which=args.which)
    lines = [f"seen: {alarm['text']}" for alarm in facts["acknowledged"]]
    return facts, lines or ["That was seen already."]


def _mute(client: ControlClient, args: argparse.Namespace) -> Told:
    facts = client.call("alarm_mute", for_s=args.for_s, **_scope(args))
    return facts, [f"muted until {_time(facts['muted']['until_s'])}: {facts['muted']['scope']}"]


def _unmute(client: ControlClient, args: argparse.Namespace) -> Told:
    facts = client.call("alarm_unmute", **_scope(args))
    return facts, [f"no longer muted: {one['scope']}" for one in facts["unmuted"]] or ["Nothing of that was muted."]


def _history(client: ControlClient, args: argparse.Namespace) -> Told:
    facts = client.call("alarm_history", most=args.most)
    rows = [
        (_time(one["since_s"]), _time(one["ended_s"]), one["severity"], one["name"], one["kind"], str(one["count"]))
        for one in facts["alarms"]
    ]
    heads = ("BEGAN", "ENDED", "SEVERITY", "SENSOR", "KIND", "TIMES")
    return facts, table(heads, rows) if rows else ["No alarm is over yet."]


def _rules(client: ControlClient, args: argparse.Namespace) -> Told:
    if args.remove is not None:
        facts = client.call("alarm_rule_remove", id=args.remove)
        return facts, [f"removed: {facts['removed']['said'] or facts['removed']['id']}"]
    facts = client.call("alarm_rules")
    rows = [_rule(one) for one in facts["rules"]]
    heads = ("ID", "SENSORS", "WHEN", "FOR", "SEVERITY", "SAID")
    return facts, table(heads, rows) if rows else ["Nobody has asked to be warned of anything."]


_DO: Final = {
    "list": _list,
    "ack": _ack,
    "mute": _mute,
    "unmute": _unmute,
    "history": _history,
    "rules": _rules,
    "explain": alarms_explain.explain_alarm,
}


def _alarm(alarm: Mapping[str, Any]) -> list[str]:
    state = alarm["state"] if alarm["state"] == "cleared" else alarm["severity"]
    seen = ", seen" if alarm["acknowledged"] else ""
    flags = f"{seen}{', muted' if alarm['muted'] else ''}"
    times = f", {alarm['count']} times" if alarm["count"] > 1 else ""
    head = f"{alarm['id']}  {state}{flags}{times}: {alarm['text']}"
    return [head, f"          {alarm['advice']}"] if alarm["advice"] and alarm["state"] == "active" else [head]


def _rule(rule: Mapping[str, Any]) -> Sequence[str]:
    threshold = rule["threshold"]
    shown = f"{threshold:g}" if isinstance(threshold, float | int) else threshold
    besides = f" and {len(rule['also'])} more" if rule["also"] else ""
    hold = f"{rule['hold_s']:g} s" if rule["hold_s"] else "-"
    when = f"{rule['relation'].replace('_', ' ')} {shown}{besides}"
    return rule["id"], ", ".join(rule["sensors"]), when, hold, rule["severity"], rule["said"] or "-"


def _scope(args: argparse.Namespace) -> dict[str, str]:
    return {key: value for key, value in (("sensor", args.sensor), ("area", args.area)) if value}


def _time(at_s: float | None) -> str:
    if at_s is None:
        return "-"
    try:
        return datetime.fromtimestamp(at_s, UTC).astimezone().strftime("%a %d %b %H:%M")
    except (OverflowError, OSError, ValueError):
        return "?"


def _span(text: str) -> float:
    """Seconds; raises `argparse.ArgumentTypeError`."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"expected 30min, 2h or 3d, found {text!r}")
    return int(match[1]) * _UNITS[match[2]]
