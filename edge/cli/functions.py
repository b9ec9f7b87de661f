"""`edge functions`: the functional tokens, what is recognised by phrases alone, and what was taught here."""

import argparse
import json
import sys
from typing import Any

from edge.cli.taught import notebook
from edge.cli.teach import does
from edge.errors import EdgeError
from edge.router.phrases import load_phrases
from edge.router.vocabulary import Vocabulary, load_vocabulary


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge functions` takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def main(args: argparse.Namespace) -> int:
    """Print every function: for people a line each, with an example."""
    vocabulary, phrases = load_vocabulary(), load_phrases().functions
    taught = _taught(vocabulary)
    others = [*(function.as_json() for function in phrases.values()), *taught]
    if args.json:
        print(json.dumps([*vocabulary.as_json(), *others], ensure_ascii=False, indent=1))
        return 0
    width = max(map(len, (*vocabulary.functions, *phrases)))
    for function in vocabulary.functions.values():
        critical = "  (asks first)" if function.critical else ""
        print(f"{function.name:{width}}  {function.does}  “{function.examples[0]}”{critical}")
    for one in others:
        print(f"{one['function']:{width}}  {one['does']}  “{one['examples'][0]}”")
    return 0


def _taught(vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Taught functions as the vocabulary lists its own; their token ids follow on."""
    try:
        lessons = notebook()["functions"]
    except EdgeError as error:
        print(f"edge functions: {error}", file=sys.stderr)
        return []
    first = len(vocabulary.tokens)
    return [
        {
            "function": lesson["function"],
            "token_id": first + at,
            "does": does(lesson),
            "ha_intents": [],
            "arguments": {},
            "critical": False,
            "kind": "act",
            "examples": lesson["examples"],
        }
        for at, lesson in enumerate(lessons)
    ]
