"""`edge route`: what the router makes of sentences, one decision a line; nothing is carried out."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge.devices.registry import Registry
    from edge.router.router import Router, Trace


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge route` takes."""
    parser.add_argument(
        "text",
        nargs="*",
        help='one utterance; without it each line of standard input is one, plain or as {"text", "area"}',
    )
    parser.add_argument(
        "--home",
        type=Path,
        metavar="FILE",
        help="a home file: floors, areas, devices; without it the running service's home",
    )
    parser.add_argument("--area", metavar="ID", help="the area the speaker is in, where a line names none")
    parser.add_argument("--weights", type=Path, metavar="DIR", help="other weights than the package's")
    parser.add_argument(
        "--explain", action="store_true", help="show tokens, probabilities, spans and how names were resolved"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Read utterances, print decisions in order, flushing each."""
    from edge.router.router import Router, as_json

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    registry = home_of(args.home, "route")
    router = Router.load(args.weights)
    _with_what_was_taught(router)
    for text, area in _utterances(args):
        trace = router.trace(text, registry, area or args.area)
        if args.json:
            data = dict(as_json(trace.routing))
            if args.explain:
                data["explain"] = _explained(trace)
            print(_one_line(data), flush=True)
        else:
            print(_for_people(trace, explain=args.explain), flush=True)
    return 0


def _with_what_was_taught(router: "Router") -> None:
    """A file of lessons that can't be read is no reason to route nothing."""
    from edge.router.teacher import Teacher
    from edge.router.teaching import TeachingError
    from edge.settings import places

    try:
        Teacher(router, places().state)
    except TeachingError as error:
        print(f"edge route: {error}", file=sys.stderr)


def _one_line(data: dict[str, Any]) -> str:
    """JSON without the line ends that it may hold as they are and some readers split at."""
    line = json.dumps(data, ensure_ascii=False)
    for end in "\x85\u2028\u2029":
        line = line.replace(end, f"\\u{ord(end):04x}")
    return line


def home_of(home: Path | None, verb: str) -> "Registry":
    """The home of a home file, or without one the running service's; an empty one, and a line, where none runs."""
    from edge.devices.home import load_home

    return _running_home(verb) if home is None else load_home(home)


def _running_home(verb: str) -> "Registry":
    from edge.api.wire import NotRunningError
    from edge.cli.session import session
    from edge.devices.home import parse_home

    try:
        with session(alone=False) as client:
            facts = client.call("devices")
    except NotRunningError as error:
        print(
            f"edge {verb}: {error}, or name a home file with --home; without either the home is empty", file=sys.stderr
        )
        facts = {}
    devices = [
        {
            **device,
            "features": device["services"],
            "attributes": {
                **device["attributes"],
                "device_class": device["device_class"],
                "unit_of_measurement": device["unit"],
            },
        }
        for device in facts.get("devices", ())
    ]
    return parse_home({**facts, "devices": devices}, "the running service's home")


def _utterances(args: argparse.Namespace) -> Iterator[tuple[str, str | None]]:
    if args.text:
        yield _speakable(" ".join(args.text)), None
        return
    # A text stream on every platform we run on; a lone carriage return ends no line.
    sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")  # type: ignore[union-attr]
    for number, line in enumerate(sys.stdin, 1):
        text = line.rstrip("\r\n")
        yield _from_json(text, number) if text.lstrip().startswith("{") else (text, None)


def _from_json(line: str, number: int) -> tuple[str, str | None]:
    """A JSON utterance; a line that only looks like one is taken as it is spelt, so that each line has its decision."""
    try:
        data: Any = json.loads(line)
    except (ValueError, RecursionError):
        return line, None
    if not isinstance(data.get("text"), str):
        print(f'edge route: line {number}: expected {{"text": …, "area": …}}, read as plain text', file=sys.stderr)
        return line, None
    area = data.get("area")
    return _speakable(data["text"]), area if isinstance(area, str) else None


def _speakable(text: str) -> str:
    """Half characters, which JSON and file names may hold and nothing can print, replaced."""
    return text.encode("utf-8", "replace").decode()


def _explained(trace: "Trace") -> dict[str, Any]:
    raw = trace.routing.raw
    return {
        "likeliest": [{"token": token, "probability": probability} for token, probability in trace.likeliest],
        "tokens": [
            {
                "function": call.function,
                "probability": round(call.probability, 4),
                "spans": [
                    {
                        "slot": span.slot,
                        "text": span.text,
                        "start": span.start,
                        "end": span.end,
                        "probability": round(span.probability, 4),
                    }
                    for span in call.spans
                ],
            }
            for call in raw
        ],
        "names": [
            {"text": one.text, "how": one.how, "devices": list(one.devices)}
            for one in (trace.resolution.explained if trace.resolution else ())
        ],
    }


def _for_people(trace: "Trace", *, explain: bool) -> str:
    routing = trace.routing
    lines = [f"{routing.text}", f"  {routing.decision}  {routing.confidence:.1%} sure, {routing.ms:.1f} ms"]
    for call in routing.calls:
        arguments = " ".join(f"{name}={value}" for name, value in call.arguments.items())
        confirm = "  asks first" if call.confirm else ""
        lines.append(f"  <{call.function}> {arguments} <end>  → {', '.join(call.targets) or 'no device'}{confirm}")
    if routing.question:
        lines.append(f"  “{routing.question}”")
    if explain:
        lines += _explain_lines(trace)
    return "\n".join(lines)


def _explain_lines(trace: "Trace") -> list[str]:
    lines = [
        "  first token: "
        + ", ".join(f"<{token.strip('<>')}> {probability:.3f}" for token, probability in trace.likeliest)
    ]
    for call in trace.routing.raw:
        spans = ", ".join(f"{span.slot}=“{span.text}” {span.probability:.2f}" for span in call.spans)
        lines.append(f"  <{call.function}> {call.probability:.3f}  {spans}")
    names = trace.resolution.explained if trace.resolution else ()
    lines += [f"  “{one.text}” by {one.how}: {', '.join(one.devices[:8]) or 'nothing'}" for one in names]
    return lines
