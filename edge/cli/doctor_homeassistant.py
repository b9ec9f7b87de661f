"""What `edge doctor` looks at of Home Assistant: the running service's link where there is one, else one try."""

import asyncio
import logging
from typing import Any, Final

from edge.api.wire import ControlClient, ControlError
from edge.health.facts import HomeAssistantFacts
from edge.settings import Loaded, control_sockets
from edge.settings.secrets import open_to

_PATIENCE_S: Final = 5.0
_TRY_S: Final = 15.0


def homeassistant_facts(loaded: Loaded) -> HomeAssistantFacts | None:
    """None where no address is set, or the link is switched off."""
    settings = loaded.settings.homeassistant
    if not settings.enabled or settings.url is None:
        return None
    told = _told(loaded)
    told = asyncio.run(_tried(loaded)) if told is None else told
    file = settings.token_file
    return HomeAssistantFacts(
        url=settings.url,
        version=str(told.get("version") or ""),
        trouble=str(told.get("trouble") or ""),
        notice=str(told.get("notice") or ""),
        entities=told.get("entities"),
        with_mqtt=told.get("with_mqtt", 0),
        token_file=str(file or ""),
        token_open_to=(open_to(file) or "") if file is not None else "",
    )


def _told(loaded: Loaded) -> dict[str, Any] | None:
    """What a running service says of its link; None where none runs, or none with this setting."""
    try:
        with ControlClient(*control_sockets(loaded.places), timeout_s=_PATIENCE_S) as client:
            told: dict[str, Any] | None = client.call("status").get("homeassistant")
            return told
    except ControlError:
        return None


async def _tried(loaded: Loaded) -> dict[str, Any]:
    """How a connection ends that is made for this alone."""
    from edge.homeassistant import Access, Link, LinkState
    from edge.homeassistant.session import Session

    settings = loaded.settings.homeassistant
    settled = asyncio.Event()

    async def live(session: Session) -> None:
        settled.set()
        await session.keep_alive()

    quiet = logging.getLogger("edge.homeassistant")
    before = quiet.level
    quiet.setLevel(logging.CRITICAL)  # what it would say is told as a finding
    access = Access(settings.url or "", settings.token_file, settings.token, settings.verify_tls, settings.ca_file)
    try:
        async with Link(access, live) as link:
            try:
                async with asyncio.timeout(_TRY_S):
                    while link.state is LinkState.CONNECTING and not settled.is_set():  # noqa: ASYNC110 (it is one try)
                        await asyncio.sleep(0.05)
            except TimeoutError:
                return {"trouble": f"{access.url} does not answer: is Home Assistant running?"}
            return {"version": link.version, "trouble": link.trouble}
    finally:
        quiet.setLevel(before)
