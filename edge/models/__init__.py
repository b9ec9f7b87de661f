"""Models of every kind: what their files say of themselves, the directory that keeps them, and where they come from.

Imports `edge.errors` alone. Nothing but `hub.py` and `pull.py` opens a network connection, and only `edge models pull`
calls these.
"""

from edge.models.errors import ModelError
from edge.models.gguf import GgufError, GgufHeader, Tensor, read_header
from edge.models.kinds import Kind
from edge.models.store import ModelStore, StoredModel

__all__ = ["GgufError", "GgufHeader", "Kind", "ModelError", "ModelStore", "StoredModel", "Tensor", "read_header"]
