"""What people have had remembered, opened at the start where there is anything, else when it is first needed."""

from contextlib import AsyncExitStack

from edge.assistant.assistant import Assistant
from edge.assistant.ports import ChatModel
from edge.assistant.remembering.remembered import Remembered
from edge.devices.registry import Registry
from edge.schedule.clock import Clock
from edge.settings import Loaded


async def open_memory(
    loaded: Loaded, registry: Registry, clock: Clock, model: ChatModel, assistant: Assistant, stack: AsyncExitStack
) -> Remembered:
    """Known to the assistant and to its language model; other names are the registry's from here on."""
    file = loaded.places.state / "memory.sqlite"
    remembered = Remembered(file, registry, clock, lambda: model.unavailable is None)
    await stack.enter_async_context(remembered)
    assistant.remember_through(remembered)
    return remembered
