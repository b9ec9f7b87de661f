"""Who carries out the functions that are for no device: timers, lists, alarms, and whatever else is kept."""

from typing import Final

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.ports import Keeper, Naming
from edge.assistant.told import Told
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.schedule.schedule import Schedule

_READING: Final = frozenset({"entries.tell", "entries.on", "entries.none"})


class Keepers:
    """The first that takes a function has it."""

    def __init__(self, *keepers: Keeper) -> None:
        self._keepers = list(keepers)

    def add(self, keeper: Keeper) -> None:
        """One more."""
        self._keepers.append(keeper)

    def reads(self, call: Call) -> bool:
        """Whether somebody keeps what the call only asks about."""
        keeper = self._of(call)
        return keeper is not None and keeper.reads(call.function)

    def reading(self, function: str) -> bool:
        """The same of a function by its name."""
        return self.reads(Call(function))

    async def tell(self, call: Call, utterance: Utterance) -> tuple[Told, ReplySource] | None:
        """What became of it, and who says so; None where nobody has such a function. Raises `EdgeError`."""
        call = _for_a_while(call)
        keeper = self._of(call)
        return None if keeper is None else (await keeper.tell(call, utterance), keeper.source)

    def name(self, kept: str) -> tuple[str, ...]:
        """What something that somebody keeps can be called in an answer, by its id; empty for what nobody keeps."""
        named = (one.name(kept) for one in self._keepers if isinstance(one, Naming))
        return next((names for names in named if names), ())

    def _of(self, call: Call) -> Keeper | None:
        return next((keeper for keeper in self._keepers if keeper.handles(call.function)), None)


class EntriesOnDemand:
    """The keeper of what is on the schedule, as sentences in passing change it; made for the first of them."""

    source = ReplySource.SCHEDULE

    def __init__(self, schedule: Schedule, registry: Registry, clock: Clock) -> None:
        self._parts = (schedule, registry, clock)
        self._made: Keeper | None = None

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function.startswith("entries.")

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function in _READING

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it and say so. Raises `ScheduleError` where it can't be saved."""
        if self._made is None:
            from edge.assistant.entrykeeping import EntryKeeper

            self._made = EntryKeeper(*self._parts)
        return await self._made.tell(call, utterance)


def _for_a_while(call: Call) -> Call:
    """Silence that has an end is no silence for good."""
    ends = {key: call.arguments[key] for key in ("at", "duration") if call.arguments.get(key) is not None}
    return Call("quiet.on", ends) if call.function == "assistant.mute" and ends and not call.targets else call
