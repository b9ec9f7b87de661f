"""One model in llama.cpp, driven through its C interface: tokens in, tokens out, the cache kept between answers.

Only the worker process imports this module. The library's own Python class is not used: it keeps every token's scores,
ignores the loading mode and can't be cancelled in the middle of a batch.
"""

import ctypes
import mmap
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from edge.llm.backends import load_backends
from edge.llm.errors import LlmError
from edge.llm.wire import Load, Sampling

LOAD_MODES: Final = {"none": "LLAMA_LOAD_MODE_NONE", "mmap": "LLAMA_LOAD_MODE_MMAP"}
SAMPLING: Final = Sampling()
LIKELIEST: Final = 256
"""Tokens among which one is looked for first, where a guide has more to allow than it can list."""
_CANDIDATE: Final = np.dtype([("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])
_ABORTED: Final = 2
_LOG_ERROR: Final = 4
_libc: Final = ctypes.CDLL(None)
_complaints: deque[str] = deque(maxlen=8)


class Aborted(Exception):  # noqa: N818 - an event, not an error
    """The work was cancelled; the engine is as it was before and can go on."""


class Guide(Protocol):
    """Says which tokens may follow; it is told of those that do between two of its answers."""

    def allows(self, token: int) -> bool:
        """Whether the token may follow, or end the turn."""
        ...

    def ends(self, token: int) -> bool:
        """Whether the turn ends instead of going on with this token."""
        ...

    def allowed(self) -> NDArray[np.intp] | None:
        """The tokens that may follow; None where they are a large part of all."""
        ...

    def forced(self) -> list[int]:
        """The tokens that must follow, where there is no choice."""
        ...


class Engine:
    """A loaded model with one sequence. Not safe to share between threads, but for `abort` and `set_threads`."""

    def __init__(self, load: Load, progress: Callable[[float], bool]) -> None:
        """Load the model; `progress` is told how far it is (0 to 1) and says whether to go on. Raises `LlmError`."""
        _complaints.clear()
        llama_cpp.llama_log_set(_NOTE, None)
        load_backends()
        llama_cpp.llama_backend_init()
        self._flag = ctypes.create_string_buffer(b"0")
        self._model: Any = None
        self._context: Any = None
        try:
            self._model = self._load_model(load, progress)
            self._vocab = llama_cpp.llama_model_get_vocab(self._model)
            self.remake(load)
        except LlmError:
            self.close()
            raise

    def remake(self, load: Load) -> None:
        """Make the context anew, with other settings; the weights stay where they are. Raises `LlmError`."""
        self._free_context()
        self._context = self._make_context(load)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._n_batch = load.n_batch
        self._computing = self.threads = load.n_threads, load.n_threads_batch
        self._cached: list[int] = []
        self.n_ctx: int = llama_cpp.llama_n_ctx(self._context)

    def close(self) -> None:
        """Let everything go and give the memory back; nothing else may be called afterwards."""
        self._free_context()
        if self._model:
            llama_cpp.llama_model_free(self._model)
        self._model = None
        _libc.malloc_trim(0)

    @property
    def chat_template(self) -> str | None:
        """The template in the file."""
        raw = llama_cpp.llama_model_chat_template(self._model, None)
        return raw.decode("utf-8", "replace") if raw else None

    @property
    def bos(self) -> str:
        """The text of the token that begins a sequence; empty when there is none."""
        return self._token_text(llama_cpp.llama_vocab_bos(self._vocab))

    @property
    def eos(self) -> str:
        """The text of the token that ends a sequence; empty when there is none."""
        return self._token_text(llama_cpp.llama_vocab_eos(self._vocab))

    def tokenize(self, text: str, *, control: bool) -> list[int]:
        """The tokens of `text`; only with `control` may it hold control tokens."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 16
        tokens = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(self._vocab, data, len(data), tokens, room, False, control)
        if count < 0:
            raise LlmError(f"a text of {len(text)} characters can't be split into tokens")
        return list(tokens[:count])

    def opening(self, tokens: Sequence[int]) -> list[int]:
        """The prompt with the token that this model wants at the beginning, if it is not there."""
        first = llama_cpp.llama_vocab_bos(self._vocab)
        if llama_cpp.llama_vocab_get_add_bos(self._vocab) and first >= 0 and list(tokens[:1]) != [first]:
            return [first, *tokens]
        return list(tokens)

    def text(self, token: int) -> bytes:
        """The bytes of a token, of which control tokens have none."""
        size = 64
        buffer = ctypes.create_string_buffer(size)
        count = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, size, 0, False)
        if count < 0:
            buffer = ctypes.create_string_buffer(-count)
            count = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, -count, 0, False)
        return buffer.raw[: max(0, count)]

    def held(self, prompt: Sequence[int]) -> int:
        """How many of the prompt's first tokens are in memory."""
        pairs = enumerate(zip(self._cached, prompt, strict=False))
        return next((at for at, (old, new) in pairs if old != new), min(len(self._cached), len(prompt)))

    def read(self, prompt: Sequence[int]) -> int:
        """Take the prompt in, keeping what is in memory of it already; returns the tokens kept. Raises `Aborted`."""
        kept = self._forget_after(self.held(prompt[:-1]))
        for start in range(kept, len(prompt), self._n_batch):
            self._decode(prompt[start : start + self._n_batch])
        return kept

    def snapshot(self, most_bytes: int) -> mmap.mmap | None:
        """A copy of what is in memory, for `restore`; None where the model can't tell it, or it is larger than that."""
        size = llama_cpp.llama_state_seq_get_size(self._context, 0)
        if not 0 < size <= most_bytes:
            return None
        # Of its own mapping, so that closing it gives the memory back at once.
        copy = mmap.mmap(-1, size)
        array = (ctypes.c_uint8 * size).from_buffer(copy)
        written = llama_cpp.llama_state_seq_get_data(self._context, array, size, 0)
        del array
        if written == size:
            return copy
        copy.close()
        return None

    def restore(self, tokens: Sequence[int], state: mmap.mmap, offset: int) -> bool:
        """Put a snapshot of `tokens`, which begins at `offset`, in the place of what is in memory.

        It must be whole and of the same model, library and settings: the library believes whatever it is given.
        """
        self._forget_after(0)
        size = len(state) - offset
        array = (ctypes.c_uint8 * size).from_buffer(state, offset)
        read = llama_cpp.llama_state_seq_set_data(self._context, array, size, 0)
        del array
        if read != size:
            self._forget_after(0)
            return False
        self._cached = list(tokens)
        return True

    def write(
        self, *, temperature: float, seed: int, guide: Guide | None = None, sampling: Sampling | None = None
    ) -> Iterator[int]:
        """Tokens that follow, until the model ends its turn or the context is full. Raises `Aborted`.

        Any control token ends the turn: a small model that opens another speaker's would go on for both. A guide may
        have it otherwise: a token it forbids is drawn again from those it allows, and what it forces is not drawn.
        """
        sampler = _sampler(self.n_vocab, temperature, seed, sampling or SAMPLING)
        try:
            while True:
                following = guide.forced() if guide else []
                if not following:
                    token = self._drawn(sampler, guide)
                    if guide.ends(token) if guide else self.ends_turn(token):
                        return
                    following = [token]
                room = self.n_ctx - len(self._cached)
                yield from following[: max(1, room)]
                if len(following) > room:
                    return
                self._decode(following)
        finally:
            llama_cpp.llama_sampler_free(sampler)

    def _drawn(self, sampler: Any, guide: Guide | None) -> int:
        """A token, drawn freely first: to list what a guide allows takes longer than to ask it about one."""
        token: int = llama_cpp.llama_sampler_sample(sampler, self._context, -1)
        if guide is None or guide.allows(token):
            return token
        logits = np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(self._context, -1), (self.n_vocab,))
        allowed = guide.allowed()
        if allowed is None:
            likeliest = np.argpartition(logits, -LIKELIEST)[-LIKELIEST:]
            allowed = likeliest[[guide.allows(one) for one in likeliest.tolist()]]
        if not len(allowed):
            allowed = np.flatnonzero([guide.allows(one) for one in range(self.n_vocab)])
        candidates = np.zeros(len(allowed), _CANDIDATE)
        candidates["id"], candidates["logit"] = allowed, logits[allowed]
        data = candidates.ctypes.data_as(ctypes.POINTER(llama_cpp.llama_token_data))
        drawn = llama_cpp.llama_token_data_array(data, len(allowed), -1, False)
        llama_cpp.llama_sampler_apply(sampler, ctypes.byref(drawn))
        return int(drawn.data[drawn.selected].id)

    def logits(self) -> list[float]:
        """What the last token read makes of each token of the vocabulary."""
        values = llama_cpp.llama_get_logits_ith(self._context, -1)
        return list(values[: self.n_vocab]) if values else []

    @property
    def n_vocab(self) -> int:
        """How many tokens there are."""
        count: int = llama_cpp.llama_vocab_n_tokens(self._vocab)
        return count

    @property
    def cached_tokens(self) -> int:
        """How many tokens are in memory."""
        return len(self._cached)

    def set_threads(self, n_threads: int, n_threads_batch: int) -> None:
        """Compute with so many from the next token on; any thread may call this."""
        self.threads = n_threads, n_threads_batch

    @property
    def full(self) -> bool:
        """Whether the context has no room for another token."""
        return len(self._cached) >= self.n_ctx

    def abort(self, stop: bool) -> None:
        """Make running and coming work raise `Aborted`, or let it run again; any thread may call this."""
        self._flag[0] = b"1" if stop else b"0"

    def _load_model(self, load: Load, progress: Callable[[float], bool]) -> Any:
        params = llama_cpp.llama_model_default_params()
        if not hasattr(params, "load_mode") or not hasattr(params, "use_extra_bufts"):
            raise LlmError(
                f"llama-cpp-python {llama_cpp.__version__} is too old: pip install --upgrade 'edge-assistant[llm]'"
            )
        params.load_mode = getattr(llama_cpp, LOAD_MODES[load.load_mode])
        params.use_extra_bufts = load.repack
        watch = llama_cpp.llama_progress_callback(lambda fraction, _: progress(fraction))
        params.progress_callback = watch
        model = llama_cpp.llama_model_load_from_file(str(Path(load.model)).encode(), params)
        if not model:
            raise LlmError(f"llama.cpp can't load {load.model}: {_last_words()}")
        return model

    def _make_context(self, load: Load) -> Any:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = load.n_ctx
        params.n_batch = load.n_batch
        params.n_ubatch = load.n_ubatch
        params.n_seq_max = 1
        params.n_threads = load.n_threads
        params.n_threads_batch = load.n_threads_batch
        if load.flash_attn is not None:
            params.flash_attn_type = int(load.flash_attn)
        params.type_k, params.type_v = _kv_type(load.type_k), _kv_type(load.type_v)
        params.no_perf = True
        # The callback is asked before every operation of every layer. A Python function there would take the
        # interpreter's lock each time; the C library's own atoi reads our flag ("0" or "1") without it.
        params.abort_callback = ctypes.cast(_libc.atoi, llama_cpp.ggml_abort_callback)
        params.abort_callback_data = ctypes.cast(self._flag, ctypes.c_void_p)
        context = llama_cpp.llama_init_from_model(self._model, params)
        if not context:
            raise LlmError(f"llama.cpp can't make a context of {load.n_ctx} tokens: {_last_words()}")
        return context

    def _free_context(self) -> None:
        if self._context:
            llama_cpp.llama_free(self._context)
        self._context = None

    def _decode(self, tokens: Sequence[int]) -> None:
        if self._computing != self.threads:
            self._computing = self.threads
            llama_cpp.llama_set_n_threads(self._context, *self._computing)
        batch = (llama_cpp.llama_token * len(tokens))(*tokens)
        status = llama_cpp.llama_decode(self._context, llama_cpp.llama_batch_get_one(batch, len(tokens)))
        if status == 0:
            self._cached.extend(tokens)
            return
        self._forget_after(len(self._cached))
        if status == _ABORTED:
            raise Aborted
        raise LlmError(f"llama.cpp could not compute (status {status}): {_last_words()}")

    def _forget_after(self, kept: int) -> int:
        """Drop what is in memory after the first `kept` tokens; a model that can't drop a part forgets everything."""
        if kept == 0 or not llama_cpp.llama_memory_seq_rm(self._memory, 0, kept, -1):
            llama_cpp.llama_memory_clear(self._memory, True)
            kept = 0
        del self._cached[kept:]
        return kept

    def ends_turn(self, token: int) -> bool:
        """Whether the token ends the model's turn."""
        is_end: bool = llama_cpp.llama_vocab_is_eog(self._vocab, token)
        return is_end or bool(llama_cpp.llama_vocab_is_control(self._vocab, token))

    def _token_text(self, token: int) -> str:
        if token < 0:
            return ""
        raw: bytes | None = llama_cpp.llama_vocab_get_text(self._vocab, token)
        return raw.decode("utf-8", "replace") if raw else ""


def _note(level: int, text: bytes, _: object) -> None:
    """Keep the library's complaints; of the module, since the library may complain as long as the process lives."""
    if level == _LOG_ERROR:
        _complaints.append(text.decode("utf-8", "replace").strip())


_NOTE: Final = llama_cpp.llama_log_callback(_note)


def _last_words() -> str:
    return "; ".join(_complaints)[-400:] or "it does not say why"


def _kv_type(name: str) -> int:
    number: int | None = getattr(llama_cpp, f"GGML_TYPE_{name.upper()}", None)
    if number is None:
        raise LlmError(f"llama.cpp knows no type {name!r} for the KV cache: f16 and q8_0 are usual")
    return number


def _sampler(n_vocab: int, temperature: float, seed: int, how: Sampling = SAMPLING) -> Any:
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    penalties = how.repeat_penalty, how.frequency_penalty, how.presence_penalty
    links = []
    if penalties != (1.0, 0.0, 0.0):
        links.append(llama_cpp.llama_sampler_init_penalties(n_vocab, how.penalty_last_n, *penalties))
    if temperature <= 0:
        links.append(llama_cpp.llama_sampler_init_greedy())
    else:
        links += [
            llama_cpp.llama_sampler_init_top_k(how.top_k),
            llama_cpp.llama_sampler_init_top_p(how.top_p, 1),
            llama_cpp.llama_sampler_init_min_p(how.min_p, 1),
            llama_cpp.llama_sampler_init_temp(temperature),
            llama_cpp.llama_sampler_init_dist(seed),
        ]
    for link in links:
        llama_cpp.llama_sampler_chain_add(chain, link)
    return chain
