"""Carries out the functions `scenes.…`: made by example or out of orders, listed, told, renamed, deleted."""

import re
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.assistant.calls import for_devices
from edge.assistant.later import Later
from edge.assistant.model import ReplySource, Utterance
from edge.assistant.naming import common_place, device_name, names, plural
from edge.assistant.phrases import count, counted, joined, sentence
from edge.assistant.scenekeeping.capturing import captured, wanted
from edge.assistant.scenekeeping.orders import Route, read_steps
from edge.assistant.scenekeeping.playing import calls_of
from edge.assistant.told import Told, Undo
from edge.assistant.wording import condition
from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens
from edge.router.model import Call, Decision, Routing
from edge.schedule.clock import Clock
from edge.schedule.rules.model import Action
from edge.schedule.scenes.book import slug
from edge.schedule.scenes.keeping import Scenes
from edge.schedule.scenes.model import PREFIX, Scene
from edge.schedule.words import span

CONFIRMED: Final = "confirmed"
_BY_NAME: Final = 4
_READ: Final = 10
_DRAFTS: Final = 16
_PLAYS: Final = ("scene.turn_on", "scenes.play", "script.turn_on")


class SceneKeeper:
    """Keeps the scenes in their file, and the registry up to them."""

    source = ReplySource.DIALOGUE

    def __init__(self, scenes: Scenes, registry: Registry, clock: Clock, route: Route, later: Later) -> None:
        self._scenes = scenes
        self._registry = registry
        self._clock = clock
        self._route = route
        self._later = later
        self._last: tuple[tuple[str, str, str], str, float] | None = None
        """Who made, renamed or played which scene last, and when."""
        self._drafts: OrderedDict[str, Scene] = OrderedDict()

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it and say so, or ask first. Raises `ScheduleError` where it can't be kept."""
        match call.function:
            case "scenes.save":
                return await self._save(call, utterance)
            case "scenes.define":
                return await self._define(call, utterance)
            case "scenes.list":
                return Told(self._list())
            case "scenes.show":
                return Told(self._show(call))
            case "scenes.delete":
                return await self._delete(call)
            case "scenes.add" | "scenes.leave_out":
                return await self._changed(call)
            case "scenes.rename":
                return await self._rename(call, utterance)
            case _:
                return Told("There is no such scene any more.")

    def read(self, routing: Routing, utterance: Utterance) -> Routing:
        """ "Rename it wind down" is about the scene that the same person made or renamed just now."""
        found = _IT.match(utterance.text.strip(" .!"))
        ours = any(call.function.startswith("scenes.") for call in routing.calls)
        if found is None or ours or self._last is None or self._last[0] != _speaker(utterance):
            return routing
        key, late = self._last[1], self._clock.boot_s() - self._last[2] > _LATELY_S
        name, deletes = (found["name"] or "").strip(), found["verb"].lower() == "delete"
        if late or key not in self._scenes.scenes or deletes is bool(name):
            return routing
        call = Call("scenes.delete" if deletes else "scenes.rename", {"id": key, "called": name})
        return replace(routing, decision=Decision.ACT, calls=(call,), question=None, candidates=())

    def played(self, utterance: Utterance, scene: Scene) -> None:
        """It is what was spoken of last."""
        self._note(utterance, scene)

    def _note(self, utterance: Utterance, scene: Scene) -> None:
        self._last = _speaker(utterance), scene.key, self._clock.boot_s()

    # Making --------------------------------------------------------------------------------------------------------

    async def _save(self, call: Call, utterance: Utterance) -> Told:
        name = str(call.arguments.get("called", "")).strip()
        of = str(call.arguments.get("of") or (_HOUSE.search(utterance.text) or [""])[0])
        what = wanted(of, self._registry, utterance.area)
        if what is None:
            return Told(f"I don't know what “{of}” is here. Which room do you mean?")
        if not what.areas and not what.whole:
            return Told("For which room, or for the whole house?", lacks=True)
        before = self._scenes.named(name)
        if problem := self._taken(name, utterance):
            return Told(problem)
        states = captured(what.devices(self._registry), self._registry)
        if not states:
            return Told("There is nothing in that room that a scene can be made of." if not what.whole else _NOTHING)
        if before is not None and CONFIRMED not in call.arguments:
            then = replace(call, arguments={**call.arguments, CONFIRMED: True})
            return Told(f"There is a scene called {before.name} already. Shall I replace it?", then=(then,))
        if CONFIRMED not in call.arguments and (means := self._means(name, utterance)):
            then = replace(call, arguments={**call.arguments, CONFIRMED: True})
            return Told(f"{means}Shall I call the scene that all the same?", then=(then,))
        area = next(iter(what.areas)) if len(what.areas) == 1 else None
        key = before.key if before is not None else self._free(name)
        scene = Scene(key, name, states, (), area, utterance.text, _by(utterance), self._clock.now().timestamp())
        kept = await self._scenes.put(scene)
        self._note(utterance, kept)
        return Told(sentence(f"saved as {name}: {self._states_said(kept)}"), self._way_back(kept, before))

    async def _define(self, call: Call, utterance: Utterance) -> Told:
        draft = self._drafts.pop(str(call.arguments.get("draft", "")), None)
        if draft is not None:
            before = self._scenes.scenes.get(draft.key)
            kept = await self._scenes.put(draft)
            self._note(utterance, kept)
            text = f"All right: say “{draft.name}”, and I'll do that."
            return Told(text, self._way_back(kept, before))
        if CONFIRMED in call.arguments:
            return Told("I'm sorry, I lost track of that. Please say it again in full.")
        name, orders = str(call.arguments.get("called", "")).strip(), str(call.arguments.get("orders", ""))
        if problem := self._taken(name, utterance):
            return Told(problem)
        read = read_steps(orders, utterance.area, self._route)
        if read.problem:
            return Told(read.problem)
        before = self._scenes.named(name)
        key, now_s = before.key if before is not None else self._free(name), self._clock.now().timestamp()
        scene = Scene(key, name, {}, read.steps, utterance.area, utterance.text, _by(utterance), now_s)
        token = secrets.token_hex(4)
        self._drafts[token] = scene
        while len(self._drafts) > _DRAFTS:
            self._drafts.popitem(last=False)
        instead = f" That takes the place of the {before.name} there is." if before is not None else ""
        then = Call(call.function, {"draft": token, CONFIRMED: True})
        means = self._means(name, utterance) if before is None else ""
        said = f"When you say “{name}”, I {self._steps_said(scene)}."
        return Told(f"{means}{said}{instead} Shall I keep that?", then=(then,))

    def _taken(self, name: str, utterance: Utterance) -> str:
        """Why nothing can be called that: it means something else already; empty where it can."""
        said = tokens(name)
        if not said:
            return "What shall it be called?"
        if _COMMANDS.issuperset(said):
            return f"“{name}” is an order: choose another name."
        registry = self._registry
        others = [one for one in registry.device_names.exact(said) if not one.startswith(PREFIX)]
        if others:
            device = registry.devices[others[0]]
            what = (
                "a scene of your other devices"
                if device.domain in ("scene", "script")
                else device_name(device, registry)
            )
            return f"{name[:1].upper()}{name[1:]} is the name of {what} already: choose another one."
        if registry.area_names.exact(said) or registry.floor_names.exact(said):
            return f"{name[:1].upper()}{name[1:]} is a place here: choose another name."
        if self._route(name, utterance.area).decision is Decision.QUERY:
            return f"“{name}” is a question that I answer: choose another name."
        return ""

    def _means(self, name: str, utterance: Utterance) -> str:
        """That the name is an order by itself, to be told before it means something else; empty where it is none."""
        routing = self._route(name, utterance.area)
        orders = [call for call in routing.calls if call.function not in _PLAYS]
        if routing.decision not in (Decision.ACT, Decision.CLARIFY) or not orders:
            return ""
        return f"“{name}” is an order to me by itself, which it would not be any more. "

    def _free(self, name: str) -> str:
        taken = dict.fromkeys(one.removeprefix(PREFIX) for one in self._registry.devices if one.startswith(PREFIX))
        return slug(name, {**taken, **self._scenes.scenes})

    def _way_back(self, kept: Scene, before: Scene | None) -> Undo:
        async def undo() -> str:
            if before is None:
                await self._scenes.remove(kept.key)
                return sentence(f"{kept.name} is gone again")
            await self._scenes.put(before)
            return sentence(f"{before.name} is as it was before")

        return undo

    # What there is -------------------------------------------------------------------------------------------------

    def _list(self) -> str:
        ours = list(self._scenes.scenes.values())
        others = [
            one for one in self._registry.devices.values() if one.domain == "scene" and not one.id.startswith(PREFIX)
        ]
        if not ours and not others:
            return "There are no scenes yet: set a room up, and say “save this as” with a name."
        names = [*(one.name for one in ours), *(one.name for one in others)]
        read = [*names[:_READ], *([f"{count(len(names) - _READ)} more"] if len(names) > _READ else [])]
        return sentence(f"there {'is' if len(names) == 1 else 'are'} {joined(read)}")

    def _show(self, call: Call) -> str:
        scene = self._meant(call)
        if scene is None:
            return "I don't know what is in that scene: it was not made here."
        return self.said(scene)

    def said(self, scene: Scene) -> str:
        """What a scene does, as a sentence."""
        told = [
            *([self._states_said(scene)] if scene.states else []),
            *([self._steps_said(scene)] if scene.steps else []),
        ]
        lead = "" if scene.states else "I "
        return sentence(f"{scene.name}: {lead}{'; then I '.join(told)}")

    def _states_said(self, scene: Scene) -> str:
        known = [self._registry.devices[one] for one in scene.states if one in self._registry.devices]
        if len(known) > _BY_NAME:
            return f"{counted(len(scene.states), 'device', 'devices')}{common_place(known, self._registry)}"
        if not known:
            return counted(len(scene.states), "device", "devices")
        return joined([self._state_said(one, scene.states[one.id]) for one in known])

    def _state_said(self, device: Device, state: DeviceState) -> str:
        said = condition(device, state).replace("{is}", "are" if plural(device.name) else "is")
        level = state.attributes.get("brightness")
        at = (
            f" at {max(1, round(level / 2.55))} percent"
            if isinstance(level, int | float) and state.state == "on"
            else ""
        )
        return f"{device_name(device, self._registry)} {said}{at}"

    def _steps_said(self, scene: Scene) -> str:
        return joined([self._step_said(step) for step in scene.steps])

    def _step_said(self, step: Action) -> str:
        call = Call.from_json({"arguments": {}, "targets": [], **step.call})
        said = self._later.order(call) if for_devices(call) else _spoken(call)
        lasts = f" for {span(step.for_s)}" if step.for_s else ""
        return f"{said}{lasts}{f' after {span(step.delay_s)}' if step.delay_s else ''}"

    # Changing ------------------------------------------------------------------------------------------------------

    def _meant(self, call: Call) -> Scene | None:
        for target in call.targets:
            if (scene := self._scenes.of_device(target)) is not None:
                return scene
        about = call.arguments.get("about") or call.arguments.get("id")
        return self._scenes.named(str(about)) if about else None

    async def _changed(self, call: Call) -> Told:
        """With other devices, or without some."""
        scene = self._meant(call)
        found = (self._registry.devices.get(one) for one in call.targets if not one.startswith(PREFIX))
        devices = [one for one in found if one is not None]
        if scene is None or not devices:
            return Told("There is no such scene here.")
        leaves = call.function == "scenes.leave_out"
        changed = self._without(scene, devices) if leaves else self._with(scene, devices)
        if isinstance(changed, str):
            return Told(changed)
        await self._scenes.put(replace(scene, states=changed[0]))

        async def undo() -> str:
            await self._scenes.put(scene)
            return sentence(f"{scene.name} is as it was before")

        return Told(sentence(changed[1]), undo)

    def _without(self, scene: Scene, devices: Sequence[Device]) -> str | tuple[dict[str, DeviceState], str]:
        who = names(devices, self._registry)
        kept = {key: one for key, one in scene.states.items() if key not in {device.id for device in devices}}
        if len(kept) == len(scene.states):
            return sentence(f"{who} was not in {scene.name}")
        if not kept and not scene.steps:
            return f"Nothing would be left of {scene.name}: say “delete {scene.name}” if you want that."
        return kept, f"{who} is not in {scene.name} any more"

    def _with(self, scene: Scene, devices: Sequence[Device]) -> str | tuple[dict[str, DeviceState], str]:
        """As they are now; nobody adds a lamp so that it stays off."""
        added = captured(devices, self._registry)
        added |= {one.id: DeviceState("on") for one in devices if one.domain == "light" and _is_off(added, one.id)}
        if not added:
            return sentence(f"{names(devices, self._registry)} can't be a part of a scene")
        said = joined([self._state_said(self._registry.devices[key], state) for key, state in added.items()])
        return {**scene.states, **added}, f"in {scene.name} {said} now"

    async def _delete(self, call: Call) -> Told:
        scene = self._meant(call)
        if scene is None:
            return Told("There is no such scene here." if self._scenes.scenes else "There are no scenes.")
        await self._scenes.remove(scene.key)

        async def undo() -> str:
            await self._scenes.put(scene)
            return sentence(f"{scene.name} is back")

        return Told(sentence(f"{scene.name} is deleted"), undo)

    async def _rename(self, call: Call, utterance: Utterance) -> Told:
        scene, name = self._meant(call), str(call.arguments.get("called", "")).strip()
        if scene is None:
            return Told("There is no such scene here.")
        other = self._scenes.named(name)
        if other is not None and other.key != scene.key:
            return Told(f"There is a scene called {other.name} already: choose another name.")
        if tokens(name) != tokens(scene.name) and (problem := self._taken(name, utterance)):
            return Told(problem)
        await self._scenes.put(replace(scene, name=name))
        self._note(utterance, scene)

        async def undo() -> str:
            await self._scenes.put(scene)
            return sentence(f"it is called {scene.name} again")

        return Told(sentence(f"{scene.name} is called {name} now"), undo)

    def calls(self, scene: Scene) -> tuple[Call, ...]:
        """What playing it comes to now."""
        return calls_of(scene, self._registry)


def _spoken(call: Call) -> str:
    """What the assistant does itself, said."""
    message = call.arguments.get("message") or call.arguments.get("item") or call.arguments.get("name")
    verb = call.function.partition(".")[2].replace("_", " ")
    return f"{'say' if call.function == 'assistant.broadcast' else verb} {f'“{message}”' if message else ''}".strip()


def _speaker(utterance: Utterance) -> tuple[str, str, str]:
    return utterance.source.value, utterance.origin, utterance.area or ""


def _is_off(states: dict[str, DeviceState], device: str) -> bool:
    return device in states and states[device].state == "off"


def _by(utterance: Utterance) -> str:
    return " ".join(part for part in (utterance.source.value, utterance.origin) if part)


_COMMANDS: Final = listed(
    "turn, switch, on, off, up, down, open, close, stop, start, lock, unlock, set, play, pause, undo"
)
_HOUSE: Final = re.compile(r"\b(?:whole|entire) (?:house|home|flat)\b|\bthe house\b", re.IGNORECASE)
_IT: Final = re.compile(
    r"^(?:please |no,? |actually,? )*(?P<verb>rename|call|delete) (?:it|this|that)(?: scene| routine)?"
    r"(?: (?:to |as |into )?(?P<name>.+?)(?: instead| please)?)?$",
    re.IGNORECASE,
)
_LATELY_S: Final = 900.0
_NOTHING: Final = "There is nothing in the house that a scene can be made of."
