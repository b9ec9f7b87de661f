"""Has the running service's language model stand aside, so that memory and cores are the command's own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from edge.api.wire import ControlClient, NotRunningError
from edge.settings import Places, control_sockets

PATIENCE_S = 120.0
"""How long the end of an answer is waited for."""


@contextmanager
def service_aside(where: Places) -> Iterator[None]:
    """The service has no model loaded for the length of the block, and loads it again afterwards, as is best by then.

    Where none runs, or it is another user's, nothing happens. Raises `ControlError` where it stands aside already.
    """
    with ExitStack() as stack:
        with suppress(NotRunningError):
            client = stack.enter_context(ControlClient(*control_sockets(where), timeout_s=PATIENCE_S))
            next(client.pieces("aside"))
        yield
