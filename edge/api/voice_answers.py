"""What the control socket has the assistant say."""

from collections.abc import Mapping
from typing import Any, Protocol

from edge.api.control import Answer, Request
from edge.api.wire import ControlError


class Speaker(Protocol):
    """Says texts aloud."""

    async def say(self, text: str, voice: str | None = None, area: str | None = None, *, severe: bool = False) -> str:
        """Say it when its turn comes, in an area or here; returns how it ended: `said`, `stopped`, `muted`.

        What is `severe` is said at once and in every room. Raises `EdgeError`.
        """
        ...


def voice_answers(speaker: Speaker) -> dict[str, Answer]:
    """By the request's `do`.

    `say` {text, voice?, area?, priority?}: {"ending"}, when it has been said; `priority` is `announcement` or `alarm`.
    """

    async def say(request: Request) -> Mapping[str, Any]:
        text = request.text("text").strip()
        if not text:
            raise ControlError("`text`: expected something to say")
        priority = request.text("priority", "announcement")
        if priority not in ("announcement", "alarm"):
            raise ControlError(f"`priority`: expected announcement or alarm, found {priority[:40]!r}")
        voice, area = request.text_or_none("voice"), request.text_or_none("area")
        return {"ending": await speaker.say(text, voice, area, severe=priority == "alarm")}

    return {"say": say}
