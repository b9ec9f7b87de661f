"""A trial of speed, in the worker process: made-up tokens in, seconds out, and never much longer than was allowed."""

import random
import threading
import time
from collections.abc import Sequence

from edge.llm.engine import Aborted, Engine
from edge.llm.wire import Trial, Tried


def run(engine: Engine, trial: Trial, *, piece: int) -> Tried:
    """Read the trial's prompt, `piece` tokens at once, and generate after it. Raises `LlmError`.

    Speed does not depend on what the tokens are, so they are made up. The first one generated is not timed: new threads
    start with it.
    """
    clock = _Clock()
    late = threading.Timer(trial.limit_s, engine.abort, (True,))
    late.daemon = True
    late.start()
    until = time.monotonic() + trial.limit_s
    prompt = _made_up(engine.n_vocab, trial.number, min(trial.prompt_tokens, engine.n_ctx - 1))
    try:
        kept = engine.held(prompt)
        for end in (*range(kept + piece, len(prompt), piece), len(prompt)) if kept < len(prompt) else ():
            clock.prompt(engine, prompt, kept, end)
            kept = end
        if trial.tokens:
            _generate(engine, prompt, min(trial.tokens, engine.n_ctx - len(prompt) - 1), clock, until)
    except Aborted:
        pass
    finally:
        late.cancel()
        engine.abort(False)
    return Tried(clock.prompt_tokens, round(clock.prompt_s, 5), clock.tokens, round(clock.tokens_s, 5))


class _Clock:
    """What was computed, and the time that took."""

    def __init__(self) -> None:
        self.prompt_tokens = self.tokens = 0
        self.prompt_s = self.tokens_s = 0.0

    def prompt(self, engine: Engine, prompt: Sequence[int], start: int, end: int) -> None:
        """Read a piece."""
        began = time.monotonic()
        engine.read(prompt[:end])
        self.prompt_s += time.monotonic() - began
        self.prompt_tokens += end - start

    def token(self, engine: Engine, sequence: Sequence[int]) -> None:
        """Compute one token more."""
        began = time.monotonic()
        engine.read(sequence)
        self.tokens_s += time.monotonic() - began
        self.tokens += 1


def _generate(engine: Engine, prompt: Sequence[int], count: int, clock: _Clock, until: float) -> None:
    follow = _made_up(engine.n_vocab, -1, count + 1)
    sequence = [*prompt, follow[0]]
    engine.read(sequence)
    for token in follow[1:]:
        if time.monotonic() >= until:
            return
        sequence.append(token)
        clock.token(engine, sequence)


def _made_up(n_vocab: int, number: int, count: int) -> list[int]:
    return random.Random(number).choices(range(n_vocab), k=count)  # noqa: S311 - no secret
