"""What was done before the last start, as the log of requests has it."""

import asyncio
from pathlib import Path

from edge.assistant.model import Performed
from edge.assistant.record import Record
from edge.devices.model import DeviceState, Outcome, ServiceCall
from edge.health.audit import AuditLog
from edge.service.rules import earlier_deeds


async def test_what_was_last_done_to_a_device_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "requests.sqlite"
    assert await asyncio.to_thread(earlier_deeds(file), "light.hall") == []
    lamp = ServiceCall("light.hall", "turn_on")
    state = DeviceState("on")
    async with AuditLog(file) as log:
        for number, (call, outcome) in enumerate(
            (
                (lamp, Outcome.DONE),
                (ServiceCall("light.hall", "turn_off"), Outcome.UNANSWERED),
                (ServiceCall("light.shed", "turn_off"), Outcome.DONE),
            )
        ):
            deeds = (Performed(call, outcome, state, state),)
            log.record(Record(number, 1000.0 + number, True, "a", "voice", "", "hall", text="on", deeds=deeds, ms=1.0))
    ((record, service),) = await asyncio.to_thread(earlier_deeds(file), "light.hall")
    assert (record.source, record.area, record.text, record.time_s, service) == (
        "voice",
        "hall",
        "on",
        1000.0,
        "turn_on",
    )
