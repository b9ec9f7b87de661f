"""Sentences that go on from others, for the assistant: what reads them is loaded when somebody says something."""

from typing import TYPE_CHECKING

from edge.assistant.choices import Route
from edge.devices.registry import Registry
from edge.router.model import Routing
from edge.schedule.agenda import Agenda
from edge.schedule.clock import Clock

if TYPE_CHECKING:
    from edge.assistant.following.following import Followed, Following
    from edge.assistant.following.past import Past


class GoingOn:
    """As `edge.assistant.following.following.Following`."""

    def __init__(self, registry: Registry, route: Route, clock: Clock, agenda: Agenda) -> None:
        self._parts = (registry, route, clock, agenda)
        self._made: Following | None = None

    def read(self, text: str, area: str | None, past: "Past") -> "Followed | None":
        """None where the sentence stands by itself, or nothing was spoken of that it could go on from."""
        return self._following.read(text, area, past)

    def after(self, routing: Routing, area: str | None, past: "Past") -> Routing:
        """What the router made of a sentence, where that leaves open what was spoken of before."""
        return self._following.after(routing, area, past)

    def restated(self, text: str, past: "Past") -> str | None:
        """The last request with what this says is wrong in it put right; None where it says no such thing."""
        return self._following.restated(text, past)

    def rule_changed(self, text: str, past: "Past") -> str | None:
        """The sentence of the rule that was made last with a change of it; None where the text is no change."""
        return self._following.rule_changed(text, past)

    @property
    def _following(self) -> "Following":
        if self._made is None:
            from edge.assistant.following.following import Following

            self._made = Following(*self._parts)
        return self._made
