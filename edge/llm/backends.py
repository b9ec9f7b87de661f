"""Loads the kernels that fit this processor, where the library brings several: llama-cpp-python itself loads none."""

import ctypes

from llama_cpp.llama_cpp import _base_path, _lib


def load_backends() -> None:
    """Load the best of the library's backends, once in a process; nothing where its kernels are built in."""
    _lib.ggml_backend_reg_count.restype = ctypes.c_size_t
    if _lib.ggml_backend_reg_count() == 0:
        _lib.ggml_backend_load_all_from_path(str(_base_path).encode())
