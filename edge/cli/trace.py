"""`edge trace`: what a request went through, from the words to the devices and back, in milliseconds."""

import argparse
import json
from datetime import UTC, datetime
from typing import Any, Final

from edge.api.wire import ControlClient
from edge.settings import control_sockets, places

_PATIENCE_S: Final = 10.0
_WIDTH: Final = 40
"""Characters of the waterfall."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge trace` takes."""
    parser.add_argument(
        "which", nargs="?", default="last", metavar="last|list|ID", help="the last one, all, or one (last)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Fails where no service runs, and where there is no such request."""
    with ControlClient(*control_sockets(places()), timeout_s=_PATIENCE_S) as client:
        if args.which == "list":
            found = client.call("traces")
            lines = [_line(one) for one in found["traces"]] or ["Nothing was asked yet."]
        else:
            found = client.call("trace", id=None if args.which == "last" else args.which)["trace"]
            lines = waterfall(found)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print("\n".join(_clean(line) for line in lines))
    return 0


def waterfall(trace: dict[str, Any]) -> list[str]:
    """One request for people: who asked what, each stage as a bar, what the router saw, what was answered."""
    where = " ".join(
        part for part in (trace["source"], trace["origin"], trace["area"] and f"in {trace['area']}") if part
    )
    told = [f"{_moment(trace['at'])}  {where}: {_words(trace['text'])}   ({trace['id']})"]
    total_ms = max(trace["total_ms"], 0.001)
    names = [_name(one) for one in trace["stages"]]
    width = max([len(name) for name in names], default=0)
    for name, stage in zip(names, trace["stages"], strict=True):
        before = round(stage["start_ms"] / total_ms * _WIDTH)
        length = max(1, round(stage["ms"] / total_ms * _WIDTH))
        bar = (" " * min(before, _WIDTH - 1) + "█" * length)[:_WIDTH]
        told.append(f"  {name:<{width}}  {bar:<{_WIDTH}}  {stage['start_ms']:8.1f} {stage['ms']:+9.2f} ms")
    told += _router(trace["router"])
    for call in trace["calls"]:
        arguments = " ".join(f"{key}={value}" for key, value in call["arguments"].items())
        told.append(f"  <{call['function']}> {arguments} → {', '.join(call['targets']) or 'no device'}")
    how = f"{trace['decision'] or 'given up'} by {trace['answered_by'] or '-'}"
    told.append(f"  {how} in {trace['ms']:.1f} ms: {_words(trace['reply'])}")
    return told


def _router(router: dict[str, Any] | None) -> list[str]:
    if router is None:
        return []
    likeliest = ", ".join(f"<{one['token'].strip('<>')}> {one['probability']:.3f}" for one in router["likeliest"])
    told = [f"  router: {router['decision']}, {router['confidence']:.1%} sure; first token {likeliest or '-'}"]
    for token in router["tokens"]:
        spans = ", ".join(f"{span['slot']}=“{span['text']}” {span['probability']:.2f}" for span in token["spans"])
        told.append(f"    <{token['function']}> {token['probability']:.3f}  {spans}")
    told += [
        f"    “{one['text']}” by {one['how']}: {', '.join(one['devices']) or 'nothing'}" for one in router["names"]
    ]
    return told


def _name(stage: dict[str, Any]) -> str:
    facts = stage["facts"]
    more = " ".join(str(facts[key]) for key in ("device", "service", "outcome", "engine") if key in facts)
    return f"{stage['stage'].replace('_', ' ')} {more}".strip()


def _line(trace: dict[str, Any]) -> str:
    decision = trace["decision"] or "given up"
    return f"{trace['id']:<14} {_moment(trace['at'])}  {decision:<8} {trace['ms']:8.1f} ms  {_words(trace['text'])}"


def _moment(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).astimezone().strftime("%a %d %b %H:%M:%S")


def _words(text: str) -> str:
    return f"“{text}”" if text else "(no words kept)"


def _clean(text: str) -> str:
    """Words from outside must not move the terminal's cursor."""
    return "".join(char if char.isprintable() else " " for char in text)
