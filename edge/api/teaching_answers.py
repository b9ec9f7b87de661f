"""What the control socket teaches the router, and forgets."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from edge.api.control import Answer, Request
from edge.api.wire import ControlError
from edge.devices.registry import Registry
from edge.router.teacher import Change, Teacher
from edge.router.teaching import Order
from edge.router.teaching.lessons import action_from, as_json


def teaching_answers(given: Teacher | None, registry: Registry) -> dict[str, Answer]:
    """By the request's `do`.

    `taught`: {"functions": [...], "corrections": [...]}. `teach` {name, examples, publish? or call?, arguments?},
    `correct` {sentence, call, arguments?}, `forget` {name}: {"warnings": [...]}; what they say is used from then on,
    and kept.
    """
    if given is None:
        return dict.fromkeys(("taught", "teach", "correct", "forget"), _refuse)
    teacher, one_at_a_time = given, asyncio.Lock()

    async def taught(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
        return as_json(teacher.notebook)

    async def teach(request: Request) -> Mapping[str, Any]:
        action = action_from("teach", request.arguments)
        examples = request.arguments.get("examples")
        if not isinstance(examples, list) or not all(isinstance(example, str) for example in examples):
            raise ControlError("`examples`: expected a list of texts")
        return await settle(lambda: teacher.teach(request.text("name"), examples, action, registry))

    async def correct(request: Request) -> Mapping[str, Any]:
        meant = action_from("correct", request.arguments)
        if not isinstance(meant, Order):
            raise ControlError("`call`: expected the function that the sentence means, or chat")
        return await settle(lambda: teacher.correct(request.text("sentence"), meant, registry))

    async def forget(request: Request) -> Mapping[str, Any]:
        return await settle(lambda: teacher.forget(request.text("name")))

    async def settle(make: Callable[[], Change]) -> Mapping[str, Any]:
        async with one_at_a_time:
            await asyncio.to_thread(teacher.prepare)
            change = make()
            await asyncio.to_thread(teacher.keep, change)
            teacher.adopt(change)
        return {"warnings": list(change.warnings)}

    return {"taught": taught, "teach": teach, "correct": correct, "forget": forget}


async def _refuse(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
    raise ControlError("this service can't be taught anything now: the problems in `edge status` say why")
