"""Which build of llama.cpp is installed: what was measured or checked with another build says nothing of this one."""

import hashlib
import importlib.util
from contextlib import suppress
from functools import cache
from pathlib import Path

from edge.tuning.hardware import Hardware

_CHUNK = 1 << 20


def library_missing() -> str:
    """How to get the library where it is not installed; empty where it is."""
    if importlib.util.find_spec("llama_cpp") is not None:
        return ""
    return "llama-cpp-python is not installed: pip install 'edge-assistant[llm]'"


@cache
def library_digest() -> str:
    """A digest of the library's files, in hexadecimal; empty where it is not installed. Reads a few megabytes once.

    A file that can't be read counts as such: whether the library works all the same, the worker finds out.
    """
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        return ""
    digest = hashlib.blake2b(digest_size=16)
    home = Path(next(iter(spec.submodule_search_locations)))
    for file in sorted({file.resolve() for file in (home / "lib").glob("*.so*")} | {home / "llama_cpp.py"}):
        digest.update(file.name.encode())
        with suppress(OSError), file.open("rb") as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def machine_digest(hardware: Hardware) -> str:
    """A digest of what decides how the library computes: the processor, by its name and what it can."""
    facts = "\n".join((hardware.machine, hardware.cpu_model, *sorted(hardware.cpu_features)))
    return hashlib.blake2b(facts.encode(), digest_size=16).hexdigest()
