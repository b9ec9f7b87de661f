"""Tries a broker or a Home Assistant out before it is set: one connection each, made for this alone."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from edge.settings.homeassistant import HomeAssistantSettings
    from edge.settings.mqtt import MqttSettings

BROKER_S: Final = 6.0
HOME_S: Final = 12.0


async def try_broker(mqtt: "MqttSettings", node: str) -> dict[str, Any]:
    """`ok`, else what is wrong and what to do; under a name of its own, so that nobody is thrown out."""
    from edge.mqtt.access import configured_endpoint
    from edge.mqtt.link import Link, LinkState

    end = replace(configured_endpoint(mqtt), session_s=0)
    async with Link(end, client_id=f"edge-{node}-try", resume=False) as link:
        state = link.state
        try:
            async with asyncio.timeout(BROKER_S):
                state = await link.reached(LinkState.CONNECTED, LinkState.REFUSED, LinkState.LOST)
                if state is LinkState.LOST and link.speaks_5:  # it may be an old one, which is tried once more
                    state = await link.reached(LinkState.CONNECTED, LinkState.REFUSED)
        except TimeoutError:
            state = link.state
        if state is LinkState.CONNECTED:
            return {"ok": True, "text": f"Connected to {end}.", "remedy": ""}
        diagnosis = link.diagnosis
        text = diagnosis.text if diagnosis else f"{end} does not answer"
        return {"ok": False, "text": text, "remedy": diagnosis.remedy if diagnosis else "is it running, and reachable?"}


async def try_home_assistant(settings: "HomeAssistantSettings") -> dict[str, Any]:
    """The same for Home Assistant, with its version."""
    from edge.homeassistant import Access, Link, LinkState
    from edge.homeassistant.session import Session

    settled = asyncio.Event()

    async def live(session: Session) -> None:
        settled.set()
        await session.keep_alive()

    access = Access(settings.url or "", settings.token_file, settings.token, settings.verify_tls, settings.ca_file)
    async with Link(access, live) as link:
        try:
            async with asyncio.timeout(HOME_S):
                while link.state is LinkState.CONNECTING and not settled.is_set():  # noqa: ASYNC110 (it is one try)
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pass
        if settled.is_set():
            return {"ok": True, "text": f"Home Assistant {link.version} lets us in.", "remedy": ""}
        return {"ok": False, "text": link.trouble or f"{access.url} does not answer", "remedy": ""}
