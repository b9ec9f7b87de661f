"""`edge rules`: what is done when something happens; rules are made by saying them."""

import argparse
import json

from edge.cli.session import session

_VERBS = {"enable": "rule_enable", "disable": "rule_disable", "delete": "rule_delete"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge rules` takes."""
    parser.add_argument("action", nargs="?", choices=("list", *_VERBS), default="list")
    parser.add_argument("id", nargs="*", help="which rules to switch on or off, or to delete")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print the rules, or change some of them; `edge ask "when …"` makes one."""
    with session() as client:
        if args.action != "list":
            changed = [client.call(_VERBS[args.action], id=one) for one in args.id]
            print(json.dumps({"changed": changed}, ensure_ascii=False) if args.json else _told(args.action, changed))
            return 0
        told = client.call("rules")
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
        return 0
    for problem in told["problems"]:
        print(f"left out: {problem}")
    lines = [f"{rule['id']}{'' if rule['enabled'] else ' (off)'}\n    {rule['text']}" for rule in told["rules"]]
    hint = 'There are no rules. Make one: edge ask "when the front door opens turn on the hall light"'
    print("\n".join(lines) if lines else hint)
    return 0


def _told(action: str, changed: list[dict[str, str]]) -> str:
    done = {"enable": "on", "disable": "off", "delete": "deleted"}[action]
    return "\n".join(f"{one['id']}: {done}" for one in changed) or f"Which one? edge rules {action} ID"
