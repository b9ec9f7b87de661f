"""How well the memory model predicts what a worker keeps resident, over architectures, quantisations and settings.

    python -m tests.bench.memory VOCABULARIES [--shape gemma-3-270m ...] [--type Q4_0 ...] [--context 4096 ...]

VOCABULARIES is the directory of llama.cpp's `ggml-vocab-*.gguf` (in the source distribution of llama-cpp-python,
`vendor/llama.cpp/models`). Models of true widths and vocabulary, random weights and, where they would be large, fewer
layers are made in a temporary directory; each setting runs in the real worker, which answers a long prompt before its
resident size is read. Some processors have tile instructions with which this llama.cpp crashes; `--hide-amx` hides them
from the worker, so that the layout for vector instructions can be measured there.
"""

import argparse
import asyncio
import ctypes
import struct
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Final

from edge.llm.spawn import started_worker
from edge.llm.wire import Answer
from edge.models import read_header
from edge.tuning import Hardware, LoadMode, Plan, predict, probe
from tests.gguf_maker import SHAPES, make

MIB: Final = 1 << 20
LAYERS: Final = {
    "qwen2.5-0.5b": 10,
    "qwen2.5-1.5b": 6,
    "qwen3-0.6b": 10,
    "llama-3.2-1b": 4,
    "smollm2-135m": 30,
    "phi-3-mini": 3,
    "phi-4-mini": 2,
    "gemma-2-2b": 2,
    "gemma-3-270m": 18,
    "gemma-3-1b": 8,
}
VOCABULARIES: Final = {
    "qwen": "qwen2",
    "llama": "llama-bpe",
    "smollm": "starcoder",
    "phi-3": "phi-3",
    "phi-4": "qwen2",
    "gemma": "gemma-4",
}
"""The vocabulary file of a family; Phi-4's and SmolLM2's are stood in for by others of their kind and size."""
SHOWN: Final = ("qwen2.5-0.5b", "qwen3-0.6b", "llama-3.2-1b", "smollm2-135m", "phi-3-mini", "gemma-3-270m")
WORDS: Final = "The quick brown fox jumps over the lazy dog, and then it rests. "
LIMIT_PERCENT: Final = 4.0
FLASH: Final = {"yes": True, "no": False, "auto": None}


@dataclass(frozen=True, slots=True)
class Measured:
    """Resident bytes of a worker: after it answered, and at its fullest."""

    resident: int
    peak: int


async def measure(file: Path, plan: Plan, words: int) -> Measured:
    """Load `file`, answer a prompt of `words` sentences, and look."""
    async with started_worker(plan.ceiling_bytes) as worker:
        await worker.load(file, plan)
        answer = Answer(1, "", [["user", WORDS * words]], 4, 0.0, 1, 600.0)
        async for _ in worker.answer(answer):
            pass
        return look(worker.pid)


def look(pid: int) -> Measured:
    """What the kernel says of a process."""
    facts = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    resident, peak = (int(facts[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return Measured(resident, peak)


def plans(args: argparse.Namespace) -> Iterator[Plan]:
    """Every setting that was asked for."""
    for n_ctx, mode, repack, kv, flash, ubatch in product(
        args.context, LoadMode, args.repack, args.kv, args.flash, args.ubatch
    ):
        yield Plan(args.threads, args.threads, n_ctx, ubatch, ubatch, mode, repack, 0, 1 << 40, flash, kv, kv)


async def settings(file: Path, label: str, hardware: Hardware, args: argparse.Namespace) -> list[float]:
    """A line for each setting of one model; the errors in percent."""
    errors = []
    header = read_header(file)
    for plan in plans(args):
        said = predict(
            header,
            hardware,
            n_ctx=plan.n_ctx,
            n_ubatch=plan.n_ubatch,
            mapped=plan.load_mode is LoadMode.MMAP,
            repack=plan.repack,
            type_k=plan.type_k,
            type_v=plan.type_v,
            flash_attn=plan.flash_attn is not False,
        )
        seen = await measure(file, plan, max(1, min(args.prompt, plan.n_ctx - 64) // 16))
        error = (said.total_bytes - seen.resident) / seen.resident * 100
        errors.append(error)
        layout = f"{plan.load_mode.value:4} {'repacked' if plan.repack else 'plain':8}"
        parts = " ".join(
            f"{name} {size / MIB:.1f}"
            for name, size in (
                ("base", said.base_bytes),
                ("vocabulary", said.vocabulary_bytes),
                ("weights", said.weights_bytes),
                ("repacked", said.repacked_bytes),
                ("kv", said.kv_bytes),
                ("compute", said.compute_bytes),
            )
        )
        print(
            f"{label:24} {plan.n_ctx:5} {layout} kv {plan.type_k:4} "
            f"{'' if plan.flash_attn is None else 'flash' if plan.flash_attn else 'no flash'} ubatch {plan.n_ubatch:3}"
            f"{seen.resident / MIB:8.1f} {said.total_bytes / MIB:8.1f} {error:+6.2f} %  peak {seen.peak / MIB:7.1f}  "
            f"{parts}{'' if abs(error) <= LIMIT_PERCENT else '   <-- too far'}",
            flush=True,
        )
    return errors


def hide_amx() -> None:
    """Have the kernel refuse this process, and those it starts, the use of tile registers."""
    load, jump, give = 0x20, 0x15, 0x06
    number, first_argument = 0, 16
    arch_prctl, request_permission, refused, allowed = 158, 0x1023, 0x00050001, 0x7FFF0000
    program = [
        (load, 0, 0, number),
        (jump, 0, 3, arch_prctl),
        (load, 0, 0, first_argument),
        (jump, 0, 1, request_permission),
        (give, 0, 0, refused),
        (give, 0, 0, allowed),
    ]
    code = b"".join(struct.pack("HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, seccomp, filter_mode = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) or libc.prctl(seccomp, filter_mode, header, 0, 0):
        raise SystemExit("the kernel does not take the filter")


async def run(args: argparse.Namespace) -> int:
    """Make each model, measure each setting; 0 when every one is within the limit."""
    hardware = probe()
    if args.hide_amx:
        hide_amx()
        hardware = replace(
            hardware,
            cpu_features=frozenset(feature for feature in hardware.cpu_features if not feature.startswith("amx")),
        )
    errors: list[float] = []
    for name in args.shape:
        vocab = next(file for start, file in VOCABULARIES.items() if name.startswith(start))
        shape = replace(SHAPES[name], n_layer=LAYERS[name])
        for type_ in args.type:
            with tempfile.TemporaryDirectory() as directory:
                file = make(
                    Path(directory) / "model.gguf",
                    shape,
                    type_=type_,
                    vocab=args.vocabularies / f"ggml-vocab-{vocab}.gguf",
                )
                errors += await settings(file, f"{name}/{shape.n_layer} {type_}", hardware, args)
    far = max(errors, key=abs)
    print(
        f"{len(errors)} settings; furthest {far:+.2f} %, within {LIMIT_PERCENT:g} %: {sum(abs(e) <= 4 for e in errors)}"
    )
    return 0 if abs(far) <= LIMIT_PERCENT else 1


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vocabularies", type=Path)
    parser.add_argument("--shape", nargs="+", choices=LAYERS, default=list(SHOWN))
    parser.add_argument("--type", nargs="+", default=["Q8_0", "Q4_0", "Q4_K_M"])
    parser.add_argument("--context", nargs="+", type=int, default=[512, 2048, 8192])
    parser.add_argument("--ubatch", nargs="+", type=int, default=[64])
    parser.add_argument("--kv", nargs="+", choices=("f16", "q8_0"), default=["f16"])
    parser.add_argument("--flash", nargs="+", type=FLASH.__getitem__, default=[None], help="yes, no or auto")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=120, help="tokens of the prompt, about")
    parser.add_argument("--repack", nargs="+", type=lambda word: word == "yes", default=[False], help="yes, no or both")
    parser.add_argument("--hide-amx", action="store_true")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
