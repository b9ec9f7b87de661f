"""What the service answers on its control socket."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edge.api.alarm_answers import alarm_answers
from edge.api.answers import answers
from edge.api.control import Request
from edge.api.memory_answers import memory_answers
from edge.api.people_answers import people_answers
from edge.api.rule_answers import rule_answers
from edge.api.scene_answers import scene_answers
from edge.api.teaching_answers import teaching_answers
from edge.api.voice_answers import voice_answers
from edge.service.doctor import doctor_answers
from edge.service.tracing import trace_answers

if TYPE_CHECKING:
    from edge.service.service import Service


def service_answers(service: "Service") -> dict[str, Any]:
    async def status(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
        return await asyncio.to_thread(service.status)

    async def aside(request: Request) -> Mapping[str, Any]:
        """The model stands aside until the client hangs up; one piece says that it does."""
        async with service.model.aside("The language model is being tuned: ask again in a minute."):
            await request.send({"aside": True})
            await asyncio.Event().wait()
        return {}

    async def history_flush(request: Request) -> Mapping[str, Any]:  # noqa: ARG001
        """Everything that sensors said up to now is in the file."""
        if service.history is not None:
            await service.history.flush()
        return {"path": str(service.history.file) if service.history else None}

    watched = service.watched
    alarms = alarm_answers(watched.book if watched else None, watched.keeper if watched else None, service.registry)
    taught = teaching_answers(service.teacher, service.registry)
    ours = {"status": status, "aside": aside, "history_flush": history_flush} | alarms | voice_answers(service.voice)
    if service.rules is not None:
        ours |= rule_answers(service.rules, service.registry)
    if service.doctor is not None:
        ours |= doctor_answers(service.doctor)
    if service.people is not None:
        ours |= people_answers(service.people)
    if service.remembered is not None:
        ours |= memory_answers(service.remembered)
    if service.staged is not None:
        ours |= scene_answers(service.staged, service.assistant)
    if service.traces is not None:
        ours |= trace_answers(service.traces)
    return answers(service.assistant, service.registry, service.schedule) | taught | ours
