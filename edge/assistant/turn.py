"""What one utterance came to, before it is a `Reply`."""

from dataclasses import dataclass

from edge.assistant.model import Performed, Reply, ReplySource
from edge.router.model import Call, Decision


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the assistant's."""

    decision: Decision
    text: str
    calls: tuple[Call, ...] = ()
    source: ReplySource = ReplySource.ROUTER
    performed: tuple[Performed, ...] = ()
    listen: bool = False
    streamed: bool = False
    asked: bool = False
    """Whether something waits for a confirmation, or may not even be confirmed."""
    confirmed: str = ""
    """How it was confirmed: `yes` or `pin`."""
    request: str = ""
    """What was asked for, where it was said in view of something before: in full."""
    follows: str = ""
    """The id of the request that this one confirmed."""

    def reply(self, id_: str, ms: float, *, request: str, shown: str) -> Reply:
        """What is said to who asked; `request` and `shown`: what others may see of both."""
        return Reply(
            id_, self.text, self.decision, self.calls, self.source, ms, self.performed, self.listen, request, shown
        )
