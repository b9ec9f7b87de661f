"""The library, made to fail on purpose in the workers that start from now on."""

from pathlib import Path

# Stands before the library in the worker: its fast path does what `{fast}` says, its plain path what `{plain}` says.
SABOTAGE = """
import llama_cpp, os, signal
load, logits = llama_cpp.llama_model_load_from_file, llama_cpp.llama_get_logits_ith
path = ["plain"]

def sabotaged_load(name, params):
    path[0] = "fast" if params.use_extra_bufts else "plain"
    params.use_extra_bufts = False
    if {deeds}[path[0]] == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    return load(name, params)

class Backwards:
    def __init__(self, values):
        self.values = values
    def __getitem__(self, part):
        return self.values[part][::-1]

def sabotaged_logits(context, index):
    values = logits(context, index)
    return Backwards(values) if {deeds}[path[0]] == "nonsense" else values

llama_cpp.llama_model_load_from_file, llama_cpp.llama_get_logits_ith = sabotaged_load, sabotaged_logits
"""


class Library:
    """What the library does in workers that start from now on."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def does(self, *, fast: str, plain: str) -> None:
        """Each of `well`, `crash`, `nonsense`."""
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text(SABOTAGE.replace("{deeds}", repr({"fast": fast, "plain": plain})))
