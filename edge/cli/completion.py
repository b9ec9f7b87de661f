"""`edge completion`: what a shell needs to complete verbs, options and choices; written from the parsers themselves."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_SHELLS: Final = ("bash", "zsh", "fish")


@dataclass(frozen=True, slots=True)
class Option:
    """One option, or what takes its place among the words: choices of a positional have no names."""

    names: tuple[str, ...]
    summary: str = ""
    takes_value: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """The words that lead to it, as `models add`, and what can stand after them."""

    words: str
    options: tuple[Option, ...]
    commands: tuple[tuple[str, str], ...] = field(default=())
    """Each with its summary."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge completion` takes."""
    parser.add_argument("shell", choices=_SHELLS, help="for which shell to write")


def main(args: argparse.Namespace) -> int:
    """Print the script; `source <(edge completion bash)` uses it."""
    write = {"bash": _bash, "zsh": _zsh, "fish": _fish}[args.shell]
    print("\n".join(write(list(commands()))))
    return 0


def commands() -> Iterator[Command]:
    """All there are, the verbs' own after `edge` itself."""
    from edge.cli.main import VERBS, parser_for

    top = parser_for(None)
    shown = tuple((verb, summary) for verb, summary in VERBS.items())
    yield Command("", _options(top), shown)
    for verb in VERBS:
        parser = _subparsers(parser_for(verb))[verb]
        yield from _below(verb, parser)


def _below(words: str, parser: argparse.ArgumentParser) -> Iterator[Command]:
    below = _subparsers(parser)
    summaries = _summaries(parser)
    yield Command(words, _options(parser), tuple((name, summaries.get(name, "")) for name in below))
    for name, sub in below.items():
        yield from _below(f"{words} {name}", sub)


def _options(parser: argparse.ArgumentParser) -> tuple[Option, ...]:
    found = []
    for action in parser._actions:  # noqa: SLF001 (argparse tells it in no other way)
        if isinstance(action, argparse._SubParsersAction) or action.help is argparse.SUPPRESS:  # noqa: SLF001
            continue
        choices = tuple(map(str, action.choices or ()))
        if action.option_strings or choices:
            takes = bool(action.option_strings) and action.nargs != 0
            found.append(Option(tuple(action.option_strings), _summary(action.help), takes, choices))
    return tuple(found)


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return dict(action.choices)
    return {}


def _summaries(parser: argparse.ArgumentParser) -> dict[str, str]:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return {one.dest: _summary(one.help) for one in action._choices_actions}  # noqa: SLF001
    return {}


def _summary(text: str | None) -> str:
    return " ".join((text or "").replace("%%", "%").split())


def _words(command: Command) -> list[tuple[str, str]]:
    """What may stand next, each with what it is."""
    found = list(command.commands)
    for option in command.options:
        found += [(name, option.summary) for name in option.names or option.choices]
    return found


def _values(all_: list[Command]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A pattern of the words and the option before a value, and what the value may be; empty for any, files too."""
    for command in all_:
        for option in command.options:
            if option.takes_value:
                yield "|".join(f"'{command.words}:{name}'" for name in option.names), option.choices


def _path(all_: list[Command]) -> str:
    """A pattern of all words that lead further."""
    return "|".join(f"'{f'{one.words} '.lstrip()}{name}'" for one in all_ for name, _ in one.commands)


# Bash ---------------------------------------------------------------------------------------------------------------


def _bash(all_: list[Command]) -> Iterator[str]:
    yield "# bash completion for edge, written by `edge completion bash`"
    yield "_edge() {"
    yield "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} at='' word i"
    yield "    COMPREPLY=()"
    yield "    for ((i = 1; i < COMP_CWORD; i++)); do"
    yield "        word=${COMP_WORDS[i]}"
    yield f'        case "${{at:+$at }}$word" in {_path(all_)}) at="${{at:+$at }}$word" ;; esac'
    yield "    done"
    yield '    case "$at:$prev" in'
    for pattern, choices in _values(all_):
        reply = f'COMPREPLY=($(compgen -W {_quoted(" ".join(choices))} -- "$cur"))' if choices else ":"
        yield f"        {pattern}) {reply}; return ;;"
    yield "    esac"
    yield '    case "$at" in'
    for command in all_:
        words = " ".join(word for word, _ in _words(command))
        yield f"        '{command.words}') COMPREPLY=($(compgen -W {_quoted(words)} -- \"$cur\")) ;;"
    yield "    esac"
    yield "}"
    yield "complete -o default -F _edge edge"


# Zsh ----------------------------------------------------------------------------------------------------------------


def _zsh(all_: list[Command]) -> Iterator[str]:
    yield "#compdef edge"
    yield "# zsh completion for edge, written by `edge completion zsh`"
    yield "_edge() {"
    yield "    local at='' word i"
    yield "    local -a found"
    yield "    for ((i = 2; i < CURRENT; i++)); do"
    yield "        word=$words[i]"
    yield f'        case "${{at:+$at }}$word" in ({_path(all_)}) at="${{at:+$at }}$word" ;; esac'
    yield "    done"
    yield '    case "$at:$words[CURRENT-1]" in'
    for pattern, choices in _values(all_):
        reply = f"compadd -- {' '.join(map(_quoted, choices))}" if choices else "_files"
        yield f"        ({pattern}) {reply}; return ;;"
    yield "    esac"
    yield '    case "$at" in'
    for command in all_:
        words = " ".join(_quoted(f"{_colon(word)}:{summary}") for word, summary in _words(command))
        yield f"        ('{command.words}') found=({words}) ;;"
    yield "    esac"
    yield "    _describe -o edge found || _files"
    yield "}"
    yield "compdef _edge edge"


# Fish ---------------------------------------------------------------------------------------------------------------


def _fish(all_: list[Command]) -> Iterator[str]:
    yield "# fish completion for edge, written by `edge completion fish`"
    yield "function __edge_at"
    yield "    set -l at"
    yield "    for word in (commandline -opc)[2..-1]"
    yield '        switch (string join " " -- $at $word | string trim)'
    yield f"            case {_path(all_).replace('|', ' ')}"
    yield "                set -a at $word"
    yield "        end"
    yield "    end"
    yield '    test "$at" = "$argv"'
    yield "end"
    yield "complete -c edge -e"
    for command in all_:
        here = f"complete -c edge -n {_quoted(f'__edge_at {command.words}'.rstrip())}"
        for name, summary in command.commands:
            yield f"{here} -f -a {name} -d {_quoted(summary)}"
        for option in command.options:
            yield f"{here} {_fish_option(option)} -d {_quoted(option.summary)}"


def _fish_option(option: Option) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    if option.choices:
        return (
            f"{names} -x -a {_quoted(' '.join(option.choices))}".strip()
            if names
            else (f"-f -a {_quoted(' '.join(option.choices))}")
        )
    return f"{names} -r" if option.takes_value else f"{names} -f"


def _quoted(text: str) -> str:
    """For a POSIX shell; fish takes it too, since no help of ours has a backslash."""
    return "'" + text.replace("'", "'\\''") + "'"


def _colon(word: str) -> str:
    return word.replace(":", "\\:")
