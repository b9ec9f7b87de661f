"""The house's scenes and routines: played by whoever turns them on, read at the start where there are any."""

from edge.assistant.assistant import Assistant
from edge.assistant.scenekeeping.staged import Staged
from edge.devices.model import Outcome, ServiceCall
from edge.service.hardware import Moving


class Stage:
    """Plays scenes of ours, and gives all other calls to the house."""

    def __init__(self, staged: Staged, elsewhere: Moving) -> None:
        self._staged = staged
        self._elsewhere = elsewhere

    async def perform(self, call: ServiceCall) -> Outcome:
        """Raises nothing."""
        owner: Moving = self._staged if self._staged.owns(call.device) else self._elsewhere
        return await owner.perform(call)


async def open_scenes(staged: Staged, assistant: Assistant) -> list[str]:
    """Known to the assistant; what is wrong with their file, as sentences."""
    await assistant.stage_through(staged)
    return list(staged.problems)
