"""The parts of `docs/` that are written from the program: `python -m tests.generated_pages` writes them anew."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from edge.cli.completion import commands
from edge.cli.main import VERBS, parser_for
from edge.health import checks, fixes
from edge.health.metrics import BOUNDS_S
from edge.service.metrics import families
from edge.tracing import Stage
from tests.health.statuses import FULL, counted

DOCS = Path(__file__).parent.parent / "docs"
_PART = re.compile(r"(<!-- from the program: (\w+) -->\n).*?(<!-- so far -->)", re.DOTALL)


def list_of_checks() -> str:
    """A line a check."""
    rows = [f"| `{name}` | {_first(checks.load(name).__doc__)} |" for name in checks.names()]
    return "\n".join(["| check | looks |", "|---|---|", *rows])


def list_of_fixes() -> str:
    """A line a fix."""
    rows = [f"| `{name}` | {_first(_fix(name).__doc__)} |" for name in fixes.names()]
    return "\n".join(["| fix | does |", "|---|---|", *rows])


def list_of_metrics() -> str:
    """A line a metric."""
    rows = []
    for family in families(FULL, counted()):
        labels = sorted({name for labels, _ in (*family.samples, *family.histograms) for name in labels})
        told = ", ".join(f"`{name}`" for name in labels)
        rows.append(f"| `{family.name}` | {family.kind.value} | {told} | {family.help} |")
    bounds = ", ".join(f"{bound:g}" for bound in BOUNDS_S)
    table = "\n".join(["| metric | kind | labels | |", "|---|---|---|---|", *rows])
    return f"{table}\n\nBuckets end at {bounds} s."


def list_of_stages() -> str:
    """A line a stage."""
    source = (Path(__file__).parent.parent / "edge/tracing.py").read_text(encoding="utf-8")
    told = dict(re.findall(r'^    [A-Z_]+ = "(\w+)".*\n    """(.*?)"""', source, re.MULTILINE))
    return "\n".join(["| stage | |", "|---|---|", *(f"| `{stage}` | {told[stage]} |" for stage in Stage)])


def list_of_commands() -> str:
    """Each verb with its options."""
    parts = []
    for verb, summary in VERBS.items():
        parts.append(f"## `edge {verb}`\n\n{summary[0].upper()}{summary[1:]}.")
        parts += [_command(one.words) for one in commands() if one.words.split()[:1] == [verb]]
    return "\n\n".join(parts)


def _command(words: str) -> str:
    parser: argparse.ArgumentParser | None = parser_for(words.split()[0])
    for word in words.split():
        assert parser is not None
        below = next(one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
        parser = below.choices[word]
    assert parser is not None
    parser.formatter_class = lambda prog: argparse.HelpFormatter(prog, width=100)
    usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction) or action.help is argparse.SUPPRESS:
            continue
        if isinstance(action, argparse._SubParsersAction):
            rows += [f"| `{one.dest}` | {_cell(one.help)} |" for one in action._choices_actions]
        else:
            shown = ", ".join(action.option_strings) or str(action.metavar or action.dest)
            choices = f" ({', '.join(map(str, action.choices))})" if action.choices else ""
            rows.append(f"| `{_cell(shown)}` | {_cell(action.help)}{choices} |")
    table = "\n".join(["", "", "| | |", "|---|---|", *rows]) if rows else ""
    return f"```\n{usage}\n```{table}"


PARTS: dict[str, Callable[[], str]] = {
    "checks": list_of_checks,
    "fixes": list_of_fixes,
    "metrics": list_of_metrics,
    "stages": list_of_stages,
    "commands": list_of_commands,
}


def renewed(page: Path) -> str:
    """The page as it should be."""
    return _PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n\n{found[3]}", page.read_text(encoding="utf-8"))


def pages() -> list[Path]:
    """Those with parts that are written from the program."""
    return [page for page in sorted(DOCS.glob("*.md")) if _PART.search(page.read_text(encoding="utf-8"))]


def _fix(name: str) -> object:
    import importlib

    return importlib.import_module(f"edge.health.fixes.{name}")


def _first(text: str | None) -> str:
    return _cell((text or "").strip().partition("\n\n")[0])


def _cell(text: str | None) -> str:
    return " ".join((text or "").replace("%%", "%").split()).replace("|", "\\|")


if __name__ == "__main__":
    for one in pages():
        one.write_text(renewed(one), encoding="utf-8")
