"""Carries out what the assistant was taught on this device: sends the message, or tells those who listen."""

import logging

from edge.assistant.model import Utterance
from edge.assistant.phrases import sentence
from edge.assistant.ports import Messenger
from edge.assistant.told import Told
from edge.errors import EdgeError
from edge.router.model import Call
from edge.router.teaching import PREFIX

log = logging.getLogger(__name__)


class Learnt:
    """The taught functions that are no calls of others."""

    def __init__(self, messenger: Messenger | None) -> None:
        self._messenger = messenger

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it, and say what became of it; a call that is none of these is for nobody."""
        if not call.function.startswith(PREFIX):
            return Told("I can't do that yet.")
        name = call.function.removeprefix(PREFIX)
        spoken = name.replace("_", " ")
        if self._messenger is None:
            return Told(sentence(f"{spoken} did not go out: there is no connection to the house"))
        topic, payload = call.arguments.get("topic"), call.arguments.get("payload", "")
        try:
            if isinstance(topic, str):
                await self._messenger.publish(topic, str(payload))
            else:
                facts = {"name": name, "text": utterance.text, "area": utterance.area, "source": utterance.source.value}
                await self._messenger.tell("taught", facts)
        except EdgeError as error:
            log.warning("assistant.taught_failed", extra={"function": call.function, "error": str(error)})
            return Told(sentence(f"{spoken} did not go out: {error}"))

        async def undo() -> str:
            return sentence(f"I can't take {spoken} back: I only know that it went out")

        return Told("Done." if topic else sentence(f"I have passed on {spoken}"), undo)
