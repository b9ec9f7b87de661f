"""A loaded model at work, in the worker process: a conversation in, pieces of an answer out."""

import codecs
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from edge.llm.calling import CallGuide
from edge.llm.conversation import Conversation, Prompt
from edge.llm.engine import Aborted, Engine
from edge.llm.errors import LlmError, LlmRefused
from edge.llm.forming import FormGuide
from edge.llm.golden import near
from edge.llm.prefix import Prefixes
from edge.llm.template import ChatTemplate, Part, TemplateError
from edge.llm.tools import Toolbox, ToolCall
from edge.llm.toolwriting import ToolWriting
from edge.llm.wire import Answer, Called, Done, Load, Message, Piece, Prime, Reason, Told

TRIAL_TOKENS: Final = 40
"""A prompt long enough for the batched kernels, whatever their tile size."""
TRIED_SINGLY: Final = 8
LEAST_LIKENESS: Final = 0.97
"""Rounding, through all the layers of a model, leaves more than this."""
TEMPLATE_SHARE: Final = 0.25
WORDS_SHARE: Final = 0.5
"""How much of the context instructions and tools may take: as the template tells them, and in fewer words."""
FOREIGN_SHARE: Final = 0.7
"""The same for somebody else's: it is for them to say how much room a conversation is to have."""
PLAIN_STOP: Final = "\nUser:"


class Session:
    """An engine with the chat template of its model, its conversations, and their beginnings on disk."""

    def __init__(self, engine: Engine, load: Load, say: Callable[[Message], None]) -> None:
        self.load = load
        self.notice = ""
        """What a person should know of this model."""
        self._engine = engine
        self._say = say
        self._template: ChatTemplate | None = None
        try:
            self._template = _chat_template(engine)
        except TemplateError as error:
            self.notice = f"{error}; a plain prompt is used instead"
        self._tools = ToolWriting(engine, self._template.manner.format if self._template else None)
        self._begin()

    @property
    def engine(self) -> Engine:
        """What computes."""
        return self._engine

    def remake(self, load: Load) -> None:
        """Go on with the same weights in another context. Raises `LlmError`, and then nothing is left of it."""
        self._engine.remake(load)
        self.load = load
        self._begin()

    def try_out(self) -> str:
        """Compute once before saying that it works; it also brings the weights into memory.

        To be verified, it computes in batches, which can crash on a machine that a build was not made for, and says
        what is wrong if the last tokens, read one by one, give other values.
        """
        text = "The quick brown fox jumps over the lazy dog. " * TRIAL_TOKENS
        words = self._engine.tokenize(text, control=False)[: min(TRIAL_TOKENS, self._engine.n_ctx // 2)]
        if not self.load.verify:
            self._engine.read(words[:1])
            return ""
        self._engine.read(words)
        batched = self._engine.logits()
        next(self._engine.write(temperature=0, seed=0), None)
        for length in range(len(words) - TRIED_SINGLY, len(words) + 1):
            self._engine.read(words[:length])
        nearness = near(self._engine.logits(), batched)
        return (
            "" if nearness >= LEAST_LIKENESS else f"the model's values differ by batch (nearness {nearness:.3f} of 1)"
        )

    def prime(self, prime: Prime) -> None:
        """Have what instructions and tools make of the prompt in memory, from disk or read; may be `Aborted`."""
        toolbox = self._fitting(prime.instructions, prime.toolbox)
        static = self._conversation.static(prime.instructions, toolbox)
        if static and len(static) < self._engine.n_ctx // 2:
            self._read(Prompt(static, 0, len(static)))
        if toolbox:
            self._tools.prepare(toolbox)

    def answer(self, request: Answer) -> Done:
        """Answer, saying each piece as it comes. Raises `LlmError`, `LlmRefused` where it is the request's fault."""
        toolbox = self._fitting(request.instructions, request.toolbox, foreign=request.foreign)
        prompt = self._prompt(request, toolbox)
        guide = self._guide(request, toolbox)
        started = read = time.monotonic()
        reused, restored = 0, 0
        written: list[int] = []
        said = ""
        reason = Reason.STOP

        def say(text: str) -> None:
            nonlocal said
            if text:
                said += text
                self._say(Piece(request.id, text))

        words = _Words(request.stop if self._template else [*request.stop, PLAIN_STOP])
        writing = self._engine.write(
            temperature=request.temperature, seed=request.seed, guide=guide, sampling=request.sampling
        )
        try:
            reused, restored = self._read(prompt, keep=not request.foreign)
            read = time.monotonic()
            for token in writing:
                written.append(token)
                say(words.add(guide.accept(token) if guide else self._engine.text(token)))
                if words.stopped or (guide and guide.finished):
                    break
                unbroken = guide is not None and guide.calling and not request.foreign
                if self._engine.full or (len(written) >= request.max_tokens and not unbroken):
                    reason = Reason.LENGTH
                    break
            say((words.add(guide.rest()) if guide else "") + words.rest())
        except Aborted:
            reason = Reason.CANCELLED
        calls = guide.calls if guide and reason is not Reason.CANCELLED else ()
        if guide and calls:
            self._say(Called(request.id, [[call.name, dict(call.arguments)] for call in calls], guide.text))
        self._conversation.remember(guide.text if guide else said, written)
        if not said and not calls and reason is Reason.STOP and not request.foreign:
            raise LlmError("the language model had nothing to say")
        return Done(
            request.id,
            reason,
            prompt_tokens=len(prompt.tokens),
            reused_tokens=reused,
            restored_tokens=restored,
            prompt_s=round(read - started, 4),
            tokens=len(written),
            tokens_s=round(time.monotonic() - read, 4),
            dropped_turns=prompt.dropped_turns,
        )

    def _begin(self) -> None:
        self._fitted: tuple[str, Toolbox | None, Toolbox | None] | None = None
        self._conversation = Conversation(self._template, self._tokens, self._engine.opening, self._engine.n_ctx)
        self._prefixes = Prefixes.of(self.load, lambda event, facts: self._say(Told(event, facts)))

    def _prompt(self, request: Answer, toolbox: Toolbox | None) -> Prompt:
        turns = [(role, self._with_calls(text, *calls)) for role, text, *calls in request.turns]
        foreign = request.foreign
        try:
            return self._conversation.prompt(
                request.instructions, turns, request.max_tokens, toolbox, think=request.think, static=not foreign
            )
        except TemplateError as error:
            raise LlmRefused(str(error)) if foreign else error from error

    def _with_calls(self, text: str, calls: str = "") -> str:
        """A turn's text with the calls that it ends in, as this model would have written them."""
        if not calls:
            return text
        called, tokens = self._tools.written([ToolCall(name, made) for name, made in json.loads(calls)])
        before = f"{text}\n" if text else ""
        self._conversation.know(
            before + called, lambda: [*(self._tokens(Part(before, said=True)) if before else ()), *tokens]
        )
        return before + called

    def _guide(self, request: Answer, toolbox: Toolbox | None) -> CallGuide | FormGuide | None:
        if request.form and not request.must_call:
            return self._tools.form(request.form, toolbox if request.may_call else None)
        if toolbox is None:
            return None
        return self._tools.guide(toolbox, may_call=request.may_call, must_call=request.must_call)

    def _fitting(self, instructions: str, toolbox: Toolbox | None, *, foreign: bool = False) -> Toolbox | None:
        """The tools as they are told with room for a conversation: by the template, in words, or not at all.

        Raises `LlmRefused` where somebody else's have no room: they would wait for calls that never come.
        """
        if self._fitted is None or self._fitted[:2] != (instructions, toolbox):
            self._fitted = instructions, toolbox, toolbox and self._shortened(instructions, toolbox, foreign=foreign)
        if foreign and toolbox and self._fitted[2] is None:
            raise LlmRefused(
                f"these tools and instructions do not fit into the model's context of {self._engine.n_ctx} tokens: "
                "offer fewer tools, or describe them in fewer words"
            )
        return self._fitted[2]

    def _shortened(self, instructions: str, toolbox: Toolbox, *, foreign: bool) -> Toolbox | None:
        tokens = 0
        shares = (FOREIGN_SHARE, FOREIGN_SHARE) if foreign else (TEMPLATE_SHARE, WORDS_SHARE)
        for told, most in zip((toolbox, replace(toolbox, in_words=True)), shares, strict=True):
            tokens = len(self._conversation.static(instructions, told))
            if tokens <= self._engine.n_ctx * most:
                return told
        self._say(Told("llm.no_room_for_tools", {"n_ctx": self._engine.n_ctx, "tokens": tokens}))
        return None

    def _read(self, prompt: Prompt, *, keep: bool = True) -> tuple[int, int]:
        """Take a prompt in, its beginning from disk where that is quicker; tokens not read, and those from disk.

        Where the beginning has no file yet, it is read by itself first, and written in the background; with `keep`.
        """
        static = prompt.tokens[: prompt.static_tokens]
        held = self._engine.held(prompt.tokens)
        alone = len(static) == len(prompt.tokens)
        if self._prefixes is None or not keep or held >= len(static):
            return (held if alone else self._engine.read(prompt.tokens)), 0
        if self._restored(self._prefixes, static):
            return (len(static) if alone else self._engine.read(prompt.tokens)), len(static)
        if self._prefixes.wants(static):
            self._engine.read(static)
            if state := self._engine.snapshot(self._prefixes.most_state_bytes):
                self._prefixes.save(static, state)
            else:
                self._prefixes.refuse(static)
            if alone:
                return held, 0
        self._engine.read(prompt.tokens)
        return held, 0

    def _restored(self, prefixes: Prefixes, static: Sequence[int]) -> bool:
        state = prefixes.load(static)
        if state is None:
            return False
        try:
            if self._engine.restore(static, state.data, state.offset):
                return True
        finally:
            state.data.close()
        prefixes.reject(static, "the library would not have it")
        return False

    def _tokens(self, part: Part) -> list[int]:
        if not part.said:
            return self._engine.tokenize(part.text, control=True)
        # A model may have tokens for the marks of calls that count as text: nobody's words become one of those either.
        pieces = self._tools.unmarked(part.text)
        return [token for piece in pieces for token in self._engine.tokenize(piece, control=False)]


def _chat_template(engine: Engine) -> ChatTemplate:
    source = engine.chat_template
    if not source:
        raise TemplateError("the model has no chat template")
    return ChatTemplate(source, bos=engine.bos, eos=engine.eos)


class _Words:
    """Bytes of tokens in, whole characters out, up to the first of the stop texts."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.stopped = False

    def add(self, data: bytes) -> str:
        """What may be said now; text that could be the beginning of a stop is held back."""
        text = self._held + self._decoder.decode(data)
        self._held = ""
        if self.stopped or not self._stops:
            return "" if self.stopped else text
        found = min((at for at in map(text.find, self._stops) if at >= 0), default=-1)
        if found >= 0:
            self.stopped = True
            return text[:found]
        longest = max(map(len, self._stops)) - 1
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stops):
                self._held = text[-length:]
                return text[:-length]
        return text

    def rest(self) -> str:
        """What was held back, once nothing more comes."""
        return "" if self.stopped else self._held + self._decoder.decode(b"", final=True)
