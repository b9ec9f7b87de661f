"""How the demo looks on a terminal: the sentence, what became of it on the way, what the house showed, the reply."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final, TextIO

from edge.demo.tour import Change, Result

_MOST_LINES: Final = 5
_LONGEST: Final = 74


class Show:
    """Writes to a stream, in colours where it is a terminal that wants them."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.colored = out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def opening(self, things: int, areas: int, *, model: bool) -> None:
        """What is there."""
        self.line(self._paint("1", f"A house of {things} devices in {areas} rooms, a broker and the assistant."))
        self.line("Every sentence goes the real way: in over MQTT, out as a command, back as a state of the device.")
        self.line("A language model answers what is not for a device." if model else "There is no language model here.")
        self.line("")

    def step(self, number: int, of: int, result: Result) -> None:
        """One step of the tour."""
        title = result.step.title if result.step else ""
        where = f", in the {result.step.area.replace('_', ' ')}" if result.step and result.step.area else ""
        self.line(self._paint("2", f"{number:>2}/{of} {title}{where}"))
        for device, deed in result.step.hands if result.step else ():
            self.line(self._paint("2", f"      (somebody: {deed.replace('_', ' ')} {device})"))
        self.line(f"   {self._paint('36', '›')} {self._paint('1', result.text)}")
        self.outcome(result)
        mark = self._paint("32", "✓") if result.passed else self._paint("31", "✗")
        self.line(f"   {mark} {self._paint('2', _times(result))}")
        for problem in result.problems:
            self.line(self._paint("31", f"     {problem}"))
        self.line("")

    def outcome(self, result: Result) -> None:
        """What the router made of it, commands, changes, events, the reply."""
        for text in calls(result.reply):
            self.line(f"     {self._paint('33', text)}")
        self._some(f"→ {one.topic}  {one.payload}" for one in result.commands)
        self._some(f"← {change_line(one)}" for one in result.changes)
        self._some(f"• {event}" for event in result.events)
        text = plain(str(result.reply.get("text", "")))
        self.line(f"     {self._paint('32', f'“{text}”') if text else self._paint('2', '(says nothing)')}")

    def closing(self, results: Sequence[Result]) -> None:
        """How many were as they should be, and how fast."""
        passed = sum(result.passed for result in results)
        times = sorted(result.command_ms for result in results if result.command_ms is not None)
        fast = f"; from a sentence to its command {times[len(times) // 2]:g} ms in the middle" if times else ""
        word = "All" if passed == len(results) else f"{passed} of"
        self.line(self._paint("1", f"{word} {len(results)} sentences had their effect on the house{fast}."))

    def line(self, text: str) -> None:
        """One line, at once."""
        print(text, file=self._out, flush=True)

    def _some(self, lines: Iterator[str]) -> None:
        shown = list(lines)
        for text in shown[:_MOST_LINES]:
            self.line(f"     {self._paint('2', shortened(plain(text)))}")
        if len(shown) > _MOST_LINES:
            self.line(self._paint("2", f"     … and {len(shown) - _MOST_LINES} more"))

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colored else text


class Progress:
    """A line on stderr while something takes long, on a terminal only."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> None:
        if self._shown:
            print(f"{self._text} …", end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def calls(reply: dict[str, Any]) -> list[str]:
    """What the router made of a sentence: the decision, or the calls with their arguments and targets."""
    found = []
    for call in reply.get("calls") or ():
        arguments = " ".join(f"{key}={value}" for key, value in call.get("arguments", {}).items())
        targets = call.get("targets") or []
        where = f"  ({', '.join(targets) if len(targets) <= 3 else f'{len(targets)} devices'})" if targets else ""
        asks = "  asks first" if call.get("confirm") else ""
        found.append(f"{call.get('function')} {arguments}{where}{asks}")
    return found or [_NO_CALLS.get(str(reply.get("decision")), "an answer to the question")]


_NO_CALLS: Final = {"chat": "talk: for the language model", "ignore": "nothing for anybody", "clarify": "not sure"}


def change_line(change: Change) -> str:
    """`topic key before → now`."""
    key = f" {change.key}" if change.key else ""
    return f"{change.topic}{key}  {_short(change.before)} → {_short(change.now)}"


def plain(text: str) -> str:
    """Without what a terminal would take for more than text."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def shortened(text: str) -> str:
    """At most a line."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 30 else f"{text[:29]}…"


def _times(result: Result) -> str:
    parts = [("command", result.command_ms), ("house", result.change_ms), ("reply", result.reply_ms)]
    return "  ".join(f"{name} {value:.0f} ms" for name, value in parts if value is not None)
