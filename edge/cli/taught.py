"""What the router was taught: asked of the running service, or read and changed in its file where none runs."""

from collections.abc import Sequence
from typing import Any

from edge.api.wire import ControlClient, NotOursError, NotRunningError
from edge.router.teaching import book
from edge.router.teaching.lessons import Order, TeachingError, action_from, as_json
from edge.settings import control_sockets, load, places


def notebook() -> dict[str, Any]:
    """Everything that was taught, as `edge teach --list --json` prints it."""
    try:
        with ControlClient(*control_sockets(places())) as client:
            return client.call("taught")
    except NotOursError:
        raise
    except NotRunningError:
        return as_json(book.load(places().state / book.FILE))


def learn(do: str, **arguments: Any) -> Sequence[str]:
    """`teach`, `correct` or `forget`; gives the warnings. Raises `EdgeError`."""
    try:
        with ControlClient(*control_sockets(places())) as client:
            warnings: Sequence[str] = client.call(do, **arguments)["warnings"]
            return warnings
    except NotOursError:
        raise
    except NotRunningError:
        return _by_ourselves(do, arguments)


def _by_ourselves(do: str, arguments: dict[str, Any]) -> Sequence[str]:
    from edge.devices.registry import Registry
    from edge.router.router import Router
    from edge.router.teacher import Teacher

    loaded = load()
    teacher = Teacher(Router.load(), loaded.places.state, own_topics=loaded.settings.base)
    action = action_from(do, arguments)
    if do == "teach":
        change = teacher.teach(arguments["name"], arguments["examples"], action, Registry())
    elif do == "correct" and isinstance(action, Order):
        change = teacher.correct(arguments["sentence"], action, Registry())
    elif do == "forget":
        change = teacher.forget(arguments["name"])
    else:
        raise TeachingError(f"{do}: expected a function to call")
    teacher.keep(change)
    return change.warnings
