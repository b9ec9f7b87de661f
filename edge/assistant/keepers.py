"""Who carries out the functions that are for no device: timers, lists, alarms, and whatever else is kept."""

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.ports import Keeper
from edge.assistant.told import Told
from edge.router.model import Call


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

    async def tell(self, call: Call, utterance: Utterance) -> tuple[Told, ReplySource] | None:
        """What became of it, and who says so; None where nobody has such a function. Raises `EdgeError`."""
        keeper = self._of(call)
        return None if keeper is None else (await keeper.tell(call, utterance), keeper.source)

    def _of(self, call: Call) -> Keeper | None:
        return next((keeper for keeper in self._keepers if keeper.handles(call.function)), None)
