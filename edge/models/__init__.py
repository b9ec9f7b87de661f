"""Language model files: what a GGUF says of itself, and the directory that keeps them. Imports `edge.errors` alone."""

from edge.models.gguf import GgufError, GgufHeader, Tensor, read_header
from edge.models.store import ModelError, ModelStore, StoredModel

__all__ = ["GgufError", "GgufHeader", "ModelError", "ModelStore", "StoredModel", "Tensor", "read_header"]
