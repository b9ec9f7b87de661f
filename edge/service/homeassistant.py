"""Home Assistant beside the house on MQTT: one registry, two ways to a device, of which one is chosen."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from edge.devices.model import Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.devices.wishes import Wish

if TYPE_CHECKING:
    from pathlib import Path

    from edge.hardware.attached import Attached
    from edge.homeassistant import Commands, Household, Link
    from edge.homeassistant.session import Session
    from edge.mqtt.house import House
    from edge.mqtt.link import Link as MqttLink
    from edge.schedule import Schedule
    from edge.settings import Loaded

    Live = Callable[[Session], Awaitable[None]]

log = logging.getLogger(__name__)

_MEMORY: Final = "homeassistant.json"
_LISTS: Final = "homeassistant-lists.json"
_PLACE: Final = "homeassistant-place.json"


class Way(Protocol):
    """A way to devices."""

    def reaches(self, device: str) -> bool:
        """Whether a command would get to the device now."""
        ...

    async def perform(self, call: ServiceCall) -> Outcome:
        """Carry a call out; raises nothing."""
        ...


class Ways:
    """Takes the first way that reaches a device, and the next one where that could do nothing."""

    def __init__(self, ways: Iterable[Way]) -> None:
        self._ways = tuple(ways)

    async def perform(self, call: ServiceCall) -> Outcome:
        """Carry a call out by one way; a command that was sent is not sent again by another."""
        outcome = Outcome.UNAVAILABLE
        # A way that does not reach it now may do so in a moment: a connection that is about to stand takes commands.
        for way in sorted(self._ways, key=lambda way: not way.reaches(call.device)):
            found = await way.perform(call)
            if found not in (Outcome.UNAVAILABLE, Outcome.UNSUPPORTED):
                return found
            outcome = found if outcome is Outcome.UNAVAILABLE else outcome
        return outcome


@dataclass(slots=True)
class HomeAssistant:
    """The parts of the link to Home Assistant that run."""

    link: "Link"
    household: "Household"
    commands: "Commands"
    actuator: Ways

    def facts(self) -> Mapping[str, Any]:
        """What `edge status` shows of it."""
        from edge.homeassistant.link import LinkState

        mirror, state = self.household.mirror, self.link.state
        if state is LinkState.CONNECTED and not mirror.is_complete:
            state = LinkState.CONNECTING  # what it has is being read: its devices take orders from then on
        return {
            "state": state.value,
            "url": self.link.access.url,
            "version": self.link.version,
            "trouble": self.link.trouble,
            "notice": mirror.notice,
            "entities": len(mirror.known),
            "with_mqtt": self.household.merged,
            "connects": self.link.counts.connects,
        }


async def open_homeassistant(
    loaded: "Loaded",
    registry: Registry,
    house: "House | None",
    mqtt: "MqttLink | None",
    wished: Mapping[str, Wish],
    stack: AsyncExitStack,
    attached: "Attached | None" = None,
    schedule: "Schedule | None" = None,
) -> HomeAssistant | None:
    """The link, connecting on its own; None where no address is set. To be opened before the house is.

    `wished`: what people have written down of devices; `attached`: what hangs on this machine, which keeps its ids;
    `schedule`: whose lists are shared with it, and which is told where the house is where nobody else says so.
    """
    settings = loaded.settings.homeassistant
    if not settings.enabled or settings.url is None:
        return None
    from edge.homeassistant import Access, Commands, Household, Link
    from edge.homeassistant.remembered import kept, load

    file = loaded.places.state / _MEMORY
    remembered = await asyncio.to_thread(load, file)
    household = Household(
        registry,
        exposed_only=settings.exposed_only,
        prefer=settings.prefer,
        house=house,
        wishes=wished,
        taken=attached.owns if attached is not None else None,
    )
    if house is not None:
        house.elsewhere = household
        stack.callback(setattr, house, "elsewhere", None)
    household.remember(remembered)
    stack.callback(household.close)
    access = Access(settings.url, settings.token_file, settings.token, settings.verify_tls, settings.ca_file)
    beside = await _beside(schedule, loaded.places.state, exposed_only=settings.exposed_only) if schedule else ()
    link = Link(access, _all_of(household.mirror.live, *beside))
    commands = Commands(
        household, registry, lambda: link.session, command_timeout_s=loaded.settings.mqtt.command_timeout_s
    )
    ways: list[Way] = [commands] if house is None else [house, commands]
    if settings.prefer == "homeassistant":
        ways.reverse()
    await stack.enter_async_context(kept(file, household.memory))
    await stack.enter_async_context(link)
    if mqtt is not None:
        await stack.enter_async_context(_following(mqtt, household))
    return HomeAssistant(link, household, commands, Ways(ways))


async def _beside(schedule: "Schedule", state: "Path", *, exposed_only: bool) -> "tuple[Live, ...]":
    """What goes on in each session besides following the devices."""
    from edge.homeassistant.lists import SharedLists
    from edge.homeassistant.place import Located

    located = Located(schedule.calendar, state / _PLACE)
    await asyncio.to_thread(located.recall)
    return SharedLists(schedule, state / _LISTS, exposed_only=exposed_only).live, located.live


def _all_of(first: "Live", *beside: "Live") -> "Live":
    """All with every session, which ends when the first does; what the others raise is logged and ends nothing."""

    async def live(session: "Session") -> None:
        work = {asyncio.create_task(_alone(one, session), name="homeassistant-beside") for one in beside}
        try:
            await first(session)
        finally:
            for one in work:
                one.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    return live


async def _alone(live: "Live", session: "Session") -> None:
    from edge.homeassistant.errors import HomeAssistantError

    try:
        await live(session)
    except HomeAssistantError as error:
        log.warning("homeassistant.beside_ended", extra={"reason": str(error)})
    except Exception:
        log.exception("homeassistant.beside_failed")


@asynccontextmanager
async def _following(mqtt: "MqttLink", household: "Household") -> AsyncIterator[None]:
    """What both ways tell is shown by the other one as soon as the broker is lost, and until it is back."""
    from edge.mqtt.link import LinkState

    async def follow() -> None:
        while True:
            await mqtt.reached(LinkState.LOST, LinkState.REFUSED)
            household.show_merged()
            await mqtt.reached(LinkState.CONNECTED)
            household.show_merged()

    task = asyncio.create_task(follow(), name="homeassistant-ways")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
