"""`edge teach`: give the router new functions from a few examples, put it right, and make it forget."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from edge.cli.taught import learn, notebook
from edge.router.teaching.lessons import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EPILOG = """\
examples:
  edge teach film_night --example "film night" --example "we're going to watch a film" \\
      --example "get the room ready for a movie" --publish house/film=start
  edge teach too_dark --example "it's so dark" --example "I can't see a thing" --example "it's dark in here" \\
      --call light.turn_on area=kitchen
  edge teach --correct "it is a nice lamp" --call chat
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge teach` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("name", nargs="?", metavar="NAME", help="what to call the new function, as in film_night")
    parser.add_argument(
        "--example", action="append", metavar="TEXT", help="one way to say it; 3 to 10 of them, in different words"
    )
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--publish", metavar="TOPIC=PAYLOAD", help="the MQTT message to send when it is said")
    does.add_argument(
        "--call",
        nargs="+",
        metavar=("FUNCTION", "ARG=VALUE"),
        help="the function to call when it is said, as `edge functions` lists them; "
        "without --publish and --call it is told on the event topic",
    )
    other = parser.add_mutually_exclusive_group()
    other.add_argument(
        "--correct",
        metavar="SENTENCE",
        help="a sentence that was understood wrongly; --call says what it means, `--call chat` that it was no command",
    )
    other.add_argument("--list", action="store_true", help="show what was taught")
    other.add_argument("--forget", metavar="NAME", help="forget a taught function, or a corrected sentence")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(refuse=parser.error)


def main(args: argparse.Namespace) -> int:
    """Teach, correct, forget or list."""
    wrong = _misused(args)
    if wrong:
        args.refuse(wrong)
    if args.list:
        return _list(as_json=args.json)
    if args.forget is not None:
        return _done(args, "forgotten", args.forget, learn("forget", name=args.forget))
    if args.correct is not None:
        return _done(args, "corrected", args.correct, learn("correct", sentence=args.correct, **_action(args)))
    taught = learn("teach", name=args.name, examples=args.example or [], **_action(args))
    return _done(args, "taught", args.name, taught)


def _misused(args: argparse.Namespace) -> str | None:
    other = args.list or args.forget is not None or args.correct is not None
    if other and (args.name is not None or args.example):
        return "--correct, --list and --forget take no NAME and no --example"
    if not other and args.name is None:
        return "expected a NAME with --example, or one of --correct, --list, --forget"
    if args.correct is not None and not args.call:
        return "--correct needs --call: the function that the sentence means, or chat"
    if (args.list or args.forget is not None) and (args.call or args.publish):
        return "--list and --forget take neither --call nor --publish"
    if args.publish is not None and not args.publish.partition("=")[1]:
        return f"--publish {args.publish}: expected TOPIC=PAYLOAD"
    bad = next((one for one in (args.call or [])[1:] if not one.partition("=")[1]), None)
    return f"--call {args.call[0]}: expected ARG=VALUE, found {bad}" if bad is not None else None


def _action(args: argparse.Namespace) -> dict[str, Any]:
    if args.publish is not None:
        topic, _, payload = args.publish.partition("=")
        return {"publish": {"topic": topic, "payload": payload}}
    if args.call:
        function, *pairs = args.call
        arguments = {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
        return {"call": function, "arguments": arguments}
    return {}


def _done(args: argparse.Namespace, what: str, name: str, warnings: "Sequence[str]") -> int:
    if args.json:
        print(json.dumps({what: name, "warnings": list(warnings)}, ensure_ascii=False))
        return 0
    for warning in warnings:
        print(f"edge teach: {warning}", file=sys.stderr)
    print(f"{what.capitalize()}: {name}")
    return 0


def _list(*, as_json: bool) -> int:
    taught = notebook()
    if as_json:
        print(json.dumps(taught, ensure_ascii=False))
        return 0
    if not taught["functions"] and not taught["corrections"]:
        print("Nothing is taught yet: `edge teach --help` shows how.")
    for one in taught["functions"]:
        print(f"{one['function']}  {does(one)}")
        print(*(f"  “{example}”" for example in one["examples"]), sep="\n")
    for one in taught["corrections"]:
        print(f"“{one['sentence']}” {does(one)}")
    return 0


def does(one: "Mapping[str, Any]") -> str:
    """What a taught function does or a corrected sentence means, for people."""
    if "publish" in one:
        return f"publishes {one['publish']['payload']!r} on {one['publish']['topic']}"
    if one.get("call") in {"chat", "ignore"}:
        return "is no command" if one["call"] == "chat" else "is nothing to answer"
    if "call" in one:
        arguments = "".join(f" {name}={value}" for name, value in one.get("arguments", {}).items())
        return f"{'means' if one['call'].startswith(PREFIX) else 'calls'} {one['call']}{arguments}"
    return "is told on the event topic"
