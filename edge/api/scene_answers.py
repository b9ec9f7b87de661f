"""What the control socket tells of scenes and routines; playing, saving and deleting them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edge.api.control import Answer, Request
from edge.api.wire import ControlError
from edge.assistant.assistant import Assistant
from edge.assistant.model import Source, Utterance
from edge.assistant.scenekeeping.staged import Staged
from edge.router.model import Call, Decision, Routing

if TYPE_CHECKING:
    from edge.schedule.scenes.model import Scene


def scene_answers(staged: Staged, assistant: Assistant) -> dict[str, Answer]:
    """By the request's `do`; a scene is {"id", "device", "text", "name", and the other keys of the file}.

    `scenes`: {"file", "problems", "scenes": [scene]}. `scene` {id} (or its name): the scene. `scene_play` {id}: the
    reply as of `ask`. `scene_save` {name, area?, whole?, replace?}, of an area (by its id or name) or of the whole
    house: {"text", "scene": scene or null}. `scene_delete` {id}: the scene.
    """

    async def every(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
        return {
            "file": str(staged.file),
            "problems": list(staged.problems),
            "scenes": [await facts(one) for one in staged.now],
        }

    async def one(request: Request) -> Mapping[str, Any]:
        return await facts(found(request))

    async def play(request: Request) -> Mapping[str, Any]:
        scene = found(request)
        call = Call("scene.turn_on", {"name": scene.name}, (scene.id,))
        reading = Routing(scene.name, Decision.ACT, (call,), 1.0)
        reply = await assistant.ask(_said(request, scene.name, reading))
        return reply.to_json() | {"listen": reply.listen}

    async def save(request: Request) -> Mapping[str, Any]:
        name, area = request.text("name"), request.text_or_none("area")
        whole = request.text_or_none("whole") is not None
        of = "the whole house" if whole else area or ""
        arguments = {"called": name, "of": of} | ({"confirmed": True} if request.text_or_none("replace") else {})
        keeper = await staged.keeper()
        told = await keeper.tell(Call("scenes.save", arguments), _said(request, f"save {of} as {name}"))
        if told.undo is None:
            raise ControlError(told.text)
        made = (await staged.scenes()).named(name)
        return {"text": told.text, "scene": await facts(made) if made is not None else None}

    async def delete(request: Request) -> Mapping[str, Any]:
        scene = found(request)
        told = await facts(scene)
        await (await staged.scenes()).remove(scene.key)
        return told

    async def facts(scene: "Scene") -> dict[str, Any]:
        from edge.schedule.scenes.book import plain

        keeper = await staged.keeper()
        return {"id": scene.key, "device": scene.id, "text": keeper.said(scene), **plain(scene)}

    def found(request: Request) -> "Scene":
        wanted = request.text("id")
        scene = next((one for one in staged.now if one.key == wanted), None) or next(
            (one for one in staged.now if one.name.casefold() == wanted.casefold()), None
        )
        if scene is None:
            raise ControlError(f"no scene is called {wanted}: `edge scenes` shows what there is")
        return scene

    return {"scenes": every, "scene": one, "scene_play": play, "scene_save": save, "scene_delete": delete}


def _said(request: Request, text: str, reading: Routing | None = None) -> Utterance:
    return Utterance(text, Source.CLI, origin=f"uid {request.uid}", authenticated=True, reading=reading)
