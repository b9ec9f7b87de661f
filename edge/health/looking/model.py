"""The language model that is meant, with its file's header, for the checks of its file, its memory and its answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.errors import EdgeError
from edge.health.ground import Ground

if TYPE_CHECKING:
    from edge.models import StoredModel
    from edge.models.gguf import GgufHeader
    from edge.tuning.hardware import Hardware


@dataclass(frozen=True, slots=True)
class Meant:
    """The model in use, or why there is none that can be used."""

    model: "StoredModel"
    header: "GgufHeader | None" = None
    trouble: str = ""


async def meant(ground: Ground) -> Meant | None:
    """None where no model is wanted, or none is there. Raises `EdgeError` where the store can't be read."""
    found: Meant | None = await ground.once("model", lambda: ground.aside(_meant, ground))
    return found


async def hardware(ground: Ground) -> "Hardware":
    """This machine, or what lies below the root that is looked at."""
    from edge.tuning import probe

    found: Hardware = await ground.once("hardware", lambda: ground.aside(probe, ground.root))
    return found


def _meant(ground: Ground) -> Meant | None:
    from edge.models import ModelStore

    settings = ground.loaded.settings.llm
    if not settings.enabled:
        return None
    store = ModelStore(ground.loaded.places.models)
    model = store.chosen(settings.model)
    if model is None:
        return None
    try:
        checked = store.verify(model) if ground.deep and model.sha256 else store.check(model)
        return Meant(checked, store.header(checked))
    except EdgeError as error:
        return Meant(model, trouble=str(error))
