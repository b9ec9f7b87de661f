"""What `edge doctor` looks at of the MQTT broker: as the running service has it, or by a try of its own."""

import asyncio
from dataclasses import replace
from typing import Any, Final

from edge.api.wire import ControlClient, NotRunningError
from edge.health.checks.broker import BrokerFacts
from edge.settings import Loaded, control_sockets

_TRY_S: Final = 6.0
_PATIENCE_S: Final = 10.0


def broker_facts(loaded: Loaded) -> BrokerFacts | None:
    """None where there is nothing to look at: no service runs, and the broker would be one of its own."""
    from edge.mqtt.access import doubts

    mqtt = loaded.settings.mqtt
    found = tuple(doubts(mqtt)) if mqtt.broker is not None else ()
    try:
        with ControlClient(*control_sockets(loaded.places), timeout_s=_PATIENCE_S) as client:
            return _told(client.call("status"), found)
    except NotRunningError:
        return asyncio.run(_tried(loaded, found)) if mqtt.broker is not None else None


def _told(status: dict[str, Any], doubts: tuple[str, ...]) -> BrokerFacts:
    broker, more = status["broker"], status.get("mqtt", {})
    return BrokerFacts(
        where=f"{broker.get('host', '?')}:{broker.get('port', '?')}",
        connected=broker["state"] == "connected",
        supervised=bool(broker.get("supervised")),
        protocol=str(more.get("protocol", "5")),
        tls=bool(more.get("tls")),
        text=str(more.get("text") or broker.get("trouble") or ""),
        remedy=str(more.get("remedy") or ""),
        not_allowed=dict(more.get("not_allowed", {})),
        dropped=int(more.get("dropped", 0)),
        doubts=doubts,
        devices=int(status["devices"]),
    )


async def _tried(loaded: Loaded, doubts: tuple[str, ...]) -> BrokerFacts:
    """Under a name of its own, so that a service elsewhere is not thrown out."""
    from edge.mqtt.access import configured_endpoint
    from edge.mqtt.link import Link, LinkState

    end = replace(configured_endpoint(loaded.settings.mqtt), session_s=0)
    async with Link(end, client_id=f"edge-{loaded.settings.node}-doctor", resume=False) as link:
        try:
            async with asyncio.timeout(_TRY_S):
                state = await link.reached(LinkState.CONNECTED, LinkState.REFUSED, LinkState.LOST)
                if state is LinkState.LOST and link.speaks_5:  # it may be an old one, which is tried once more
                    state = await link.reached(LinkState.CONNECTED, LinkState.REFUSED)
        except TimeoutError:
            state = link.state
        diagnosis = link.diagnosis
        return BrokerFacts(
            where=str(end),
            connected=state is LinkState.CONNECTED,
            protocol="5" if link.speaks_5 else "3.1.1",
            tls=end.tls is not None,
            text=diagnosis.text if diagnosis and state is not LinkState.CONNECTED else "",
            remedy=diagnosis.remedy if diagnosis else "",
            not_allowed=dict(link.refusals),
            doubts=doubts,
        )
