"""The language model: a worker process that computes and the client that keeps it alive.

Imports `edge.tuning`, `edge.models` and `edge.errors`; `llama_cpp` is imported in the worker process alone.
"""

from edge.llm.client import LanguageModel
from edge.llm.errors import LlmError
from edge.llm.gate import Priority
from edge.llm.options import Figures, Options, State

__all__ = ["Figures", "LanguageModel", "LlmError", "Options", "Priority", "State"]
