"""What playing a scene comes to: calls on devices, now and later; pure."""

from collections.abc import Iterator
from dataclasses import replace

from edge.devices.critical import is_critical
from edge.devices.model import ServiceCall
from edge.devices.registry import Registry
from edge.devices.undo import restore
from edge.router.model import Call
from edge.schedule.scenes.model import Scene

APPLY = "scene.apply"
"""One service of one device, as a scene has it set."""


def calls_of(scene: Scene, registry: Registry) -> tuple[Call, ...]:
    """What is to be called so that everything is as the scene has it: nothing for what is so already.

    Steps that let somebody in are there as anybody's orders would be: they ask first.
    """
    return (*_states(scene, registry), *_steps(scene))


def described(scene: Scene) -> bool:
    """Whether it is made of states alone, and so has no orders to be told of."""
    return not scene.steps


def _states(scene: Scene, registry: Registry) -> Iterator[Call]:
    for device_id, wanted in scene.states.items():
        device = registry.devices.get(device_id)
        if device is None:
            continue
        for call in restore(device, wanted, registry.state(device_id)):
            if not is_critical(device, call):
                yield _applied(call)


def _applied(call: ServiceCall) -> Call:
    return Call(APPLY, {"service": call.service, **call.data}, (call.device,))


def _steps(scene: Scene) -> Iterator[Call]:
    for step in scene.steps:
        if not step.call:
            continue
        call = Call.from_json({"arguments": {}, "targets": [], **step.call})
        arguments = dict(call.arguments)
        if step.delay_s:
            arguments["after"] = step.delay_s
        if step.for_s:
            arguments["duration"] = step.for_s
        yield replace(call, arguments=arguments, confirm=False)
