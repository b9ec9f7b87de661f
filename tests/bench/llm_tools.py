"""How many calls of a random model are valid, and how long a token of one takes, against the library's own grammars.

    python -m tests.bench.llm_tools --vocab ggml-vocab-qwen2.gguf [--shape tiny qwen2.5-0.5b] [--calls 200]

Models of random weights and a true vocabulary are made in a temporary directory. Every call is begun in the same
context; a token's time is that of choosing it, then with computing it. The ways take turns, call by call.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import llama_cpp

from edge.assistant.toolbox import toolset
from edge.devices import Area, Device, Registry
from edge.llm.calling import CallGuide
from edge.llm.engine import Engine, _sampler
from edge.llm.toolcalls import Format, calls_in, told_in_words
from edge.llm.tools import Kind, Parameter, Toolbox
from edge.llm.toolwriting import ToolWriting
from edge.llm.wire import Load
from edge.router.vocabulary import load_vocabulary
from tests.gguf_maker import SHAPES, make
from tests.llm.toolboxes import keeps_to

QWEN = Format("<tool_call>\n", "\n</tool_call>")
ROOMS = ("Kitchen", "Hall", "Bedroom", "Office", "Bathroom", "Garden", "Garage", "Living Room", "Nursery", "Attic")
THINGS = (
    ("light", "Main Light"),
    ("light", "Reading Lamp"),
    ("switch", "Plug"),
    ("cover", "Blinds"),
    ("climate", "Thermostat"),
    ("sensor", "Temperature"),
    ("lock", "Door"),
    ("media_player", "Speaker"),
)


@dataclass
class Way:
    """One way of writing calls, and what it took."""

    name: str
    write: Callable[[int], tuple[list[int], str]]
    choosing_ms: list[float] = field(default_factory=list)
    whole_ms: list[float] = field(default_factory=list)
    tokens: int = 0
    valid: int = 0


class Clock:
    """Times what the engine computes, so that it can be told from the rest."""

    def __init__(self, engine: Engine) -> None:
        self.computing_s = 0.0
        compute = engine._decode

        def timed(tokens: Any) -> None:
            began = time.perf_counter()
            compute(tokens)
            # Fetched lazily otherwise, and counted as choosing.
            llama_cpp.llama_get_logits_ith(engine._context, -1)
            self.computing_s += time.perf_counter() - began

        engine._decode = timed  # type: ignore[method-assign]


def house() -> Toolbox:
    """The tools of a house of eighty devices."""
    registry = Registry()
    for at, room in enumerate(ROOMS):
        registry.put_area(Area(f"a{at}", room))
        for domain, thing in THINGS:
            of = "temperature" if domain == "sensor" else None
            registry.put_device(Device(f"{domain}.{at}_{len(thing)}", f"{room} {thing}", f"a{at}", device_class=of))
    return toolset(registry, load_vocabulary()).toolbox


def gbnf(toolbox: Toolbox, format_: Format) -> str:
    """The same language, near enough, in the library's notation: fields may stand there twice."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    def either(options: Any) -> str:
        return "(" + " | ".join(quoted(option) for option in options) + ")"

    def value(one: Parameter) -> str:
        match one.kind:
            case Kind.DEVICE:
                return '"\\"" names "\\""'
            case Kind.AREA:
                return '"\\"" areas "\\""'
            case Kind.CHOICE:
                return f'"\\"" {either(one.values)} "\\""'
            case Kind.TEXT:
                return '"\\"" char{1,80} "\\""'
            case Kind.INTEGER:
                return either(str(number) for number in range(one.minimum, one.maximum + 1, one.step))
            case _:
                return '"-"? [0-9]{1,3} (".5")?'

    lines = [
        f"names ::= {either(toolbox.names)}",
        f"areas ::= {either(toolbox.areas)}",
        r'char ::= [^"\\\x00-\x1f\x7f]',
    ]
    calls = []
    for at, tool in enumerate(toolbox.tools):
        fields = " | ".join(f"({quoted(f'{chr(34)}{one.name}{chr(34)}: ')} {value(one)})" for one in tool.parameters)
        if fields:
            lines.append(f"field{at} ::= {fields}")
        body = f'(field{at} (", " field{at}){{0,4}})?' if fields else '""'
        start = f'{tool.name}", "{format_.arguments}": {{'
        lines.append(f"call{at} ::= {quoted(start)} {body} {quoted('}}')}")
        calls.append(f"call{at}")
    name = '{"name": "'
    root = f"{quoted(format_.opening + name)} ({' | '.join(calls)}) {quoted(format_.closing)}"
    return "\n".join([f"root ::= {root}", *lines])


class Unforced(CallGuide):
    """A guide that has every token drawn."""

    def forced(self) -> list[int]:
        return []


@contextmanager
def loaded(file: Path, threads: int) -> Iterator[Engine]:
    engine = Engine(Load(str(file), threads, threads, 2048, 64, 64, "mmap", False), lambda _: True)
    try:
        yield engine
    finally:
        engine.close()


def ours(engine: Engine, writing: ToolWriting, toolbox: Toolbox, kind: type[CallGuide]) -> Callable[[int], Any]:
    def write(seed: int) -> tuple[list[int], str]:
        ways, pieces = writing.prepare(toolbox)

        def tokenize(text: str) -> list[int]:
            return engine.tokenize(text, control=True)

        guide = kind(ways, pieces, writing._piece, engine.ends_turn, tokenize, must_call=True)
        tokens = []
        for token in engine.write(temperature=1.0, seed=seed, guide=guide):
            tokens.append(token)
            guide.accept(token)
            if guide.finished:
                break
        return tokens, guide.text

    return write


def librarys(engine: Engine, grammar: str) -> Callable[[int], tuple[list[int], str]]:
    """The library's sampler chain with its grammar in front, as its Python class has it."""

    def write(seed: int) -> tuple[list[int], str]:
        chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        bound = llama_cpp.llama_sampler_init_grammar(engine._vocab, grammar.encode(), b"root")
        assert bound, "the library does not take the grammar"
        llama_cpp.llama_sampler_chain_add(chain, bound)
        llama_cpp.llama_sampler_chain_add(chain, _sampler(engine.n_vocab, 1.0, seed))
        tokens: list[int] = []
        while not engine.full and len(tokens) < 400:
            token = llama_cpp.llama_sampler_sample(chain, engine._context, -1)
            if engine.ends_turn(token):
                break
            tokens.append(token)
            engine._decode([token])
        llama_cpp.llama_sampler_free(chain)
        return tokens, b"".join(map(engine.text, tokens)).decode("utf-8", "replace")

    return write


def measure(engine: Engine, toolbox: Toolbox, calls: int, librarys_calls: int) -> list[Way]:
    writing = ToolWriting(engine, QWEN)
    began = time.perf_counter()
    writing.prepare(toolbox)
    print(f"  prepared in {time.perf_counter() - began:.2f} s: {engine.n_vocab} tokens, {len(toolbox.names)} names")
    prompt = engine.tokenize(f"{toolbox.house}\n{told_in_words(toolbox, QWEN)}\nIt is dark here.", control=False)
    print(f"  house and tools in words: {len(prompt)} tokens")
    clock = Clock(engine)
    ways = [
        Way("ours", ours(engine, writing, toolbox, CallGuide)),
        Way("ours, every token drawn", ours(engine, writing, toolbox, Unforced)),
        Way("library's grammar", librarys(engine, gbnf(toolbox, QWEN))),
    ]
    for seed in range(calls):
        for way in ways:
            if way is ways[-1] and seed >= librarys_calls:
                continue
            engine.read(prompt)
            clock.computing_s, began = 0.0, time.perf_counter()
            tokens, text = way.write(seed)
            whole_s = time.perf_counter() - began
            way.tokens += len(tokens)
            way.whole_ms.append(whole_s * 1e3 / len(tokens))
            way.choosing_ms.append((whole_s - clock.computing_s) * 1e3 / len(tokens))
            made = calls_in(text)
            way.valid += bool(made) and all(keeps_to(toolbox, call) for call in made)
    return ways


def main() -> None:
    """Print a table a shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocab", type=Path, required=True, help="take the tokenizer of this GGUF")
    parser.add_argument("--shape", nargs="+", choices=SHAPES, default=["tiny", "qwen2.5-0.5b"])
    parser.add_argument("--type", default="Q4_0")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--librarys", type=int, default=20, help="calls under the library's grammar: it is slow")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    toolbox = house()
    with tempfile.TemporaryDirectory() as directory:
        for shape in args.shape:
            file = make(Path(directory) / f"{shape}.gguf", shape, type_=args.type, vocab=args.vocab)
            print(f"{shape} {args.type}, vocabulary of {args.vocab.name}, {args.threads} threads")
            with loaded(file, args.threads) as engine:
                ways = measure(engine, toolbox, args.calls, args.librarys)
            last = ways[-1]
            for way in ways:
                calls = len(way.whole_ms)
                choosing, whole = median(way.choosing_ms), median(way.whole_ms)
                print(
                    f"  {way.name:26} {way.valid:4} of {calls:3} valid, {way.tokens / calls:5.1f} tokens a call, "
                    f"choosing {choosing:7.3f} ms a token ({median(last.choosing_ms) / choosing:6.1f} x), "
                    f"with computing {whole:7.3f} ms ({median(last.whole_ms) / whole:5.1f} x)",
                    flush=True,
                )


if __name__ == "__main__":
    main()
