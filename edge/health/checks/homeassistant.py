"""Whether Home Assistant is reached, and lets us have what is exposed."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

from edge.health.facts import HomeAssistantFacts
from edge.health.finding import Finding, Fix, fine, note, problem
from edge.health.ground import Ground
from edge.health.patience import within
from edge.settings.secrets import open_to

_NAME: Final = "homeassistant"


PATIENCE_S: Final = 4.2
_TRY_S: Final = 4.0


async def look(ground: Ground) -> HomeAssistantFacts | None:
    """The running service's link, else one try; None where no address is set, or the link is switched off."""
    settings = ground.loaded.settings.homeassistant
    if not settings.enabled or settings.url is None:
        return None
    told = ground.told("homeassistant") or await _tried(ground)
    file = settings.token_file
    return HomeAssistantFacts(
        url=settings.url,
        version=str(told.get("version") or ""),
        trouble=str(told.get("trouble") or ""),
        notice=str(told.get("notice") or ""),
        entities=told.get("entities"),
        with_mqtt=told.get("with_mqtt", 0),
        token_file=str(file or ""),
        token_open_to=(await ground.aside(open_to, file) or "") if file is not None else "",
    )


async def _tried(ground: Ground) -> Mapping[str, Any]:
    """How a connection ends that is made for this alone."""
    from edge.homeassistant import Access, Link, LinkState
    from edge.homeassistant.session import Session

    settings = ground.loaded.settings.homeassistant
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

            async def known() -> None:
                while link.state is LinkState.CONNECTING and not settled.is_set():  # noqa: ASYNC110 (it is one try)
                    await asyncio.sleep(0.05)

            try:
                await within(_TRY_S, known())
            except TimeoutError:
                return {"trouble": f"{access.url} does not answer: is Home Assistant running?"}
            return {"version": link.version, "trouble": link.trouble}
    finally:
        quiet.setLevel(before)


def check(facts: HomeAssistantFacts) -> Iterator[Finding]:
    """What keeps us out, or how much is there; then what is doubtful."""
    if facts.trouble:
        text, _, remedy = facts.trouble.rpartition(": ")
        yield problem(_NAME, text or facts.trouble, remedy if text else "see docs/home-assistant.md")
    elif facts.entities is None:
        yield fine(_NAME, f"{facts.url} lets us in, release {facts.version}")
    else:
        yield fine(
            _NAME, f"{facts.url}, release {facts.version}: {facts.entities} entities, {facts.with_mqtt} of MQTT's"
        )
    if facts.notice:
        text, _, remedy = facts.notice.rpartition(": ")
        yield note(_NAME, text or facts.notice, remedy if text else "see docs/home-assistant.md")
    if facts.token_open_to:
        fix = Fix("close_file", facts.token_file)
        what = f"{facts.token_open_to} may read {facts.token_file}"
        yield note(_NAME, what, f"chmod 600 {facts.token_file}", fix=fix)
    if facts.entities == 0 and not facts.trouble:
        yield note(
            _NAME,
            "nothing is taken from Home Assistant",
            "expose entities to assistants there (Settings, Voice assistants, Expose), or set exposed_only = false",
        )
