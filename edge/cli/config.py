"""`edge config`: the settings in force, what is wrong with them, and the tokens that let programs in."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any, Final

from edge.errors import EdgeError
from edge.settings import Loaded, load

_SECRETS: Final = frozenset({"password", "pin", "token"})


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge config` takes."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("show", "check", "token"),
        default="show",
        help="show the settings, check them, or look after the tokens of HTTP",
    )
    parser.add_argument("words", nargs="*", metavar="…", help="of token: `list`, `add NAME`, `revoke NAME`")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """`check` fails where there is a problem; `show` shows what is in force all the same."""
    loaded = load()
    if args.action == "token":
        return _token(loaded, args.words or ["list"], as_json=args.json)
    if args.words:
        raise UsageError(f"`{args.action}` takes nothing more: {' '.join(args.words)!r}")
    problems = [str(problem) for problem in loaded.problems]
    if args.action == "check":
        problems += _problems_of_the_home(loaded)
    values = hidden(loaded.settings.model_dump(mode="json"))
    if args.json:
        where = loaded.places
        facts = {
            "files": [str(file) for file in loaded.files],
            "places": {"config": str(where.config), "state": str(where.state), "runtime": str(where.runtime)},
            "problems": problems,
        }
        print(json.dumps(facts | ({"settings": values} if args.action == "show" else {}), ensure_ascii=False))
    else:
        _print(args.action, loaded, values, problems)
    return 1 if problems and args.action == "check" else 0


class UsageError(EdgeError):
    """The words do not make sense; the message says what is expected."""


def _token(loaded: Loaded, words: list[str], *, as_json: bool) -> int:
    """Lists, makes or revokes the tokens of HTTP. Raises `EdgeError`."""
    from edge.api.http.tokens import Tokens

    tokens = Tokens.in_state(loaded.places.state)
    match words:
        case ["list"]:
            known = [{"name": token.name, "created": token.created} for token in tokens.all()]
            if as_json:
                print(json.dumps({"tokens": known}, ensure_ascii=False))
            for token in () if as_json else known:
                print(f"{token['name']:<24} {token['created']}")
        case ["add", name]:
            secret = tokens.add(name)
            print(json.dumps({"name": name, "token": secret}, ensure_ascii=False) if as_json else secret)
            if not as_json and sys.stdout.isatty():
                print("Keep it: it can't be shown again.", file=sys.stderr)
        case ["revoke", name]:
            tokens.revoke(name)
            if as_json:
                print(json.dumps({"revoked": name}, ensure_ascii=False))
        case _:
            raise UsageError("expected `token list`, `token add NAME` or `token revoke NAME`")
    return 0


def hidden(values: dict[str, Any]) -> dict[str, Any]:
    """The settings without their secrets."""
    return {
        key: hidden(value) if isinstance(value, dict) else "(hidden)" if key in _SECRETS and value else value
        for key, value in values.items()
    }


def _print(action: str, loaded: Loaded, values: dict[str, Any], problems: list[str]) -> None:
    for problem in problems:
        print(problem, file=sys.stderr)
    if action == "show":
        read = ", ".join(str(file) for file in loaded.files) or f"no file ({loaded.places.config} does not exist)"
        print(f"# read: {read}")
        for line in _lines(values):
            print(line)
    elif not problems:
        print(f"no problems in {', '.join(str(file) for file in loaded.files) or 'the defaults'}")


def _lines(values: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _lines(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key} = {json.dumps(value, ensure_ascii=False)}"


def _problems_of_the_home(loaded: Loaded) -> list[str]:
    """What only shows when the devices and the home file are read."""
    from edge.devices.registry import Registry
    from edge.mqtt.household import described, furnish
    from edge.sensors.watching import described as watched

    _, problems = described(loaded.settings)
    return furnish(Registry(), loaded.settings) + problems + watched(loaded.settings.watch.sensors)
