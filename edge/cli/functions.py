"""`edge functions`: the vocabulary of functional tokens."""

import argparse
import json

from edge.router.vocabulary import load_vocabulary


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge functions` takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def main(args: argparse.Namespace) -> int:
    """Print every function: for people a line each, with an example."""
    vocabulary = load_vocabulary()
    if args.json:
        print(json.dumps(vocabulary.as_json(), ensure_ascii=False, indent=1))
        return 0
    width = max(map(len, vocabulary.functions))
    for function in vocabulary.functions.values():
        critical = "  (asks first)" if function.critical else ""
        print(f"{function.name:{width}}  {function.does}  “{function.examples[0]}”{critical}")
    return 0
