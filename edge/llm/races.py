"""Runs races between settings on the rig: trial after trial, each as long as time allows, all of them written down."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from statistics import median
from typing import Final, Generic, TypeVar

from edge.llm.errors import LlmError
from edge.llm.rig import Rig
from edge.tuning import Setting
from edge.tuning.outcome import Rates, Tried
from edge.tuning.search import Halving

TURN: Final = (48, 48)
"""A turn of a conversation, in tokens: a question, whose beginning is in memory, and an answer."""
DEPTHS: Final = (16, 128)
"""Tokens in memory while generation is timed, at least and at most."""
TOKENS: Final = (3, 16)
PROMPTS: Final = (32, 256)
"""A trial's size in tokens, at least and at most: as long as its slot of time allows."""
PATIENCE: Final = 4.0
LEAST_PATIENCE_S: Final = 0.5
"""A trial that takes so many times what others took is stopped: it has lost."""
RECENT: Final = 7
_DEPTH_NUMBER: Final = -2

_Arm = TypeVar("_Arm")


class Wanted(Enum):
    """What a race is about."""

    WRITING = auto()
    READING = auto()
    TURNS = auto()
    """Both, in the proportion of a conversation."""

    def score(self, rates: Rates) -> float:
        """Higher is better; 0 where nothing was done in time."""
        if self is Wanted.WRITING:
            return rates.tokens_per_s
        if self is Wanted.READING:
            return rates.prompt_tokens_per_s
        if not rates.prompt_tokens_per_s or not rates.tokens_per_s:
            return 0.0
        return 1 / (TURN[0] / rates.prompt_tokens_per_s + TURN[1] / rates.tokens_per_s)


@dataclass(frozen=True, slots=True)
class Contest(Generic[_Arm]):
    """A race: between whom, about what, and how its trials are laid out."""

    stage: str
    race: Halving[_Arm]
    setting_of: Callable[[_Arm], Setting]
    wanted: Wanted
    passes: int = 1
    """Visits to each candidate before one is dropped."""
    repeats: int = 1
    """Trials a visit: more than one where changing over takes time."""
    prompt: int | None = None
    """Tokens of a prompt, where it must not depend on time."""


class Races:
    """The races of one tuning. Times are seconds since it began."""

    def __init__(self, rig: Rig, n_ctx: int, tell: Callable[[str, float], None]) -> None:
        self._rig = rig
        self._n_ctx = n_ctx
        self._tell = tell
        self._began = time.monotonic()
        self._prompts = 0
        self._depth = DEPTHS[0]
        self.trials: list[Tried] = []
        self.last_call = 0.0
        """No candidate begins after this."""

    @property
    def elapsed(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    @property
    def pace(self) -> Rates:
        """About how fast it is here and now; 0 where that is not known."""
        reads = [rate for one in self.trials if (rate := one.rates.prompt_tokens_per_s)][-RECENT:]
        writes = [rate for one in self.trials if (rate := one.rates.tokens_per_s)][-RECENT:]
        return Rates(median(reads or [0.0]), median(writes or [0.0]))

    def patience(self, prompt: int, tokens: int) -> float:
        """Seconds after which a trial of this size is stopped."""
        pace = self.pace
        return max(LEAST_PATIENCE_S, PATIENCE * (prompt / pace.prompt_tokens_per_s + tokens / pace.tokens_per_s))

    async def first(self, setting: Setting, limit_s: float) -> Rates:
        """One trial of what is loaded, to know how fast things are at all."""
        rates = await self._rig.measure(PROMPTS[0], TOKENS[0], number=self._number(), limit_s=limit_s)
        # The same for all, though the pace may change.
        self._depth = within(DEPTHS, int(rates.prompt_tokens_per_s / 2) // 16 * 16)
        self._record("first", setting, rates)
        return rates

    async def last(self, setting: Setting, n_ctx: int, prompt: int, tokens: int) -> Rates:
        """One trial of what is loaded, as it will run."""
        limit_s = 2 * self.patience(prompt, tokens)
        rates = await self._rig.measure(prompt, tokens, number=self._number(), limit_s=limit_s)
        self._record("last", setting, rates, n_ctx=n_ctx)
        return rates

    async def run(self, contest: Contest[_Arm], until: float) -> _Arm | None:
        """The winner, once it is clear or it is `until`; None where not everyone could be measured."""
        race, everyone = contest.race, False
        while not race.settled and self.elapsed < until:
            rounds = race.rounds_left * contest.passes * contest.repeats
            size = self._size(contest, (until - self.elapsed) / (rounds * len(race.alive)))
            for arm in [arm for _ in range(contest.passes) for arm in race.order()]:
                if arm not in race.alive:
                    continue
                if self.elapsed >= (until if everyone else self.last_call):
                    return race.best if everyone else None
                self._tell(contest.stage, self.elapsed)
                try:
                    await self._visit(contest, arm, size)
                except LlmError as error:
                    self._record(contest.stage, contest.setting_of(arm), Rates(), str(error))
                    race.drop(arm)
            everyone = True
            race.cut()
        return race.best

    async def _visit(self, contest: Contest[_Arm], arm: _Arm, size: tuple[int, int]) -> None:
        setting = contest.setting_of(arm)
        await self._rig.load(setting, self._n_ctx)
        prompt, tokens = size
        for _ in range(contest.repeats):
            number, limit_s = self._number(), self.patience(prompt, tokens)
            if contest.wanted is Wanted.WRITING:
                # What stands before the words is read once, and not timed.
                number = _DEPTH_NUMBER
                await self._rig.measure(prompt, 0, number=number, limit_s=limit_s)
            rates = await self._rig.measure(prompt, tokens, number=number, limit_s=limit_s)
            self._record(contest.stage, setting, rates)
            contest.race.note(arm, contest.wanted.score(rates))

    def _size(self, contest: Contest[_Arm], slot_s: float) -> tuple[int, int]:
        """Tokens of a trial's prompt, and after it, that take about the time of a slot."""
        pace = self.pace
        if contest.wanted is Wanted.WRITING:
            return self._depth, within(TOKENS, int(slot_s * pace.tokens_per_s))
        share = slot_s / 2 if contest.wanted is Wanted.TURNS else slot_s
        prompt = contest.prompt or within(PROMPTS, int(share * pace.prompt_tokens_per_s) // 16 * 16)
        tokens = within(TOKENS, int(share * pace.tokens_per_s)) if contest.wanted is Wanted.TURNS else 0
        return min(prompt, self._n_ctx - TOKENS[1] - 2), tokens

    def _number(self) -> int:
        self._prompts += 1
        return self._prompts

    def _record(self, stage: str, setting: Setting, rates: Rates, trouble: str = "", n_ctx: int = 0) -> None:
        self.trials.append(Tried(stage, setting, n_ctx or self._n_ctx, round(self.elapsed, 3), rates, trouble))


def within(bounds: tuple[int, int], value: int) -> int:
    """The value, no less than the first and no more than the second."""
    return max(bounds[0], min(bounds[1], value))
